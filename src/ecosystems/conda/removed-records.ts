import { BuilderError } from '../../errors.ts';
import type { Lock } from '../../lock/lock.ts';
import { removalPaths } from '../../plan/removal-paths.ts';
import { joinPath, nameOf, parentOf, resolveText } from '../../rootfs/paths.ts';
import type { Rootfs } from '../../rootfs/rootfs.ts';
import { say } from '../../sentence.ts';

/**
 * Real absolute paths of the base that conda packages of the lock take the place of: the records of what they replace, and all files that
 * these list. Throws `lock-invalid` when the base is not as the lock says.
 */
export function removedRecords({ packages, conda }: Lock, rootfs: Rootfs): readonly string[] {
  const replaced = packages.flatMap((locked) => (locked.ecosystem === 'conda' ? (locked.replaces ?? []) : []));
  if (replaced.length === 0 || conda === undefined) return [];
  const keep = [
    conda.path,
    joinPath(conda.path, 'conda-meta'),
    joinPath(conda.path, 'bin'),
    joinPath(conda.path, 'lib'),
  ];
  const files = replaced.flatMap(({ recordPath }) => filesOf(recordPath, { rootfs, prefix: conda.path }));
  return removalPaths({ rootfs, files, keep: keep.map((path) => rootfs.realPath(path) ?? path) });
}

function filesOf(
  recordPath: string,
  { rootfs, prefix }: { readonly rootfs: Rootfs; readonly prefix: string },
): readonly string[] {
  const files = listedFiles(rootfs.read(recordPath));
  if (files === undefined) {
    throw new BuilderError('lock-invalid', say`The base has no ${recordPath}, which the lock says is replaced`, {
      hint: say`The lock was made for another base. Lock the spec again.`,
    });
  }
  const paths = [recordPath, ...files.flatMap((file) => resolveText(prefix, file) ?? [])];
  return paths.map((path) => joinPath(rootfs.realPath(parentOf(path)) ?? parentOf(path), nameOf(path)));
}

function listedFiles(content: Buffer | undefined): readonly string[] | undefined {
  if (content === undefined) return undefined;
  try {
    const { files } = JSON.parse(content.toString('utf8')) as { files?: unknown };
    // A path that is absolute or climbs out would be no file of the environment.
    return Array.isArray(files) ? files.filter((file) => typeof file === 'string' && isInside(file)) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isInside(file: string): boolean {
  return !file.startsWith('/') && !file.split('/').includes('..');
}
