import type { Digest } from '../oci/digest.ts';
import type { LayerCompression } from '../oci/media-types.ts';
import type { PlainError } from '../threads/plain-error.ts';
import type { ScanLimits } from './scan-layer.ts';

/** What the main thread says to one that scans layers. A layer's bytes follow its `scan`, and then its `end`. */
export type ToScanner =
  | {
      readonly type: 'scan';
      readonly compression: LayerCompression;
      readonly diffId: Digest;
      readonly limits: Partial<ScanLimits>;
    }
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  | { readonly type: 'end' };

/** What the scanning thread says. `done` has the bytes of `encodeLayerIndex`, which pass threads faster than the index. */
export type FromScanner =
  | { readonly type: 'taken'; readonly paths: readonly string[] }
  | { readonly type: 'done'; readonly paths: readonly string[]; readonly encoded: Uint8Array }
  | { readonly type: 'failed'; readonly error: PlainError };
