import type { FileHandle } from 'node:fs/promises';

/** Bytes gathered before they are written with one call. */
const batchBytes = 1024 * 1024;
/** Bytes after which the disk is asked to start, so that the final sync has little left to do. */
const syncEveryBytes = 16 * 1024 * 1024;

/**
 * Writes a stream to a file from `position` on; the next batch is gathered while one is written. `onChunk` sees each chunk in
 * order. When the source fails, all that it gave is written before the error is thrown again.
 */
export async function appendStream(
  handle: FileHandle,
  source: AsyncIterable<Uint8Array>,
  { position, onChunk }: { readonly position: number; readonly onChunk: (chunk: Uint8Array) => void },
): Promise<void> {
  const writer = createBatchWriter(handle, position);
  try {
    for await (const chunk of source) {
      onChunk(chunk);
      await writer.add(chunk);
    }
  } finally {
    await writer.end();
  }
}

function createBatchWriter(handle: FileHandle, start: number) {
  let batch: Uint8Array[] = [];
  let pending = 0;
  let position = start;
  let unsynced = 0;
  let writing = Promise.resolve();
  let syncing: Promise<void> | undefined;

  const flush = async () => {
    await writing;
    writing = writeFully(handle, batch, position);
    // Seen by whoever awaits it next; here it only must not count as unhandled.
    writing.catch(() => {});
    position += pending;
    unsynced += pending;
    batch = [];
    pending = 0;
    if (unsynced < syncEveryBytes || syncing) return;
    unsynced = 0;
    // An error is met again by the sync that counts.
    syncing = handle.datasync().then(
      () => (syncing = undefined),
      () => (syncing = undefined),
    );
  };

  return {
    async add(chunk: Uint8Array): Promise<void> {
      batch.push(chunk);
      pending += chunk.byteLength;
      if (pending >= batchBytes) await flush();
    },
    async end(): Promise<void> {
      if (pending > 0) await flush();
      await writing;
      // The handle may be closed next.
      await syncing;
    },
  };
}

async function writeFully(handle: FileHandle, batch: readonly Uint8Array[], position: number): Promise<void> {
  const { bytesWritten } = await handle.writev(batch, position);
  const total = batch.reduce((sum, chunk) => sum + chunk.byteLength, 0);
  if (bytesWritten === total) return;
  // A short write is rare; the rest goes out piece by piece.
  const bytes = Buffer.concat(batch);
  for (let done = bytesWritten; done < total; ) {
    done += (await handle.write(bytes, done, total - done, position + done)).bytesWritten;
  }
}
