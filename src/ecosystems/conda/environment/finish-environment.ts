import { join } from 'node:path';
import { BuilderError } from '../../../errors.ts';
import type { NamedLayer } from '../../../image/compose-image.ts';
import { indexLayer } from '../../../layers/index-layer.ts';
import type { LockedConda, LockedPackage, LockedPrefix } from '../../../lock/lock.ts';
import { installOrder } from '../../../plan/install-order.ts';
import { joinPath } from '../../../rootfs/paths.ts';
import { listed, type Sentence, say } from '../../../sentence.ts';
import type { BaseRooms } from '../../base-rooms.ts';
import { findClobbers, tellClobbers } from '../../clobbers.ts';
import type { FinishedLayers, FinishRequest, PackagesLayer } from '../../ecosystem.ts';
import { readKeptFile } from '../../kept-file.ts';
import { orderLayers } from '../../order-layers.ts';
import { createCondaSource } from '../package/conda-source.ts';
import type { CondaStore } from '../package/conda-store.ts';
import { recordPath, withRequestedSpecs } from '../package/prefix-record.ts';
import { contentsOfBase } from './base-contents.ts';
import { createEnvironmentSource, historyPath } from './environment-source.ts';
import { linkScriptLayer } from './link-script-layer.ts';
import { linkScriptsOf } from './link-scripts.ts';
import { openPackagePaths } from './package-paths.ts';

/*
 * What a conda environment is beyond its packages, once their layers are made:
 *
 *   layers of packages, winners above losers ─ what link scripts change ─ conda-meta/history
 */

export interface FinishTools {
  readonly cacheDir: string;
  readonly store: CondaStore;
  /** Where link scripts run; absent, packages that have one cannot be had. */
  readonly rooms?: BaseRooms | undefined;
}

interface LinkedContent {
  readonly name: string;
  readonly pkg: LockedConda;
  readonly paths: readonly string[];
}

/** Finishes an environment. Throws `build-failed` when a link script fails, `tool-missing`, and what limits, downloads and packages throw. */
export async function finishEnvironment(request: FinishRequest, tools: FinishTools): Promise<FinishedLayers> {
  const { lock, made } = request;
  const prefix = lock.conda;
  const packages = made.flatMap(({ packages: each }) => each).filter(isConda);
  if (packages.length === 0) return { layers: [], notices: [], brought: () => [] };
  if (prefix === undefined)
    throw new BuilderError('lock-invalid', say`The lock holds conda packages but no environment`);
  const contents = await readContents(packages, prefix, request, tools);
  const paths = contents.flatMap((each) => each.paths);
  const clobbers = findClobbers([...contentsOfBase(paths, prefix, request.rootfs), ...contents]);
  const layers = await orderLayers(request, {
    clobbers,
    packages: contents.map(({ pkg }) => pkg),
    sourceOf: async (pkg) => createCondaSource(pkg as LockedConda, prefix, tools.store),
  });
  const scripts = await scriptLayers(contents, layers, prefix, request, tools);
  const whole = await environmentLayer(packages, layers, prefix, request, tools);
  return {
    layers: [...layers.map(({ layer, title }) => ({ layer, title })), ...scripts, whole],
    brought: () =>
      contents.map(({ name, paths: own }) => ({ name, paths: own.map((path) => joinPath(prefix.path, path)) })),
    notices: [...tellClobbers(clobbers, clobberNotice), ...activationNotices(contents), ...menuNotices(contents)],
  };
}

function isConda(locked: LockedPackage): locked is LockedConda {
  return locked.ecosystem === 'conda';
}

/** What each package brings, in link order: after what it depends on. */
async function readContents(
  packages: readonly LockedConda[],
  prefix: LockedPrefix,
  { signal }: FinishRequest,
  { cacheDir, store }: FinishTools,
): Promise<readonly LinkedContent[]> {
  const all = openPackagePaths(join(cacheDir, 'conda', 'paths'), store);
  return Promise.all(
    installOrder(packages).map(async (pkg) => ({
      name: pkg.name,
      pkg,
      paths: await all.pathsOf(pkg, prefix, { signal }),
    })),
  );
}

async function scriptLayers(
  contents: readonly LinkedContent[],
  layers: readonly NamedLayer[],
  prefix: LockedPrefix,
  request: FinishRequest,
  { cacheDir, rooms }: FinishTools,
): Promise<readonly NamedLayer[]> {
  const scripts = linkScriptsOf(contents);
  const [first] = scripts;
  if (first === undefined) return [];
  if (rooms === undefined) {
    throw new BuilderError(
      'tool-missing',
      say`The conda package ${first.pkg.name} has a script to run, for which there is no sandbox here`,
    );
  }
  const below = [...request.below, ...layers.map(({ layer }) => layer)];
  const layer = await linkScriptLayer({ ...request, scripts, prefix: prefix.path, below }, { cacheDir, rooms });
  return [{ layer, title: `conda: link scripts of ${scripts.map(({ pkg }) => pkg.name).join(', ')}` }];
}

async function environmentLayer(
  packages: readonly LockedConda[],
  layers: readonly PackagesLayer[],
  prefix: LockedPrefix,
  request: FinishRequest,
  tools: FinishTools,
): Promise<NamedLayer> {
  const { rootfs, assembler, compression, noCache, signal } = request;
  const sorted = [...packages].sort((a, b) => (a.name < b.name ? -1 : 1));
  const before = rootfs.read(historyPath(prefix))?.toString('utf8') ?? '';
  const records = await requestedRecords(sorted, layers, prefix, request, tools);
  const sources = [createEnvironmentSource({ prefix, packages: sorted, before, records })];
  const layer = await assembler.assemble({ sources, rootfs, compression, noCache, signal });
  return { layer, title: 'conda: history of the environment' };
}

/** The records of packages that lines ask for, as their layers hold them, with what was asked. */
async function requestedRecords(
  packages: readonly LockedConda[],
  layers: readonly PackagesLayer[],
  prefix: LockedPrefix,
  { rootfs, signal }: FinishRequest,
  { cacheDir, store }: FinishTools,
): Promise<Readonly<Record<string, string>>> {
  const place = rootfs.realPath(prefix.path) ?? prefix.path;
  const records: Record<string, string> = {};
  for (const pkg of packages.filter(({ requestedBy }) => requestedBy.length > 0)) {
    const path = joinPath(place, recordPath(pkg));
    const { recordFile } = createCondaSource(pkg, prefix, store);
    const { layer } = layers.find((each) => each.packages.includes(pkg))!;
    const record =
      (await readKeptFile(recordFile)) ?? (await indexLayer(layer, { cacheDir, signal })).contents.get(path);
    // One that is too large to be kept stays as it is; its package has hundreds of thousands of files.
    if (record !== undefined) records[path] = withRequestedSpecs(record, pkg.requestedBy);
  }
  return records;
}

/** As with conda, the one that is linked last wins. */
function clobberNotice(winner: string, loser: string, paths: readonly string[]): Sentence {
  return say`The conda packages ${winner} and ${loser} bring the same files; those of ${winner} are kept: ${listed(paths, 3)}.`;
}

/** Shortcuts are for desktops: nothing makes any of what stands in `Menu/`. */
function menuNotices(contents: readonly LinkedContent[]): readonly Sentence[] {
  const names = contents
    .filter(({ paths }) => paths.some((path) => /^Menu\/.*\.json$/.test(path)))
    .map(({ name }) => name);
  return names
    .sort()
    .map((name) => say`The conda package ${name} has shortcuts for a desktop, of which none is made in an image.`);
}

/** The image sets PATH and no more: what scripts would set when somebody activates the environment is not set. */
function activationNotices(contents: readonly LinkedContent[]): readonly Sentence[] {
  const names = contents
    .filter(({ paths }) => paths.some((path) => /^etc\/conda\/(?:activate\.d|env_vars\.d)\//.test(path)))
    .map(({ name }) => name)
    .sort();
  if (names.length === 0) return [];
  return names.length === 1
    ? [
        say`The conda package ${names[0]} has a script for activation, which nothing in the image runs; where a program misses a variable, set it in the container.`,
      ]
    : [
        say`The conda packages ${names.join(', ')} have scripts for activation, which nothing in the image runs; where a program misses a variable, set it in the container.`,
      ];
}
