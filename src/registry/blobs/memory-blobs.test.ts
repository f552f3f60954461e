import { describeBlobStore } from './blob-store.contract.ts';
import { describeBlobUploads } from './blob-uploads.contract.ts';
import { createMemoryBlobStore } from './memory-blob-store.ts';
import { createMemoryBlobUploads } from './memory-blob-uploads.ts';

describeBlobStore('memory', async () => createMemoryBlobStore());

describeBlobUploads('memory', async () => {
  const blobs = createMemoryBlobStore();
  return { blobs, uploads: createMemoryBlobUploads(blobs) };
});
