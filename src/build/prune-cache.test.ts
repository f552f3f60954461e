import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pruneCache } from './prune-cache.ts';

const hourMs = 60 * 60_000;
const now = Date.now();

let cacheDir: string;
beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'imagewright-prune-'));
});
afterEach(() => rm(cacheDir, { recursive: true }));

/** Each of 8 KiB on the disk, by how many hours ago it was read, and written. */
async function files(ages: Readonly<Record<string, number | readonly [read: number, written: number]>>): Promise<void> {
  for (const [name, age] of Object.entries(ages)) {
    const [read, written] = typeof age === 'number' ? [age, age] : age;
    const path = join(cacheDir, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, Buffer.alloc(8192, 1));
    await utimes(path, (now - read * hourMs) / 1000, (now - written * hourMs) / 1000);
  }
}

const kept = async () =>
  (await readdir(cacheDir, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(cacheDir.length + 1))
    .sort();

describe('pruneCache', () => {
  it('removes what was used longest ago until the rest is within the bound', async () => {
    await files({ 'wheels/a': 100, 'wheels/b': [60, 200], 'blobs/sha256/c': 90, 'debs/d': 70 });
    const pruned = await pruneCache(cacheDir, { maxBytes: 17_000, now });
    expect(pruned).toEqual({ removedFiles: 2, removedBytes: 16_384, keptBytes: 16_384 });
    expect(await kept()).toEqual(['debs/d', 'wheels/b']);
  });

  it('keeps what was used within the last days, whatever the bound', async () => {
    await files({ 'wheels/a': 47, 'wheels/b': [300, 1], 'wheels/c': 49 });
    expect(await pruneCache(cacheDir, { maxBytes: 0, now })).toMatchObject({ removedFiles: 1, keptBytes: 16_384 });
    expect(await kept()).toEqual(['wheels/a', 'wheels/b']);
  });

  it('removes what was left behind, within the bound too, but not what is being written', async () => {
    await files({
      'wheels/x.whl.1.part': 50,
      'tmp/a': 50,
      'locks/l.2.partial': 50,
      'wheels/y.whl.3.part': 1,
      'wheels/z': 50,
    });
    await pruneCache(cacheDir, { maxBytes: 1e9, now });
    expect(await kept()).toEqual(['wheels/y.whl.3.part', 'wheels/z']);
  });

  it('leaves apart what is right only as a whole, or keeps itself small', async () => {
    await files({
      'sandbox/storage/a': 900,
      'uv/simple/b': 900,
      'installed/key/a-1.0-py3-none-any.whl': 900,
      'trust/bundle.pem': 900,
      'conda/repodata/key/index.json': 900,
      'blob-locations.json': 900,
    });
    expect(await pruneCache(cacheDir, { maxBytes: 0, now })).toEqual({
      removedFiles: 0,
      removedBytes: 0,
      keptBytes: 0,
    });
    expect(await kept()).toHaveLength(6);
  });

  it('removes directories that are empty for long, and no others', async () => {
    await files({ 'layers/old/1.json': 100, 'layers/new/1.json': 1 });
    await pruneCache(cacheDir, { maxBytes: 0, now });
    const again = now + 49 * hourMs;
    await utimes(join(cacheDir, 'layers/new/1.json'), again / 1000, again / 1000);
    await pruneCache(cacheDir, { maxBytes: 0, now: again });
    expect(await readdir(join(cacheDir, 'layers'))).toEqual(['new']);
  });

  it('only tells what it would do when asked for that', async () => {
    await files({ 'wheels/a': 100 });
    expect(await pruneCache(cacheDir, { maxBytes: 0, isDryRun: true, now })).toMatchObject({ removedFiles: 1 });
    expect(await kept()).toEqual(['wheels/a']);
  });

  it('has nothing to do where there is no cache yet', async () => {
    expect(await pruneCache(join(cacheDir, 'none'), { maxBytes: 0 })).toMatchObject({ removedFiles: 0 });
  });
});
