import type { LayerCompression } from '../oci/media-types.ts';
import type { Rootfs } from '../rootfs/rootfs.ts';
import type { Layer } from './layer.ts';
import type { LayerSource } from './layer-source.ts';

export interface AssembleRequest {
  /** What goes into the layer; where two sources give the same path, the later one wins. */
  readonly sources: readonly LayerSource[];
  /** What lies below: gives real paths and the attributes of the directories on the way. */
  readonly rootfs: Rootfs;
  readonly compression: LayerCompression;
  /** Assemble again even if the layer is cached (the cache is still written). */
  readonly noCache?: boolean;
  readonly signal: AbortSignal;
  readonly onEvent?: (event: AssembleEvent) => void;
}

export type AssembleEvent =
  | { readonly type: 'cached' }
  | { readonly type: 'download'; readonly bytes: number }
  | { readonly type: 'assembling' }
  | { readonly type: 'assembled'; readonly sizeBytes: number };

/** Turns sources into layers, in threads, through the layer cache. */
export interface LayerAssembler {
  /** Starts threads ahead of the work, where there will likely be some. */
  warm(): void;
  assemble(request: AssembleRequest): Promise<Layer>;
  /** A layer that removes the given real paths (whiteouts), with the ancestors' attributes as they are in `rootfs`. */
  assembleRemovals(request: {
    readonly paths: readonly string[];
    readonly rootfs: Rootfs;
    readonly compression: LayerCompression;
  }): Promise<Layer>;
}
