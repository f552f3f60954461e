import type { Layer } from '../layers/layer.ts';
import type { LayerAssembler } from '../layers/layer-assembler.ts';
import type { Lock } from '../lock/lock.ts';
import { planLayers } from '../plan/plan-layers.ts';
import type { ResolvedImage } from '../registry/client/resolved-image.ts';
import type { Rootfs } from '../rootfs/rootfs.ts';
import { runLimited } from '../threads/run-limited.ts';
import type { LaidDownEcosystem, LayerSourceRequest, PackagesLayer } from './ecosystem.ts';

export interface LaidDownOptions {
  readonly base: ResolvedImage;
  /** The content of the base and of what lies on it. */
  readonly rootfs: Rootfs;
  /** What lies on the base, lowest first. */
  readonly on: readonly Layer[];
  readonly assembler: LayerAssembler;
  readonly signal: AbortSignal;
}

/** As builds have it unless told otherwise, so that they find the layers made. */
const compression = 'zstd';
const layersAtOnce = 12;

/**
 * The layers that a lock's packages, all of one ecosystem, make on what lies below, lowest first: for those who need to see what an image
 * will show before there is one. Throws what the making of layers throws.
 */
export async function laidDownLayers(
  support: LaidDownEcosystem,
  lock: Lock,
  { base, rootfs, on, assembler, signal }: LaidDownOptions,
): Promise<readonly Layer[]> {
  const removals = support.removals(lock, { rootfs, config: base.config });
  const lowest =
    removals.length === 0 ? [] : [await assembler.assembleRemovals({ paths: removals, rootfs, compression })];
  const above = rootfs.with({ entries: new Map(), contents: new Map(), opaques: [], whiteouts: removals });
  const request: LayerSourceRequest = { lock, base, rootfs: above, noCache: false, signal };

  const below = [...on, ...lowest];
  const baseLayers = base.manifest.layers.length + below.length;
  const plans = planLayers({ packages: lock.packages, removals: [], baseLayers });
  const groups = plans.flatMap((plan) => (plan.kind === 'packages' ? [plan.packages] : []));
  const made = await runLimited(
    groups,
    { limit: layersAtOnce, signal },
    async (packages, signal): Promise<PackagesLayer> => {
      const sources = await Promise.all(packages.map((locked) => support.layerSource(locked, { ...request, signal })));
      const layer = await assembler.assemble({ sources, rootfs: above, compression, signal });
      return { packages, layer, title: packages.map(({ name }) => name).join(', ') };
    },
  );
  const finishing = { ...request, compression, made, below, broughtBelow: () => [], assembler } as const;
  const { layers } = await support.finisher(lock).finish(finishing);
  return [...lowest, ...layers.map(({ layer }) => layer)];
}
