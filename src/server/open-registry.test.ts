import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDiskBlobStore } from '../registry/blobs/disk-blob-store.ts';
import { createMemoryRegistryIndex } from '../registry/server/memory-registry-index.ts';
import { openRegistry } from './open-registry.ts';

let dataDir: string;
const logged: string[] = [];
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'open-registry-'));
  logged.length = 0;
});
afterEach(() => rm(dataDir, { recursive: true }));

const open = (index = createMemoryRegistryIndex()) =>
  openRegistry({ dataDir, index, minAgeMs: -1, log: (line) => void logged.push(line) });

const really = { isDryRun: false };

async function writeBlob() {
  const blobs = await openDiskBlobStore(join(dataDir, 'registry'));
  return blobs.write(Readable.from([Buffer.from('the only copy')]));
}

describe('the collector of the embedded registry', () => {
  it('deletes nothing at the word of another database, unless it is forced', async () => {
    const index = createMemoryRegistryIndex();
    await (await open(index)).collect(really);
    await writeBlob();

    const other = await open();
    expect(logged).toEqual([
      expect.stringMatching(/^registry: The blobs .* another database: none is deleted\. Check/),
    ]);
    await expect(other.collect(really)).rejects.toMatchObject({ code: 'conflict' });
    await expect(other.collect({ isDryRun: true })).rejects.toMatchObject({ code: 'conflict' });
    expect(await other.collect({ isDryRun: true, isForced: true })).toMatchObject({ blobs: 1 });
    await expect(other.collect(really)).rejects.toMatchObject({ code: 'conflict' });
    expect(await other.collect({ isDryRun: false, isForced: true })).toMatchObject({ blobs: 1 });
    expect(await other.collect(really)).toMatchObject({ blobs: 0 });
    await expect((await open(index)).collect(really)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('deletes nothing until all of an older version is taken over, forced or not', async () => {
    const { digest } = await writeBlob();
    const old = join(dataDir, 'registry/repositories/demo/_blobs/sha256');
    await mkdir(old, { recursive: true });
    await writeFile(join(old, digest.slice('sha256:'.length)), '');
    await writeFile(join(old, 'nothing'), '');
    const index = createMemoryRegistryIndex({ leaseMs: -1 });

    const half = await open(index);
    expect(logged).toEqual([
      'registry: taking over what an older version kept in files; it serves when that is done',
      'registry: took over repositories: 1, manifests: 0, tags: 0',
      'registry: could not take over repositories/demo/_blobs/sha256/nothing: it is no digest',
      `registry: nothing is collected until a start takes these files over; mend or remove them in ${dataDir}/registry`,
    ]);
    for (const isForced of [false, true]) {
      await expect(half.collect({ ...really, isForced })).rejects.toMatchObject({ code: 'conflict' });
    }
    const rules = { keepLast: 1, keepDays: 1 };
    await expect(half.expire('demo', { ...really, rules })).rejects.toMatchObject({ code: 'conflict' });

    await rm(join(old, 'nothing'));
    const whole = await open(index);
    // An older process beside this one.
    await mkdir(old, { recursive: true });
    await expect(whole.collect(really)).rejects.toMatchObject({ code: 'conflict' });
    expect(await (await open(index)).collect(really)).toMatchObject({ links: 1, blobs: 1 });
  });
});
