import type { NamedLayer } from '../image/compose-image.ts';
import type { Layer } from '../layers/layer.ts';
import type { AssembleEvent, LayerAssembler } from '../layers/layer-assembler.ts';
import type { LayerSource } from '../layers/layer-source.ts';
import type { Lock, LockedPackage } from '../lock/lock.ts';
import type { Resolver } from '../lock/resolver.ts';
import type { ImageConfig } from '../oci/image-config.ts';
import type { LayerCompression } from '../oci/media-types.ts';
import type { ResolvedImage } from '../registry/client/resolved-image.ts';
import type { LayerIndex } from '../rootfs/layer-index.ts';
import type { Rootfs } from '../rootfs/rootfs.ts';
import type { Sentence } from '../sentence.ts';
import type { PackageContent } from './clobbers.ts';

/** All that the pipeline wants of one kind of packages. */
export type EcosystemSupport = LaidDownEcosystem | InstalledEcosystem;

/** Packages that are laid down one by one: what the lines mean, what has to go, and what a package puts into the image. */
export interface LaidDownEcosystem {
  readonly resolver: Resolver;
  /** Real absolute paths of the base that packages of the lock take the place of. Throws `lock-invalid` when the base is not as the lock says. */
  removals(lock: Lock, base: { readonly rootfs: Rootfs; readonly config: ImageConfig }): readonly string[];
  /** What a package of the lock puts into the image; where it is source, it is built before that. Throws `build-failed` and what limits throw. */
  layerSource(locked: LockedPackage, request: LayerSourceRequest): Promise<LayerSource>;
  /** What it has to do for a lock once the layers of its packages are made. */
  finisher(lock: Lock): Finisher;
}

export interface Finisher {
  /** True when it will likely add a layer. */
  readonly addsLayer: boolean;
  /**
   * Gives the layers of the ecosystem's packages in the order in which they have to lie, with what only all together make. Throws
   * `build-failed`, `tool-missing`, and what limits, downloads and packages throw.
   */
  finish(request: FinishRequest): Promise<FinishedLayers>;
}

export interface FinishRequest extends LayerSourceRequest {
  readonly compression: LayerCompression;
  /** Layers of its packages, in the plan's order. */
  readonly made: readonly PackagesLayer[];
  /** What lies between the base and these, lowest first. */
  readonly below: readonly Layer[];
  /** What packages of the ecosystems below bring. */
  broughtBelow(): readonly PackageContent[];
  readonly assembler: LayerAssembler;
}

/** A layer and the packages of which it was made. */
export interface PackagesLayer extends NamedLayer {
  readonly packages: readonly LockedPackage[];
}

export interface FinishedLayers {
  /** Lowest first. */
  readonly layers: readonly NamedLayer[];
  /** What the packages bring: absolute paths, links not followed. Asked for where there are packages of others above them. */
  brought(): readonly PackageContent[];
  /** What the user should know though it stops nothing, a sentence each. */
  readonly notices: readonly Sentence[];
}

export interface LayerSourceRequest {
  readonly lock: Lock;
  readonly base: ResolvedImage;
  /** The base's content. */
  readonly rootfs: Rootfs;
  /** Build again what is cached. */
  readonly noCache: boolean;
  readonly signal: AbortSignal;
  readonly onEvent?: (event: PackageEvent) => void;
}

/** What is told of the making of a layer, and what commands write meanwhile. */
export type PackageEvent = AssembleEvent | { readonly type: 'output'; readonly line: string };

/** Packages whose code has to run: what the lines mean, and the one layer that all of the lock's packages make. */
export interface InstalledEcosystem {
  readonly resolver: Resolver;
  /** Installs on the base, or takes the layer from the cache. Throws `build-failed`, `tool-missing`, and what limits and downloads throw. */
  install(request: InstallRequest): Promise<InstalledLayer>;
}

export interface InstallRequest {
  readonly packages: readonly LockedPackage[];
  readonly base: ResolvedImage;
  /** The base's content. */
  readonly rootfs: Rootfs;
  readonly compression: LayerCompression;
  /** Install again even if the layer is cached (the cache is still written). */
  readonly noCache: boolean;
  readonly signal: AbortSignal;
  readonly onEvent?: (event: PackageEvent) => void;
}

export interface InstalledLayer {
  readonly layer: Layer;
  /** What it holds; to find that out may take as long as to read it. */
  index(): Promise<LayerIndex>;
}
