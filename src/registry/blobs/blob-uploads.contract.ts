import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../oci/digest.ts';
import type { BlobStore } from './blob-store.ts';
import type { BlobUploads } from './blob-uploads.ts';

async function* one(bytes: Uint8Array | string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(bytes as string);
}

/** What all `BlobUploads` must do. */
export function describeBlobUploads(
  name: string,
  open: () => Promise<{ readonly blobs: BlobStore; readonly uploads: BlobUploads }>,
): void {
  describe(`${name} as BlobUploads`, () => {
    it.each(['sha256', 'sha512'] as const)('joins chunks to a blob with a %s', async (algorithm) => {
      const { blobs, uploads } = await open();
      const key = await uploads.begin('team/image');
      const [a, b] = [randomBytes(1_500_000), randomBytes(100)];
      expect(await uploads.append(key, { source: one(a), offset: 0 })).toBe(a.length);
      expect(await uploads.append(key, { source: one(b), offset: a.length })).toBe(a.length + b.length);
      expect(await uploads.sizeOf(key)).toBe(a.length + b.length);
      const whole = Buffer.concat([a, b]);
      const digest = digestOf(whole, algorithm);
      expect(await uploads.commit(key, digest)).toEqual({ digest, sizeBytes: whole.length });
      expect(whole.equals(await buffer(blobs.open(digest)))).toBe(true);
      await expect(uploads.sizeOf(key)).rejects.toMatchObject({ code: 'not-found' });
    });

    it('may end without a byte', async () => {
      const { blobs, uploads } = await open();
      await uploads.commit(await uploads.begin('a'), digestOf(''));
      expect(await blobs.stat(digestOf(''))).toMatchObject({ sizeBytes: 0 });
    });

    it('refuses a chunk that begins elsewhere and goes on after', async () => {
      const { uploads } = await open();
      const key = await uploads.begin('a');
      await uploads.append(key, { source: one('0123'), offset: 0 });
      for (const offset of [0, 3, 5]) {
        const append = uploads.append(key, { source: one('4567'), offset });
        await expect(append).rejects.toMatchObject({ code: 'range-invalid' });
      }
      await uploads.append(key, { source: one('4567'), offset: 4 });
      expect(await uploads.commit(key, digestOf('01234567'))).toMatchObject({ sizeBytes: 8 });
    });

    it('keeps what a broken source gave', async () => {
      const { uploads } = await open();
      const key = await uploads.begin('a');
      async function* breaking() {
        yield Buffer.from('0123');
        throw new Error('connection lost');
      }
      await expect(uploads.append(key, { source: breaking() })).rejects.toThrow('connection lost');
      expect(await uploads.sizeOf(key)).toBe(4);
      await uploads.append(key, { source: one('4567'), offset: 4 });
      expect(await uploads.commit(key, digestOf('01234567'))).toMatchObject({ sizeBytes: 8 });
    });

    it('drops what is not what was announced', async () => {
      const { blobs, uploads } = await open();
      const key = await uploads.begin('a');
      await uploads.append(key, { source: one('hello') });
      await expect(uploads.commit(key, digestOf('other'))).rejects.toMatchObject({ code: 'content-mismatch' });
      expect(await blobs.stat(digestOf('hello'))).toBeUndefined();
      await expect(uploads.sizeOf(key)).rejects.toMatchObject({ code: 'not-found' });
    });

    it('lets one request at a time write to an upload', async () => {
      const { uploads } = await open();
      const key = await uploads.begin('a');
      const { promise: ready, resolve: go } = Promise.withResolvers<void>();
      async function* slow() {
        yield Buffer.from('first');
        await ready;
      }
      const first = uploads.append(key, { source: slow() });
      await expect(uploads.append(key, { source: one('second') })).rejects.toMatchObject({ code: 'range-invalid' });
      await expect(uploads.commit(key, digestOf('first'))).rejects.toMatchObject({ code: 'range-invalid' });
      go();
      expect(await first).toBe(5);
    });

    it('knows an upload only in its own scope', async () => {
      const { uploads } = await open();
      const { id } = await uploads.begin('ours');
      const key = { scope: 'theirs', id };
      await expect(uploads.sizeOf(key)).rejects.toMatchObject({ code: 'not-found' });
      await expect(uploads.append(key, { source: one('x') })).rejects.toMatchObject({ code: 'not-found' });
      await expect(uploads.commit(key, digestOf(''))).rejects.toMatchObject({ code: 'not-found' });
      await expect(uploads.abort(key)).rejects.toMatchObject({ code: 'not-found' });
      expect(await uploads.sizeOf({ scope: 'ours', id })).toBe(0);
    });

    it.each(['', '..', '../../etc/passwd', 'x', `${'0'.repeat(36)}`])('does not know the id %j', async (id) => {
      const { uploads } = await open();
      await expect(uploads.sizeOf({ scope: 'a', id })).rejects.toMatchObject({ code: 'not-found' });
    });

    it('forgets an aborted upload', async () => {
      const { uploads } = await open();
      const key = await uploads.begin('a');
      await uploads.abort(key);
      await expect(uploads.sizeOf(key)).rejects.toMatchObject({ code: 'not-found' });
    });
  });
}
