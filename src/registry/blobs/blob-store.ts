import type { Readable } from 'node:stream';
import type { Digest } from '../../oci/digest.ts';

/** Bytes `start` to `end` of a blob, both counted from 0 and both included, as in an HTTP range. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What a writer was told of the content; what is absent is not checked, and the digest is then a sha256. */
export interface ExpectedBlob {
  readonly digest?: Digest | undefined;
  readonly sizeBytes?: number | undefined;
}

export interface StoredBlob {
  readonly digest: Digest;
  readonly sizeBytes: number;
}

/** A blob as the store finds it when it looks through all it has. */
export interface ListedBlob extends StoredBlob {
  readonly writtenAt: Date;
}

/**
 * Content by digest. A blob is there whole and verified or it is not there; once `write` has answered it survives a crash.
 * Knows nothing of repositories: who may read what is decided above.
 */
export interface BlobStore {
  stat(digest: Digest): Promise<StoredBlob | undefined>;
  /** The bytes, or a part of them. The stream fails with `not-found` when there is no such blob. */
  open(digest: Digest, range?: ByteRange): Readable;
  /**
   * Gives the bytes, or a part of them, to `take`, piece by piece. A piece is good until `take` resolves; the next one is read meanwhile. Throws
   * `not-found`, and what `take` throws.
   */
  send(digest: Digest, take: (piece: Uint8Array) => Promise<void>, range?: ByteRange): Promise<void>;
  /** Keeps what the source gives. Throws `content-mismatch` when it is not what was expected, `disk-full`; nothing stays then. */
  write(source: AsyncIterable<Uint8Array>, expected?: ExpectedBlob): Promise<StoredBlob>;
  /** False when there was no such blob. Streams already open go on. */
  delete(digest: Digest): Promise<boolean>;
  /** All there are, in no order. What comes or goes meanwhile may be among them or not. */
  list(): AsyncIterable<ListedBlob>;
}
