import type { Digest } from '../oci/digest.ts';
import type { LayerCompression } from '../oci/media-types.ts';
import type { ScanLimits } from './scan-layer.ts';

/** A layer to scan in a thread. */
export interface ScanTask {
  readonly compression: LayerCompression;
  readonly diffId: Digest;
  readonly limits: Partial<ScanLimits>;
}

/** What the scan is told: the layer's bytes, as they come, and their end. */
export type ScanTold = { readonly type: 'bytes'; readonly bytes: Uint8Array } | { readonly type: 'end' };

/** What the scan says: the paths that it has seen since, when it takes the next bytes and at its end. */
export interface ScanSaid {
  readonly isTaken: boolean;
  readonly paths: readonly string[];
}

/** What it gives: the bytes of `encodeLayerIndex`, which pass threads faster than the index. */
export type ScanResult = Uint8Array;
