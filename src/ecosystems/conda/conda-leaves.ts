import { indexLayer } from '../../layers/index-layer.ts';
import type { LayerAssembler } from '../../layers/layer-assembler.ts';
import type { LockedConda } from '../../lock/lock.ts';
import type { ResolveRequest } from '../../lock/resolver.ts';
import type { LayerIndex } from '../../rootfs/layer-index.ts';
import type { Rootfs } from '../../rootfs/rootfs.ts';
import type { LockedEnvironment } from './locked-packages.ts';
import { createCondaSource } from './package/conda-source.ts';
import type { CondaStore } from './package/conda-store.ts';
import { removedRecords } from './removed-records.ts';

export interface LeavesTools {
  readonly assembler: LayerAssembler;
  readonly packages: CondaStore;
  readonly cacheDir: string;
}

/** As builds have it unless told otherwise. */
const compression = 'zstd';

/**
 * What the environment's Python and all that may hold distributions for it leave on the base. That is known for certain when they are
 * laid down, which the build would do in any case; it then finds the layers made.
 */
export async function condaLeaves(
  { packages, prefix }: LockedEnvironment,
  { rootfs, base, signal }: Pick<ResolveRequest, 'rootfs' | 'base' | 'signal'>,
  tools: LeavesTools,
): Promise<readonly LayerIndex[]> {
  const lock = {
    lockVersion: 1 as const,
    base: { reference: '', digest: base.digest, platform: '' },
    conda: prefix,
    packages,
  };
  const whiteouts = removedRecords(lock, rootfs);
  const removals: LayerIndex = { entries: new Map(), contents: new Map(), whiteouts, opaques: [] };
  const below = whiteouts.length === 0 ? rootfs : rootfs.with(removals);
  const indexes = await Promise.all(
    packages.filter(bringsPython).map((locked) => indexOf(locked, { ...tools, prefix, rootfs: below, signal })),
  );
  return [...(whiteouts.length === 0 ? [] : [removals]), ...indexes];
}

/** Only these change what pip finds. */
function bringsPython({ name, noarch, depends }: LockedConda): boolean {
  return (
    name === 'python' || noarch === 'python' || depends.some((spec) => /^python(?:_abi)?(?:[\s=<>!~[]|$)/.test(spec))
  );
}

interface IndexContext extends LeavesTools {
  readonly prefix: LockedEnvironment['prefix'];
  readonly rootfs: Rootfs;
  readonly signal: AbortSignal;
}

async function indexOf(
  locked: LockedConda,
  { assembler, packages, cacheDir, prefix, rootfs, signal }: IndexContext,
): Promise<LayerIndex> {
  const sources = [createCondaSource(locked, prefix, packages)];
  const layer = await assembler.assemble({ sources, rootfs, compression, signal });
  return indexLayer(layer, { cacheDir, signal });
}
