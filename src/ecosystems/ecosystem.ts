import type { LayerSource } from '../layers/layer-source.ts';
import type { Lock, LockedPackage } from '../lock/lock.ts';
import type { Resolver } from '../lock/resolver.ts';

/** All that the pipeline wants of one kind of packages: what the lines mean, and what a package puts into the image. */
export interface EcosystemSupport {
  readonly resolver: Resolver;
  layerSource(locked: LockedPackage, lock: Lock): LayerSource;
}
