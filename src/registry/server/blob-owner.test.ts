import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BlobStore } from '../blobs/blob-store.ts';
import { openDiskBlobStore } from '../blobs/disk-blob-store.ts';
import { checkOwner, setOwner } from './blob-owner.ts';
import { createMemoryRegistryIndex } from './memory-registry-index.ts';

let root: string;
let blobs: BlobStore;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'owner-'));
  blobs = await openDiskBlobStore(root);
});
afterEach(() => rm(root, { recursive: true }));

const write = () => blobs.write(Readable.from([Buffer.from('a layer')]));
const fresh = () => createMemoryRegistryIndex();

describe('checkOwner', () => {
  it('gives an empty store to the index that comes first, and to no other', async () => {
    const index = fresh();
    await checkOwner(root, { blobs, index });
    await write();
    await checkOwner(root, { blobs, index });
    await expect(checkOwner(root, { blobs, index: fresh() })).rejects.toMatchObject({ code: 'conflict' });
  });

  it('gives blobs that belong to nobody to an index that knows some repository, and to none that knows nothing', async () => {
    const blob = await write();
    await expect(checkOwner(root, { blobs, index: fresh() })).rejects.toMatchObject({ code: 'conflict' });
    const index = fresh();
    await index.blobs.add('a', blob);
    await checkOwner(root, { blobs, index });
    await expect(checkOwner(root, { blobs, index: fresh() })).rejects.toMatchObject({ code: 'conflict' });
  });

  it('follows who was set', async () => {
    await checkOwner(root, { blobs, index: fresh() });
    const next = fresh();
    await setOwner(root, next);
    await checkOwner(root, { blobs, index: next });
  });
});
