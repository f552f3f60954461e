import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Digest, digestOf } from '../../oci/digest.ts';
import type { BlobStore, ByteRange } from './blob-store.ts';

async function* inPieces(bytes: Uint8Array, pieceBytes = 70_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

async function* breaking(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('half');
  throw new Error('connection lost');
}

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

/** Each piece is copied only when it is about to be given up: what comes meanwhile may not change it. */
async function sent(store: BlobStore, digest: Digest, range?: ByteRange): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const take = async (piece: Uint8Array) => {
    await setImmediate();
    pieces.push(Buffer.from(piece));
  };
  await store.send(digest, take, range);
  return Buffer.concat(pieces);
}

/** What every `BlobStore` must do. */
export function describeBlobStore(name: string, openStore: () => Promise<BlobStore>): void {
  describe(`${name} as a BlobStore`, () => {
    it.each(['sha256', 'sha512'] as const)('keeps what it is given under its %s', async (algorithm) => {
      const store = await openStore();
      const bytes = randomBytes(3_000_000);
      const digest = digestOf(bytes, algorithm);
      expect(await store.write(inPieces(bytes), { digest, sizeBytes: bytes.length })).toEqual({
        digest,
        sizeBytes: bytes.length,
      });
      expect(await store.stat(digest)).toEqual({ digest, sizeBytes: bytes.length });
      expect(bytes.equals(await buffer(store.open(digest)))).toBe(true);
    });

    it('makes a sha256 of what it knows nothing of', async () => {
      const store = await openStore();
      const { digest } = await store.write(inPieces(Buffer.from('hello')));
      expect(digest).toBe(digestOf('hello'));
    });

    it('keeps the empty blob', async () => {
      const store = await openStore();
      const { digest } = await store.write(inPieces(Buffer.alloc(0)), { sizeBytes: 0 });
      expect(await store.stat(digest)).toEqual({ digest: digestOf(''), sizeBytes: 0 });
      expect(await buffer(store.open(digest))).toHaveLength(0);
    });

    it('may be given the same blob twice, at once', async () => {
      const store = await openStore();
      const bytes = randomBytes(200_000);
      const [a, b] = await Promise.all([store.write(inPieces(bytes)), store.write(inPieces(bytes))]);
      expect(a).toEqual(b);
      expect(bytes.equals(await buffer(store.open(a.digest)))).toBe(true);
    });

    it('gives a part, both ends included', async () => {
      const store = await openStore();
      const { digest } = await store.write(inPieces(Buffer.from('0123456789')));
      expect(String(await buffer(store.open(digest, { start: 2, end: 5 })))).toBe('2345');
      expect(String(await buffer(store.open(digest, { start: 9, end: 9 })))).toBe('9');
      expect(String(await sent(store, digest, { start: 2, end: 5 }))).toBe('2345');
      expect(String(await sent(store, digest, { start: 9, end: 9 }))).toBe('9');
    });

    it('sends what it has, to whom takes his time', async () => {
      const store = await openStore();
      const bytes = randomBytes(3_000_000);
      const { digest } = await store.write(inPieces(bytes));
      expect(bytes.equals(await sent(store, digest))).toBe(true);
      const range = { start: 600_000, end: 2_400_000 };
      expect(bytes.subarray(600_000, 2_400_001).equals(await sent(store, digest, range))).toBe(true);
      const { digest: empty } = await store.write(inPieces(Buffer.alloc(0)));
      expect(await sent(store, empty)).toHaveLength(0);
    });

    it('sends no more to whom fails to take it', async () => {
      const store = await openStore();
      const { digest } = await store.write(inPieces(randomBytes(3_000_000)));
      let pieces = 0;
      const sending = store.send(digest, async () => {
        pieces++;
        throw new Error('gone');
      });
      await expect(sending).rejects.toThrow('gone');
      expect(pieces).toBe(1);
    });

    it.each([
      ['another digest', { digest: digestOf('other') }],
      ['another sha512', { digest: digestOf('other', 'sha512') }],
      ['fewer bytes', { sizeBytes: 4 }],
      ['more bytes', { sizeBytes: 6 }],
    ])('refuses content that was announced with %s', async (_what, expected) => {
      const store = await openStore();
      const written = store.write(inPieces(Buffer.from('hello')), expected);
      await expect(written).rejects.toMatchObject({ code: 'content-mismatch' });
      expect(await store.stat(digestOf('hello'))).toBeUndefined();
      expect(await store.stat(digestOf('other'))).toBeUndefined();
    });

    it('stops a source that is longer than announced', async () => {
      const store = await openStore();
      let given = 0;
      async function* endless() {
        for (;;) {
          given += 1000;
          yield Buffer.alloc(1000);
        }
      }
      await expect(store.write(endless(), { sizeBytes: 10_000 })).rejects.toMatchObject({ code: 'content-mismatch' });
      expect(given).toBe(11_000);
    });

    it('keeps nothing of a source that breaks', async () => {
      const store = await openStore();
      await expect(store.write(breaking())).rejects.toThrow('connection lost');
      expect(await store.stat(digestOf('half'))).toBeUndefined();
    });

    it('says so when there is no such blob', async () => {
      const store = await openStore();
      const digest = digestOf('nothing');
      expect(await store.stat(digest)).toBeUndefined();
      expect(await store.delete(digest)).toBe(false);
      await expect(buffer(store.open(digest))).rejects.toMatchObject({ code: 'not-found' });
      await expect(sent(store, digest)).rejects.toMatchObject({ code: 'not-found' });
    });

    it('lists what it has', async () => {
      const store = await openStore();
      const began = Date.now() - 2000;
      const digests = ['sha256', 'sha512'].map((algorithm) => digestOf('hello', algorithm as 'sha256'));
      for (const digest of digests) await store.write(inPieces(Buffer.from('hello')), { digest });
      const listed = await all(store.list());
      const ours = listed.filter(({ digest }) => digests.includes(digest));
      expect(ours.map(({ digest, sizeBytes }) => [digest, sizeBytes]).sort()).toEqual(digests.map((each) => [each, 5]));
      for (const { writtenAt } of ours) expect(writtenAt.getTime()).toBeGreaterThan(began);
      await store.delete(digests[0]!);
      const left = (await all(store.list())).map(({ digest }) => digest);
      expect(left.filter((digest) => digests.includes(digest))).toEqual([digests[1]]);
    });

    it('deletes', async () => {
      const store = await openStore();
      const { digest } = await store.write(inPieces(Buffer.from('hello')));
      expect(await store.delete(digest)).toBe(true);
      expect(await store.stat(digest)).toBeUndefined();
    });
  });
}
