import type { LayerSource } from '../layers/layer-source.ts';
import type { Lock, LockedPackage } from '../lock/lock.ts';
import type { Resolver } from '../lock/resolver.ts';
import type { ImageConfig } from '../oci/image-config.ts';
import type { Rootfs } from '../rootfs/rootfs.ts';

/** All that the pipeline wants of one kind of packages: what the lines mean, what has to go, and what a package puts into the image. */
export interface EcosystemSupport {
  readonly resolver: Resolver;
  /** Real absolute paths of the base that packages of the lock take the place of. Throws `lock-invalid` when the base is not as the lock says. */
  removals(lock: Lock, base: { readonly rootfs: Rootfs; readonly config: ImageConfig }): readonly string[];
  layerSource(locked: LockedPackage, lock: Lock): LayerSource;
}
