import type { Readable } from 'node:stream';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';

/** One layer of an image, ready to be pushed. */
export interface Layer {
  readonly descriptor: Descriptor;
  /** Digest of the uncompressed tar, image-spec config.md "rootfs.diff_ids". */
  readonly diffId: Digest;
  /** Size of the uncompressed tar in bytes. */
  readonly unpackedBytes: number;
  /** The compressed bytes, from the start; may be called again. */
  open(): Readable;
}
