import type { Digest, DigestAlgorithm } from '../../oci/digest.ts';
import type { StoredBlob } from './blob-store.ts';

/** An upload that is under way. It can be named only together with the scope it was begun for, e.g. a repository's name. */
export interface UploadKey {
  readonly scope: string;
  /** A random UUID. */
  readonly id: string;
}

export interface UploadChunk {
  readonly source: AsyncIterable<Uint8Array>;
  /** Where the chunk says it begins; not checked when absent. */
  readonly offset?: number | undefined;
  /** What the digest of the whole will be made with; sha256 unless told. A wrong guess costs one more reading at the end. */
  readonly algorithm?: DigestAlgorithm | undefined;
}

/**
 * Blobs that come in pieces and go to the `BlobStore` beside it when they are whole. All but `begin` throw `not-found` for an
 * unknown key and `range-invalid` while another call writes to the same upload.
 */
export interface BlobUploads {
  begin(scope: string): Promise<UploadKey>;
  /** Bytes received so far. */
  sizeOf(key: UploadKey): Promise<number>;
  /**
   * Adds bytes at the end and tells how many there are now. Throws `range-invalid` when the chunk begins elsewhere, `disk-full`. What a
   * broken source gave stays, so that the sender can go on from there.
   */
  append(key: UploadKey, chunk: UploadChunk): Promise<number>;
  /** Ends the upload: the blob is stored, or `content-mismatch` is thrown and it is gone. */
  commit(key: UploadKey, digest: Digest): Promise<StoredBlob>;
  abort(key: UploadKey): Promise<void>;
}
