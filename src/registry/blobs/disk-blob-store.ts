import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { BuilderError } from '../../errors.ts';
import { algorithmOf, createDigestMeter, type Digest, hexOf, isDigest } from '../../oci/digest.ts';
import { say } from '../../sentence.ts';
import { appendStream } from './append-stream.ts';
import type { BlobStore, ByteRange, ExpectedBlob, ListedBlob, StoredBlob } from './blob-store.ts';
import {
  ignoreMissing,
  isSystemError,
  makeDirectory,
  publishFile,
  removeStaleFiles,
  withDiskErrors,
} from './durable-files.ts';
import { sendFile } from './send-file.ts';
import { boundSource, verifyBlob } from './verify-blob.ts';

/** Older drafts are leftovers; younger ones may be another process's, which shares the directory. */
const staleDraftMs = 60 * 60 * 1000;
const readBytes = 1024 * 1024;

/**
 * Opens a `BlobStore` in a directory, made when it is missing: `<root>/sha256/ab/<hex>`, drafts in `<root>/tmp`. Several
 * processes may use one directory.
 */
export async function openDiskBlobStore(root: string): Promise<BlobStore> {
  const drafts = join(root, 'tmp');
  await makeDirectory(drafts);
  await removeStaleFiles(drafts, staleDraftMs);
  return {
    async stat(digest) {
      const found = await stat(blobPath(root, digest)).catch(ignoreMissing);
      return found && { digest, sizeBytes: found.size };
    },
    open: (digest, range) => openBlob(blobPath(root, digest), digest, range),
    async send(digest, take, range) {
      await using file = await open(blobPath(root, digest)).catch((error) => {
        throw asNotFound(error, digest);
      });
      await sendFile(file, take, range);
    },
    write: (source, expected = {}) => writeBlob(root, { draft: join(drafts, randomUUID()), source, expected }),
    async delete(digest) {
      return rm(blobPath(root, digest)).then(
        () => true,
        (error: unknown) => ignoreMissing(error) ?? false,
      );
    },
    list: () => listBlobs(root),
  };
}

async function* listBlobs(root: string): AsyncGenerator<ListedBlob> {
  for (const algorithm of ['sha256', 'sha512']) {
    for (const part of (await readdir(join(root, algorithm)).catch(ignoreMissing)) ?? []) {
      const directory = join(root, algorithm, part);
      for (const hex of (await readdir(directory).catch(ignoreMissing)) ?? []) {
        const digest = `${algorithm}:${hex}`;
        const found = isDigest(digest) ? await stat(join(directory, hex)).catch(ignoreMissing) : undefined;
        if (found) yield { digest: digest as Digest, sizeBytes: found.size, writtenAt: found.mtime };
      }
    }
  }
}

/** Where a blob lies, e.g. `<root>/sha256/9f/9f86d0…`. */
export function blobPath(root: string, digest: Digest): string {
  const hex = hexOf(digest);
  return join(root, algorithmOf(digest), hex.slice(0, 2), hex);
}

interface BlobDraft {
  readonly draft: string;
  readonly source: AsyncIterable<Uint8Array>;
  readonly expected: ExpectedBlob;
}

function writeBlob(root: string, { draft, source, expected }: BlobDraft): Promise<StoredBlob> {
  return withDiskErrors(async () => {
    const meter = createDigestMeter(expected.digest && algorithmOf(expected.digest));
    const handle = await open(draft, 'wx', 0o600);
    try {
      const bounded = boundSource(source, expected.sizeBytes);
      await appendStream(handle, bounded, { position: 0, onChunk: meter.update });
      const blob = verifyBlob({ sizeBytes: meter.sizeBytes, digest: meter.digest() }, expected);
      await publishFile(handle, draft, blobPath(root, blob.digest));
      return blob;
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
  });
}

/** A read stream that says `not-found` for a file that is missing, and nothing of where it should be. */
function openBlob(path: string, digest: Digest, range?: ByteRange): Readable {
  const openFile: typeof fs.open = Object.assign(
    (file: string, flags: string, mode: number, done: (error: Error | null, descriptor: number) => void) =>
      fs.open(file, flags, mode, (error, descriptor) => done(error && asNotFound(error, digest), descriptor)),
    { __promisify__: fs.open.__promisify__ },
  ) as typeof fs.open;
  return fs.createReadStream(path, { ...range, highWaterMark: readBytes, fs: { ...fs, open: openFile } });
}

function asNotFound(error: Error, digest: Digest): Error {
  return isSystemError(error, 'ENOENT') ? new BuilderError('not-found', say`There is no blob ${digest}`) : error;
}
