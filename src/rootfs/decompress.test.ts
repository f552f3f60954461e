import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LayerCompression } from '../oci/media-types.ts';
import { decompress } from './decompress.ts';
import { inChunks } from './tar.fixture.ts';

async function gather(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

const unpack = (bytes: Buffer, compression: LayerCompression, sizes: readonly number[] = [65_536]) =>
  decompress(inChunks(bytes, sizes), compression, gather);

const skippable = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);

describe('decompress', () => {
  test.each<[LayerCompression, (part: Buffer, i: number) => Buffer]>([
    ['none', (part) => part],
    ['gzip', (part) => gzipSync(part)],
    ['zstd', (part, i) => Buffer.concat([zstdCompressSync(part), ...(i % 2 ? [skippable] : [])])],
  ])('reads %s in any number of pieces, however it is chunked', async (compression, pack) => {
    const pieces = fc.array(
      fc
        .tuple(fc.uint8Array({ maxLength: 500 }), fc.nat(400))
        .map(([part, times]) => Buffer.concat(Array(times).fill(part))),
      { minLength: 1, maxLength: 4 },
    );
    const sizes = fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(pieces, sizes, async (parts, chunkSizes) => {
        const packed = Buffer.concat(parts.map(pack));
        expect((await unpack(packed, compression, chunkSizes)).equals(Buffer.concat(parts))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  test('reads zstd with a checksum and with blocks of one byte repeated', async () => {
    const body = Buffer.alloc(1_000_000, 'a');
    const packed = zstdCompressSync(body, { params: { 201: 1 } });
    expect((await unpack(Buffer.concat([skippable, packed, packed]), 'zstd')).equals(Buffer.concat([body, body]))).toBe(
      true,
    );
  });

  test.each<[string, LayerCompression, Buffer]>([
    ['cut gzip', 'gzip', gzipSync('hello').subarray(0, -3)],
    ['gzip with rubbish after it', 'gzip', Buffer.concat([gzipSync('hello'), Buffer.from('rubbish!')])],
    ['what is no gzip', 'gzip', Buffer.from('rubbish')],
    ['cut zstd', 'zstd', zstdCompressSync('hello'.repeat(99)).subarray(0, -3)],
    ['zstd with rubbish after it', 'zstd', Buffer.concat([zstdCompressSync('hello'), Buffer.from('rubbish!')])],
    ['a cut skippable frame', 'zstd', skippable.subarray(0, -1)],
    ['what is no zstd', 'zstd', Buffer.from('rubbish')],
  ])('refuses %s', async (_what, compression, bytes) => {
    await expect(unpack(bytes, compression)).rejects.toMatchObject({ code: 'image-invalid' });
  });

  test('lets failures of the stream and of the consumer through', async () => {
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      yield gzipSync('hello');
      throw new TypeError('broken line');
    };
    await expect(decompress(failing(), 'gzip', gather)).rejects.toThrow('broken line');
    const consumer = async () => {
      throw new RangeError('enough');
    };
    await expect(decompress(inChunks(gzipSync('hello')), 'gzip', consumer)).rejects.toThrow('enough');
  });

  test.each(['none', 'gzip', 'zstd'] as const)('stops reading %s when it is told to', async (compression) => {
    const abort = new AbortController();
    const never = async function* (): AsyncGenerator<Uint8Array> {
      if (compression === 'gzip') yield gzipSync('hello').subarray(0, 12);
      setImmediate(() => abort.abort());
      await new Promise(() => {});
    };
    await expect(decompress(never(), compression, gather, { signal: abort.signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});
