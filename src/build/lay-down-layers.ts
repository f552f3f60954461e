import type { NamedLayer } from '../image/compose-image.ts';
import type { Layer } from '../layers/layer.ts';
import type { LayerSource } from '../layers/layer-source.ts';
import type { Lock, LockedPackage } from '../lock/lock.ts';
import type { Repository } from '../oci/reference.ts';
import type { LayerPlan } from '../plan/plan-layers.ts';
import type { Rootfs } from '../rootfs/rootfs.ts';
import type { LayerState } from './build-event.ts';
import type { BuildRequest, BuildTools } from './build-image.ts';
import { pushLayer } from './push-image.ts';
import { runLimited } from './run-limited.ts';
import type { Tally } from './tally.ts';

export interface LayDownContext extends Pick<BuildRequest, 'compression' | 'noCache' | 'signal' | 'onEvent'> {
  readonly lock: Lock;
  /** The base's content. */
  readonly rootfs: Rootfs;
  /** Where the layers go. */
  readonly repository: Repository;
  readonly tools: BuildTools;
  readonly tally: Tally;
}

/** Layers whose downloads and uploads are under way at once. Processors are shared out by the assembler. */
const layersAtOnce = 12;

/** Makes the planned layers, or takes them from the cache, and sees to it that the registry has them. Gives them in the plan's order. */
export async function layDownLayers(plans: readonly LayerPlan[], context: LayDownContext): Promise<NamedLayer[]> {
  const jobs = plans.map((plan, index) => ({ plan, index, title: titleOf(plan), bytes: downloadBytesOf(plan) }));
  context.onEvent({ type: 'planned', layers: jobs.map(({ title, bytes }) => ({ title, bytes })) });
  const rootfs = withoutRemovals(context.rootfs, plans);

  // The longest first: what is started last should end soon.
  const bySize = [...jobs].sort((a, b) => b.bytes - a.bytes);
  const named: NamedLayer[] = new Array(plans.length);
  await runLimited(bySize, { limit: layersAtOnce, signal: context.signal }, async ({ plan, index, title }, signal) => {
    const tell = (state: LayerState) => context.onEvent({ type: 'layer', layer: index, state });
    const layer = await makeLayer(
      plan,
      { ...context, signal, rootfs: plan.kind === 'removals' ? context.rootfs : rootfs },
      index,
    );
    tell(await pushLayer(layer, { ...context, signal }));
    named[index] = { layer, title };
  });
  context.tally.addedLayers = plans.length;
  return named;
}

async function makeLayer(plan: LayerPlan, context: LayDownContext, index: number): Promise<Layer> {
  const { tools, rootfs, compression, noCache, signal, onEvent } = context;
  if (plan.kind === 'removals') return tools.assembler.assembleRemovals({ paths: plan.paths, rootfs, compression });
  return tools.assembler.assemble({
    sources: plan.packages.map((locked) => sourceOf(locked, context)),
    rootfs,
    compression,
    noCache,
    signal,
    onEvent: (event) => {
      if (event.type === 'download') return onEvent({ type: 'download', layer: index, bytes: event.bytes });
      if (event.type === 'assembled') onEvent({ type: 'layer-size', layer: index, bytes: event.sizeBytes });
      onEvent({ type: 'layer', layer: index, state: event.type });
    },
  });
}

function sourceOf(locked: LockedPackage, { tools, lock }: LayDownContext): LayerSource {
  const support = tools.ecosystems.find((each) => each.resolver.ecosystem === locked.ecosystem);
  if (support === undefined) throw new Error(`no support for ${locked.ecosystem} packages was wired`);
  return support.layerSource(locked, lock);
}

/** What the package layers stand on: the base without what the removals layer takes away. */
function withoutRemovals(rootfs: Rootfs, plans: readonly LayerPlan[]): Rootfs {
  const whiteouts = plans.flatMap((plan) => (plan.kind === 'removals' ? plan.paths : []));
  if (whiteouts.length === 0) return rootfs;
  return rootfs.with({ entries: new Map(), whiteouts, opaques: [], contents: new Map() });
}

function titleOf(plan: LayerPlan): string {
  if (plan.kind === 'removals') return 'remove what is replaced';
  const names = plan.packages.map(({ name, version }) => `${name} ${version}`);
  const shown = names.length > 4 ? [...names.slice(0, 3), `${names.length - 3} more`] : names;
  return `${plan.packages[0]!.ecosystem}: ${shown.join(', ')}`;
}

function downloadBytesOf(plan: LayerPlan): number {
  return plan.kind === 'removals' ? 0 : plan.packages.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
