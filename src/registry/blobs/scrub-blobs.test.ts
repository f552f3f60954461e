import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { blobPath, openDiskBlobStore } from './disk-blob-store.ts';
import { type DamagedBlob, scrubBlobs } from './scrub-blobs.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'scrub-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

it('finds each blob that is not what it was, and none that is', async () => {
  const store = await openDiskBlobStore(root);
  const write = (text: string) => store.write(Readable.from([Buffer.from(text)]));
  const [, longer, other] = [await write('good'), await write('longer'), await write('other')];
  const scrub = async () => {
    const damaged: DamagedBlob[] = [];
    const { blobs } = await scrubBlobs(store, { onDamaged: (blob) => damaged.push(blob) });
    expect(blobs).toBe(3);
    return damaged.map(({ digest }) => digest).sort();
  };
  expect(await scrub()).toEqual([]);
  await appendFile(blobPath(root, longer.digest), 'x');
  await writeFile(blobPath(root, other.digest), 'OTHER');
  expect(await scrub()).toEqual([longer.digest, other.digest].sort());
});
