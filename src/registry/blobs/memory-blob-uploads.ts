import { randomUUID } from 'node:crypto';
import type { BlobStore } from './blob-store.ts';
import type { BlobUploads, UploadKey } from './blob-uploads.ts';
import { checkOffset, createUploadLocks, uploadUnknown } from './upload-keys.ts';

/** `BlobUploads` that live as long as the process and end in the given store. */
export function createMemoryBlobUploads(blobs: BlobStore): BlobUploads {
  const uploads = new Map<string, { readonly scope: string; readonly chunks: Uint8Array[] }>();
  const locked = createUploadLocks();

  const find = ({ scope, id }: UploadKey) => {
    const upload = uploads.get(id);
    if (upload?.scope !== scope) throw uploadUnknown(id);
    return upload.chunks;
  };
  const sizeOf = async (key: UploadKey) => find(key).reduce((sum, chunk) => sum + chunk.byteLength, 0);

  return {
    async begin(scope) {
      const id = randomUUID();
      uploads.set(id, { scope, chunks: [] });
      return { scope, id };
    },
    sizeOf,
    append: (key, { source, offset }) =>
      locked(key, async () => {
        const chunks = find(key);
        checkOffset(offset, await sizeOf(key));
        for await (const chunk of source) chunks.push(Uint8Array.from(chunk));
        return sizeOf(key);
      }),
    commit: (key, digest) =>
      locked(key, async () => {
        const chunks = find(key);
        uploads.delete(key.id);
        return blobs.write(streamOf(chunks), { digest });
      }),
    abort: (key) =>
      locked(key, async () => {
        find(key);
        uploads.delete(key.id);
      }),
  };
}

async function* streamOf(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}
