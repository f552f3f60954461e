import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf, hexOf } from '../../oci/digest.ts';
import { describeBlobStore } from './blob-store.contract.ts';
import { describeBlobUploads } from './blob-uploads.contract.ts';
import { openDiskBlobStore } from './disk-blob-store.ts';
import { openDiskBlobUploads } from './disk-blob-uploads.ts';
import { withDiskErrors } from './durable-files.ts';

let parent: string;
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'blobs-'));
});
afterAll(() => rm(parent, { recursive: true, force: true }));

const freshRoot = () => mkdtemp(join(parent, 'root-'));

async function* one(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

describeBlobStore('disk', async () => openDiskBlobStore(join(await freshRoot(), 'made', 'on', 'demand')));

describeBlobUploads('disk', async () => {
  const root = await freshRoot();
  return { blobs: await openDiskBlobStore(root), uploads: await openDiskBlobUploads(root) };
});

describe('openDiskBlobStore', () => {
  it('finds its blobs again, where the digest says', async () => {
    const root = await freshRoot();
    const { digest } = await (await openDiskBlobStore(root)).write(one('hello'));
    const hex = hexOf(digest);
    expect(await readdir(join(root, 'sha256', hex.slice(0, 2)))).toEqual([hex]);
    expect(String(await buffer((await openDiskBlobStore(root)).open(digest)))).toBe('hello');
  });

  it('leaves no draft behind, whatever happens', async () => {
    const root = await freshRoot();
    const store = await openDiskBlobStore(root);
    await store.write(one('hello'));
    await expect(store.write(one('hello'), { digest: digestOf('other') })).rejects.toThrow();
    expect(await readdir(join(root, 'tmp'))).toEqual([]);
  });

  it('shows nothing before the source has ended', async () => {
    const root = await freshRoot();
    const store = await openDiskBlobStore(root);
    async function* looking() {
      yield Buffer.from('hello');
      expect(await store.stat(digestOf('hello'))).toBeUndefined();
      expect(await readdir(root)).toEqual(['tmp']);
    }
    await store.write(looking());
    expect(await store.stat(digestOf('hello'))).toBeDefined();
  });

  it('clears old drafts away when it is opened, not those of a neighbour at work', async () => {
    const root = await freshRoot();
    await mkdir(join(root, 'tmp'));
    await writeFile(join(root, 'tmp', 'old'), '');
    await utimes(join(root, 'tmp', 'old'), 0, 0);
    await writeFile(join(root, 'tmp', 'young'), '');
    await openDiskBlobStore(root);
    expect(await readdir(join(root, 'tmp'))).toEqual(['young']);
  });

  it('does not tell where a missing blob would be', async () => {
    const root = await freshRoot();
    const store = await openDiskBlobStore(root);
    const error: unknown = await buffer(store.open(digestOf('x'))).catch((error: unknown) => error);
    expect(String(error)).not.toContain(root);
  });
});

describe('openDiskBlobUploads', () => {
  it('goes on with an upload after a restart', async () => {
    const root = await freshRoot();
    const key = await (await openDiskBlobUploads(root)).begin('a');
    await (await openDiskBlobUploads(root)).append(key, { source: one('hello ') });
    const uploads = await openDiskBlobUploads(root);
    await uploads.append(key, { source: one('world'), offset: 6 });
    expect(await uploads.commit(key, digestOf('hello world'))).toMatchObject({ sizeBytes: 11 });
    expect(await readdir(join(root, 'uploads'))).toEqual([]);
  });
});

describe('withDiskErrors', () => {
  it.each(['ENOSPC', 'EDQUOT'])('says that the disk is full for %s', async (code) => {
    const failing = withDiskErrors(() => Promise.reject(Object.assign(new Error('write'), { code })));
    await expect(failing).rejects.toMatchObject({ code: 'disk-full' });
  });

  it('leaves other errors alone', async () => {
    const failing = withDiskErrors(() => Promise.reject(Object.assign(new Error('write'), { code: 'EIO' })));
    await expect(failing).rejects.toMatchObject({ code: 'EIO' });
  });
});
