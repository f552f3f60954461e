import { parseCsv } from './csv.ts';
import { joinPath, nameOf, parentOf, resolveText } from './paths.ts';
import type { Rootfs } from './rootfs.ts';

/**
 * Real absolute paths of a distribution's files: by its RECORD, relative to the directory it is installed in, or by the
 * `installed-files.txt` of an egg, relative to the egg's directory. `undefined` when there is neither, or when a path climbs out of the
 * root: nobody could tell then what is safe to remove.
 */
export function distributionFiles(rootfs: Rootfs, metadataPath: string): readonly string[] | undefined {
  const record = rootfs.read(joinPath(metadataPath, 'RECORD'));
  if (record) {
    const paths = parseCsv(record.toString('utf8')).map(([path]) => path!);
    return realPaths(rootfs, parentOf(metadataPath), paths);
  }
  const installed = rootfs.read(joinPath(metadataPath, 'installed-files.txt'));
  return installed && realPaths(rootfs, metadataPath, installed.toString('utf8').split(/\r?\n/));
}

function realPaths(rootfs: Rootfs, base: string, paths: readonly string[]): string[] | undefined {
  const directories = new Map<string, string | undefined>();
  const found = new Set<string>();
  for (const path of paths) {
    if (path === '') continue;
    const absolute = resolveText(base, path);
    if (absolute === undefined || absolute === '/') return undefined;
    const directory = parentOf(absolute);
    if (!directories.has(directory)) directories.set(directory, rootfs.realPath(directory));
    const real = directories.get(directory);
    if (real !== undefined) found.add(joinPath(real, nameOf(absolute)));
  }
  return [...found];
}
