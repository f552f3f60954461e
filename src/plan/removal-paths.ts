import type { Rootfs } from '../rootfs/rootfs.ts';

export interface RemovalRequest {
  readonly rootfs: Rootfs;
  /** Real absolute paths of the files of a distribution, by its RECORD. */
  readonly files: readonly string[];
  /** Directories that stay though they become empty: those of the install scheme. */
  readonly keep: readonly string[];
}

/**
 * What has to be removed with a distribution, as `pip uninstall` does: its files that exist, the bytecode of its modules, and in their
 * place any directory that held nothing else. Real absolute paths, none inside another.
 */
export function removalPaths({ rootfs, files, keep }: RemovalRequest): string[] {
  const doomed = new Set([...files.filter((path) => rootfs.entry(path) !== undefined), ...bytecodeOf(rootfs, files)]);
  const kept = new Set(keep);
  const directories: string[] = [];
  for (const directory of parentDirectories(doomed)) {
    const inside = directories.some((above) => directory.startsWith(`${above}/`));
    if (!inside && !kept.has(directory) && isWhollyDoomed(rootfs, directory, doomed)) directories.push(directory);
  }
  const left = [...doomed].filter((path) => !directories.some((directory) => path.startsWith(`${directory}/`)));
  return [...directories, ...left].sort();
}

function bytecodeOf(rootfs: Rootfs, files: readonly string[]): string[] {
  const found: string[] = [];
  for (const path of files) {
    if (!path.endsWith('.py')) continue;
    const cache = `${parentOf(path)}/__pycache__`;
    const stem = `${path.slice(path.lastIndexOf('/') + 1, -'.py'.length)}.`;
    for (const name of rootfs.list(cache)) {
      if (name.startsWith(stem) && name.endsWith('.pyc')) found.push(`${cache}/${name}`);
    }
  }
  return found;
}

/** Shortest first, so that a directory is judged before those in it. */
function parentDirectories(paths: Iterable<string>): string[] {
  const parents = new Set([...paths].map(parentOf));
  return [...parents].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
}

function isWhollyDoomed(rootfs: Rootfs, directory: string, doomed: ReadonlySet<string>): boolean {
  if (directory === '/') return false;
  return rootfs.list(directory).every((name) => {
    const path = `${directory}/${name}`;
    return doomed.has(path) || (rootfs.entry(path)?.type === 'directory' && isWhollyDoomed(rootfs, path, doomed));
  });
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}
