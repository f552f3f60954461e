import type { LockedPrefix } from '../../../lock/lock.ts';
import { joinPath } from '../../../rootfs/paths.ts';
import type { Rootfs } from '../../../rootfs/rootfs.ts';
import type { PackageContent } from '../../clobbers.ts';

/**
 * Packages that stay in the base's environment and have one of the paths, each with those that it has. The records are read only when
 * something stands at one of them.
 */
export function contentsOfBase(
  paths: readonly string[],
  { path: prefix }: LockedPrefix,
  rootfs: Rootfs,
): readonly PackageContent[] {
  const directory = joinPath(prefix, 'conda-meta');
  const records = rootfs.list(directory).filter((file) => file.endsWith('.json'));
  if (records.length === 0) return [];
  const taken = new Set(
    paths.filter((path) => (rootfs.entry(joinPath(prefix, path))?.type ?? 'directory') !== 'directory'),
  );
  if (taken.size === 0) return [];
  return records.flatMap((file): PackageContent[] => {
    const content = rootfs.read(joinPath(directory, file));
    const record = content === undefined ? undefined : parseRecord(content);
    const own = record?.paths.filter((path) => taken.has(path)) ?? [];
    return record === undefined || own.length === 0 ? [] : [{ name: record.name, paths: own }];
  });
}

/** What a record of the base says of itself; anybody may have written it. */
function parseRecord(content: Buffer): PackageContent | undefined {
  try {
    const { name, files } = JSON.parse(content.toString('utf8')) as { name?: unknown; files?: unknown };
    if (typeof name !== 'string' || !Array.isArray(files)) return undefined;
    return { name, paths: files.filter((file) => typeof file === 'string') };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
