import { isBuilderError } from '../../errors.ts';
import type { LayerSource } from '../../layers/layer-source.ts';
import type { LockedPackage, LockedSdist, LockedWheel } from '../../lock/lock.ts';
import { installOrder } from '../../plan/install-order.ts';
import { findPython } from '../../rootfs/find-python.ts';
import { joinPath, nameOf, parentOf } from '../../rootfs/paths.ts';
import type { Rootfs } from '../../rootfs/rootfs.ts';
import { listed, type Sentence, say } from '../../sentence.ts';
import { type Clobber, findClobbers, type PackageContent, tellClobbers } from '../clobbers.ts';
import type { FinishedLayers, FinishRequest } from '../ecosystem.ts';
import { orderLayers } from '../order-layers.ts';
import { removeFromConda, takesFromConda } from './removed-distributions.ts';
import type { WheelContent } from './wheel-content.ts';

/*
 * What pip packages are to each other and to what lies below, once their layers are made:
 *
 *   what of conda's goes ─ layers of packages, winners above losers
 *
 * pip lets the package that is installed last win, and says nothing. So it is here, but it is told.
 */

export interface FinishTools {
  readonly cacheDir: string;
  readonly sourceOf: (locked: LockedPackage) => Promise<LayerSource>;
  readonly contentOf: (locked: LockedPackage) => Promise<WheelContent>;
}

interface Wheel extends PackageContent {
  readonly content: WheelContent;
}

/** Finishes pip's layers. Throws `lock-invalid`, and what downloads and packages throw. */
export async function finishWheels(request: FinishRequest, tools: FinishTools): Promise<FinishedLayers> {
  const { lock, made, rootfs } = request;
  const removed = takesFromConda(lock) ? await removeFromConda(request, tools) : undefined;
  const packages = installOrder(made.flatMap((each) => each.packages).filter(isPip));
  const wheels = await Promise.all(packages.map((locked) => wheelOf(locked, tools)));
  const clobbers = findClobbers(wheels).filter((each) => isHarmful(each, wheels));
  const layers = await orderLayers(request, { ...tools, clobbers, packages });
  const winners = new Map(wheels.flatMap(({ name, paths }) => paths.map((path) => [path, name] as const)));
  const stays = (path: string) => !removed?.paths.some((gone) => path === gone || path.startsWith(`${gone}/`));
  return {
    layers: [...(removed === undefined ? [] : [removed.layer]), ...layers],
    brought: () => wheels,
    notices: [
      ...tellClobbers(clobbers, wheelNotice),
      ...tellClobbers(takenFrom(request.broughtBelow(), winners, stays), condaNotice),
      ...takenFromBase(winners, rootfs, request),
    ],
  };
}

function isPip(locked: LockedPackage): locked is LockedWheel | LockedSdist {
  return locked.ecosystem === 'pip';
}

async function wheelOf(locked: LockedPackage, { contentOf }: FinishTools): Promise<Wheel> {
  const content = await contentOf(locked);
  return { name: locked.name, paths: [...content.keys()], content };
}

/** Many packages bring the same empty `tests/__init__.py`: where the content is the same, nothing is lost. */
function isHarmful({ path, winner, losers }: Clobber, wheels: readonly Wheel[]): boolean {
  const hashes = new Set(
    wheels.filter(({ name }) => name === winner || losers.includes(name)).map(({ content }) => content.get(path)),
  );
  return hashes.size > 1 || hashes.has('');
}

/** What of packages below stands at a path that a wheel brings, too. */
function takenFrom(
  below: readonly PackageContent[],
  winners: ReadonlyMap<string, string>,
  stays: (path: string) => boolean,
): readonly Clobber[] {
  return below.flatMap(({ name, paths }) =>
    paths
      .filter((path) => winners.has(path) && stays(path))
      .map((path) => ({ path, winner: winners.get(path)!, losers: [name] })),
  );
}

/** What of the base stands at a path that a wheel brings. */
function takenFromBase(
  winners: ReadonlyMap<string, string>,
  rootfs: Rootfs,
  { base }: Pick<FinishRequest, 'base'>,
): readonly Sentence[] {
  const directories = new Map<string, string | undefined>();
  const realPathOf = (path: string) => {
    const directory = parentOf(path);
    if (!directories.has(directory)) directories.set(directory, rootfs.realPath(directory));
    const real = directories.get(directory);
    return real === undefined ? path : joinPath(real, nameOf(path));
  };
  const taken = [...winners]
    .map(([path, winner]) => ({ path: realPathOf(path), winner }))
    .filter(({ path }) => (rootfs.entry(path)?.type ?? 'directory') !== 'directory');
  if (taken.length === 0) return [];
  const owners = distributionsByFile(() => findPython(rootfs, base.config).installed);
  return tellClobbers(
    taken.map(({ path, winner }) => ({ path, winner, losers: [owners.get(path) ?? ''] })),
    baseNotice,
  );
}

function distributionsByFile(
  installed: () => readonly { readonly name: string; readonly files?: readonly string[] }[],
): ReadonlyMap<string, string> {
  try {
    return new Map(installed().flatMap(({ name, files = [] }) => files.map((file) => [file, name] as const)));
  } catch (error) {
    // The Python may come with the conda packages alone.
    if (isBuilderError(error, 'python-not-found', 'base-unsupported')) return new Map();
    throw error;
  }
}

function wheelNotice(winner: string, loser: string, paths: readonly string[]): Sentence {
  return say`The pip packages ${winner} and ${loser} bring the same files; those of ${winner} are kept, as pip would have it: ${listed(paths, 3)}. Leave one of the two out, should that not be meant.`;
}

function condaNotice(winner: string, loser: string, paths: readonly string[]): Sentence {
  return say`The pip package ${winner} brings files that the conda package ${loser} brings, too; those of pip are kept: ${listed(paths, 3)}. Leave one of the two out, should that not be meant.`;
}

function baseNotice(winner: string, owner: string, paths: readonly string[]): Sentence {
  return owner === ''
    ? say`The pip package ${winner} takes the place of files that the base has: ${listed(paths, 3)}.`
    : say`The pip package ${winner} takes the place of files that ${owner} has put into the base: ${listed(paths, 3)}.`;
}
