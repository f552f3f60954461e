import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { algorithmOf, createDigestMeter, type Digest, type DigestMeter, digestOf, hexOf } from '../../oci/digest.ts';
import { appendStream } from './append-stream.ts';
import type { StoredBlob } from './blob-store.ts';
import type { BlobUploads, UploadChunk, UploadKey } from './blob-uploads.ts';
import { blobPath } from './disk-blob-store.ts';
import { ignoreMissing, makeDirectory, publishFile, removeStaleFiles, withDiskErrors } from './durable-files.ts';
import { checkOffset, createUploadLocks, isUploadId, uploadUnknown } from './upload-keys.ts';
import { verifyBlob } from './verify-blob.ts';

/** An upload that nobody added to for so long is given up. */
const staleUploadMs = 24 * 60 * 60 * 1000;

/**
 * Opens the uploads of the disk blob store at the same root: one file each in `<root>/uploads`, moved to its digest when it is
 * whole. The digest is made while the bytes pass; after a restart the file is read once more instead.
 */
export async function openDiskBlobUploads(root: string): Promise<BlobUploads> {
  const directory = join(root, 'uploads');
  await makeDirectory(directory);
  await removeStaleFiles(directory, staleUploadMs);
  const meters = new Map<string, DigestMeter>();
  const locked = createUploadLocks();

  const pathOf = ({ scope, id }: UploadKey) => {
    if (!isUploadId(id)) throw uploadUnknown(id);
    // The scope is part of the name, so an id is worth nothing in another scope.
    return join(directory, `${id}.${hexOf(digestOf(scope)).slice(0, 32)}`);
  };
  const sizeOf = async (key: UploadKey) => {
    const found = await stat(pathOf(key)).catch(ignoreMissing);
    if (found === undefined) throw uploadUnknown(key.id);
    return found.size;
  };

  return {
    async begin(scope) {
      const key = { scope, id: randomUUID() };
      await withDiskErrors(async () => (await open(pathOf(key), 'wx', 0o600)).close());
      return key;
    },
    sizeOf,
    append: (key, chunk) =>
      locked(key, async () => {
        const position = await sizeOf(key);
        checkOffset(chunk.offset, position);
        const meter = meterFor(meters.get(key.id), position, chunk);
        // Forgotten while it may be ahead of the file.
        meters.delete(key.id);
        await appendToFile(pathOf(key), { source: chunk.source, position, meter });
        if (meter) meters.set(key.id, meter);
        return await sizeOf(key);
      }),
    commit: (key, digest) =>
      locked(key, async () => {
        const sizeBytes = await sizeOf(key);
        const meter = meters.get(key.id);
        meters.delete(key.id);
        return await commitFile(root, { path: pathOf(key), digest, sizeBytes, meter });
      }),
    abort: (key) =>
      locked(key, async () => {
        await sizeOf(key);
        meters.delete(key.id);
        await rm(pathOf(key), { force: true });
      }),
  };
}

/** The meter that has seen all bytes before `position`, if there is one. */
function meterFor(
  known: DigestMeter | undefined,
  position: number,
  { algorithm }: UploadChunk,
): DigestMeter | undefined {
  if (position === 0) return createDigestMeter(algorithm);
  return known?.sizeBytes === position ? known : undefined;
}

interface FileAppend {
  readonly source: AsyncIterable<Uint8Array>;
  readonly position: number;
  readonly meter: DigestMeter | undefined;
}

function appendToFile(path: string, { source, position, meter }: FileAppend): Promise<void> {
  return withDiskErrors(async () => {
    const handle = await open(path, 'r+');
    try {
      await appendStream(handle, source, { position, onChunk: (chunk) => meter?.update(chunk) });
    } finally {
      await handle.close();
    }
  });
}

interface FileCommit {
  readonly path: string;
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly meter: DigestMeter | undefined;
}

function commitFile(root: string, { path, digest, sizeBytes, meter }: FileCommit): Promise<StoredBlob> {
  return withDiskErrors(async () => {
    const handle = await open(path, 'r+');
    try {
      const seen = meter?.sizeBytes === sizeBytes ? meter.digest() : undefined;
      const actual = seen && algorithmOf(seen) === algorithmOf(digest) ? seen : await digestOfFile(path, digest);
      const blob = verifyBlob({ digest: actual, sizeBytes }, { digest });
      await publishFile(handle, path, blobPath(root, digest));
      return blob;
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
  });
}

async function digestOfFile(path: string, like: Digest): Promise<Digest> {
  const meter = createDigestMeter(algorithmOf(like));
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) meter.update(chunk as Buffer);
  return meter.digest();
}
