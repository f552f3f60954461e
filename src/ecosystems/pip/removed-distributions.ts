import { BuilderError } from '../../errors.ts';
import type { NamedLayer } from '../../image/compose-image.ts';
import { indexLayer } from '../../layers/index-layer.ts';
import type { Lock, Replacement } from '../../lock/lock.ts';
import { prefixVariables, withVariables } from '../../lock/prefix-variables.ts';
import type { ImageConfig } from '../../oci/image-config.ts';
import { removalPaths } from '../../plan/removal-paths.ts';
import { findPython } from '../../rootfs/find-python.ts';
import type { Rootfs } from '../../rootfs/rootfs.ts';
import { say } from '../../sentence.ts';
import type { FinishRequest } from '../ecosystem.ts';

/** Real absolute paths of what pip or conda had put into the base and the lock's pip packages replace. Throws `lock-invalid`. */
export function removedFromBase(lock: Lock, rootfs: Rootfs, config: ImageConfig): readonly string[] {
  return filesOf(
    replacedBy(lock).filter(({ broughtBy }) => broughtBy === undefined),
    rootfs,
    config,
  );
}

/** True when pip packages of the lock take the place of what its conda packages lay down. */
export function takesFromConda(lock: Lock): boolean {
  return replacedBy(lock).some(({ broughtBy }) => broughtBy === 'conda');
}

/**
 * Makes a layer to lie below pip's that removes what conda packages of the same lock lay down and pip's replace. It can be made only when
 * conda's are there, as these know best which files it is about; their own layers stay as every image has them.
 */
export async function removeFromConda(
  { lock, base, below, assembler, compression, signal, ...request }: FinishRequest,
  { cacheDir }: { readonly cacheDir: string },
): Promise<{ readonly layer: NamedLayer; readonly paths: readonly string[] }> {
  let { rootfs } = request;
  for (const layer of below) rootfs = rootfs.with(await indexLayer(layer, { cacheDir, signal }));
  const variables = lock.conda === undefined ? [] : prefixVariables(lock.conda, base.config);
  const replaced = replacedBy(lock).filter(({ broughtBy }) => broughtBy === 'conda');
  const paths = filesOf(replaced, rootfs, withVariables(base.config, variables));
  const layer = await assembler.assembleRemovals({ paths, rootfs, compression });
  return { layer: { layer, title: 'pip: remove what conda brings otherwise' }, paths };
}

function replacedBy({ packages }: Lock): readonly Replacement[] {
  return packages.flatMap((locked) => (locked.ecosystem === 'pip' ? (locked.replaces ?? []) : []));
}

function filesOf(replaced: readonly Replacement[], rootfs: Rootfs, config: ImageConfig): readonly string[] {
  if (replaced.length === 0) return [];
  const { installed, scheme } = findPython(rootfs, config);
  const keep = Object.values(scheme).map((directory) => rootfs.realPath(directory) ?? directory);
  return replaced.flatMap(({ metadataPath, broughtBy }) => {
    const files = installed.find((each) => each.metadataPath === metadataPath)?.files;
    if (files !== undefined) return removalPaths({ rootfs, files, keep });
    const message =
      broughtBy === 'conda'
        ? say`No conda package brings ${metadataPath}, which the lock says is replaced`
        : say`The base has no ${metadataPath}, which the lock says is replaced`;
    throw new BuilderError('lock-invalid', message, {
      hint: say`The lock was made for another base. Lock the spec again.`,
    });
  });
}
