import { join } from 'node:path';
import type { LockedConda, LockedPrefix } from '../../../lock/lock.ts';
import { keepFile, readKeptFile } from '../../kept-file.ts';
import { openCondaArchive } from '../package/conda-archive.ts';
import { environmentPython } from '../package/conda-source.ts';
import type { CondaStore } from '../package/conda-store.ts';
import { entryPointName } from '../package/entry-point.ts';
import { readPackageInfo } from '../package/package-info.ts';
import { noarchTarget } from '../package/target-path.ts';

/** Tells what packages bring, also those whose layers were made long ago. */
export interface PackagePaths {
  /** Paths of the files that a package puts into an environment, below its prefix. Throws what a download and a package throw. */
  pathsOf(
    locked: LockedConda,
    prefix: LockedPrefix,
    options: { readonly signal: AbortSignal },
  ): Promise<readonly string[]>;
}

/** Opens the lists of packages' paths; each is kept in a file of the directory once it was read of the package. */
export function openPackagePaths(directory: string, store: CondaStore): PackagePaths {
  return {
    async pathsOf(locked, prefix, { signal }) {
      const file = join(directory, locked.sha256);
      const lines = (await readLines(file)) ?? (await keepLines(file, await readPaths(locked, store, signal)));
      const python = locked.noarch === 'python' ? environmentPython(prefix) : undefined;
      return python === undefined ? lines : lines.map((path) => noarchTarget(path, python));
    },
  };
}

async function readPaths(locked: LockedConda, store: CondaStore, signal: AbortSignal): Promise<readonly string[]> {
  await store.fetch(locked, { signal });
  using archive = openCondaArchive(store.fileOf(locked), locked.filename, `The conda package ${locked.filename}`);
  const { paths, entryPoints } = await readPackageInfo(archive);
  return [...paths.map(({ path }) => path), ...entryPoints.map((each) => `bin/${entryPointName(each)}`)];
}

/** No path has a line break in it: a package that holds one is refused. */
async function readLines(file: string): Promise<readonly string[] | undefined> {
  const text = (await readKeptFile(file))?.toString('utf8');
  return text === '' ? [] : text?.split('\n');
}

async function keepLines(file: string, lines: readonly string[]): Promise<readonly string[]> {
  await keepFile(file, lines.join('\n'));
  return lines;
}
