import { Readable } from 'node:stream';
import { BuilderError } from '../../errors.ts';
import { algorithmOf, type Digest, digestOf } from '../../oci/digest.ts';
import { say } from '../../sentence.ts';
import type { BlobStore } from './blob-store.ts';
import { boundSource, verifyBlob } from './verify-blob.ts';

/** A `BlobStore` that lives as long as the process: for tests and for small things. */
export function createMemoryBlobStore(): BlobStore {
  const blobs = new Map<Digest, { readonly bytes: Buffer; readonly writtenAt: Date }>();
  return {
    async stat(digest) {
      const bytes = blobs.get(digest)?.bytes;
      return bytes && { digest, sizeBytes: bytes.byteLength };
    },
    open(digest, range) {
      const bytes = blobs.get(digest)?.bytes;
      if (bytes === undefined) return failingStream(digest);
      return Readable.from([range ? bytes.subarray(range.start, range.end + 1) : bytes], { objectMode: false });
    },
    async send(digest, take, range) {
      const bytes = blobs.get(digest)?.bytes;
      if (bytes === undefined) throw missing(digest);
      const asked = range ? bytes.subarray(range.start, range.end + 1) : bytes;
      if (asked.length > 0) await take(asked);
    },
    async write(source, expected = {}) {
      const chunks: Uint8Array[] = [];
      // Copied, for the sender may use its buffer again.
      for await (const chunk of boundSource(source, expected.sizeBytes)) chunks.push(Uint8Array.from(chunk));
      const bytes = Buffer.concat(chunks);
      const digest = digestOf(bytes, expected.digest && algorithmOf(expected.digest));
      const blob = verifyBlob({ digest, sizeBytes: bytes.byteLength }, expected);
      blobs.set(digest, { bytes, writtenAt: new Date() });
      return blob;
    },
    delete: async (digest) => blobs.delete(digest),
    async *list() {
      for (const [digest, { bytes, writtenAt }] of [...blobs]) yield { digest, sizeBytes: bytes.byteLength, writtenAt };
    },
  };
}

function failingStream(digest: Digest): Readable {
  return new Readable({ read() {} }).destroy(missing(digest));
}

function missing(digest: Digest): BuilderError {
  return new BuilderError('not-found', say`There is no blob ${digest}`);
}
