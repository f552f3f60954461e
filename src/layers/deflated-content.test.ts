import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { crc32, deflateRawSync, gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf } from '../oci/digest.ts';
import type { LayerCompression } from '../oci/media-types.ts';
import { decompress } from '../rootfs/decompress.ts';
import { type AssembledBlob, writeLayer } from './assemble-layer.ts';
import type { DeflatedContent } from './layer-source.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'deflated-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** A file of a layer, and how its archive holds it, if it does. */
interface Packed {
  readonly content: Buffer;
  readonly level?: number | undefined;
}

let count = 0;

/** Writes a layer of files `/f0`, `/f1`, … and gives its numbers and bytes. */
async function layerOf(
  files: readonly Packed[],
  compression: LayerCompression,
): Promise<AssembledBlob & { bytes: Buffer }> {
  const file = join(directory, String(count++));
  const blob = await writeLayer({ compression, file }, async (tar) => {
    for (const [index, { content, level }] of files.entries()) {
      await tar.entry({ type: 'file', path: `/f${index}`, sizeBytes: content.length, mode: 0o644 });
      if (level === undefined) await tar.content(content);
      else await tar.deflatedContent(inPieces(content), deflatedOf(content, level));
    }
  });
  return { ...blob, bytes: readFileSync(file) };
}

/** Pieces that are overwritten once the next one is asked for, as the port allows. */
function deflatedOf(content: Buffer, level: number): DeflatedContent {
  const deflated = deflateRawSync(content, { level });
  return {
    sizeBytes: content.length,
    crc32: crc32(content),
    *open() {
      for (const piece of inPieces(deflated)) {
        const lent = Buffer.from(piece);
        yield lent;
        lent.fill(0xff);
      }
    },
  };
}

function* inPieces(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 50_000) yield bytes.subarray(at, at + 50_000);
}

const readers: readonly (readonly [string, (gzip: Buffer) => Buffer | Promise<Buffer>])[] = [
  ['zlib in one call', (gzip) => gunzipSync(gzip)],
  ['the reader of layers', (gzip) => decompress(Readable.from([gzip]), 'gzip', (stream) => buffer(stream))],
  ['gzip', (gzip) => execFileSync('gzip', ['-dc'], { input: gzip, maxBuffer: 2 ** 28 })],
  [
    'Python',
    (gzip) =>
      execFileSync(
        'python3',
        ['-c', 'import gzip, sys; sys.stdout.buffer.write(gzip.decompress(sys.stdin.buffer.read()))'],
        { input: gzip, maxBuffer: 2 ** 28 },
      ),
  ],
];

describe('a gzip layer with content that came deflated', () => {
  const content = fc.oneof(
    fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
    fc.tuple(fc.nat(255), fc.nat(3000)).map(([byte, length]) => Buffer.alloc(length, byte)),
    fc.tuple(fc.nat(255), fc.integer({ min: 100_000, max: 600_000 })).map(([seed, length]) => textOf(length, seed)),
  );
  const packed = fc.record({ content, level: fc.option(fc.nat(9), { nil: undefined }) });
  const layers = fc.array(packed, { maxLength: 10 });

  it.each(readers)('is read as the plain tar by %s', async (name, read) => {
    const startsProcess = name === 'gzip' || name === 'Python';
    await fc.assert(
      fc.asyncProperty(layers, async (files) => {
        const [plain, gzip] = [await layerOf(files, 'none'), await layerOf(files, 'gzip')];
        const unpacked = await read(gzip.bytes);
        expect(unpacked.equals(plain.bytes)).toBe(true);
        expect(gzip).toMatchObject({ digest: digestOf(gzip.bytes), sizeBytes: gzip.bytes.length });
        expect([gzip.diffId, gzip.unpackedBytes]).toEqual([digestOf(plain.bytes), plain.bytes.length]);
      }),
      { numRuns: startsProcess ? 4 : 12 },
    );
  });

  it('has the entries that Python lists in it', async () => {
    const files = [0, 1, 511, 512, 513, 70_000, 3_000_000].map((length) => ({
      content: textOf(length, length),
      level: 6,
    }));
    const { bytes } = await layerOf(files, 'gzip');
    const listed = execFileSync(
      'python3',
      [
        '-c',
        'import io, sys, tarfile, zlib\nfor x in (t := tarfile.open(fileobj=io.BytesIO(sys.stdin.buffer.read()))): print(x.name, x.size, zlib.crc32(t.extractfile(x).read()))',
      ],
      { input: bytes, encoding: 'utf8' },
    );
    expect(listed.trim().split('\n')).toEqual(
      files.map((file, index) => `f${index} ${file.content.length} ${crc32(file.content)}`),
    );
  });

  it('holds the deflate streams as they came, and is the same every time', async () => {
    const files = [0, 1, 9].map((level) => ({ content: textOf(200_000, level), level }));
    const [one, other] = [await layerOf(files, 'gzip'), await layerOf(files, 'gzip')];
    expect(one.bytes.equals(other.bytes)).toBe(true);
    for (const { content: bytes, level } of files)
      expect(one.bytes.includes(deflateRawSync(bytes, { level }))).toBe(true);
  });

  it('goes on after more than headers have gathered', async () => {
    const files = [
      { content: textOf(10_000, 1) },
      { content: textOf(10_000, 2), level: 6 },
      { content: textOf(3_000_000, 3) },
      { content: textOf(10_000, 4), level: 6 },
    ];
    const [plain, gzip] = [await layerOf(files, 'none'), await layerOf(files, 'gzip')];
    expect(gunzipSync(gzip.bytes).equals(plain.bytes)).toBe(true);
    expect(gzip.diffId).toBe(plain.digest);
  });

  it('has the same bytes as ever', async () => {
    // Stored in blocks, so that the bytes are nobody's choice.
    const { digest } = await layerOf([{ content: textOf(1000, 1), level: 0 }, { content: textOf(10, 1) }], 'gzip');
    expect(digest).toBe('sha256:144d15c06385999400054a9ad80d5e4df4e37d3f3e8ea6095db993966b8e6720');
  });

  it('does without them where the layer is packed otherwise', async () => {
    const files = [{ content: textOf(200_000, 1), level: 1 }];
    const [plain, zstd] = [await layerOf(files, 'none'), await layerOf(files, 'zstd')];
    expect(zstd.diffId).toBe(plain.diffId);
    const unpacked = await decompress(Readable.from([zstd.bytes]), 'zstd', (stream) => buffer(stream));
    expect(unpacked.equals(plain.bytes)).toBe(true);
  });

  it('refuses content that is not as long as its header says', async () => {
    const write = (sizeBytes: number) =>
      writeLayer({ compression: 'gzip', file: join(directory, String(count++)) }, async (tar) => {
        await tar.entry({ type: 'file', path: '/a', sizeBytes, mode: 0o644 });
        await tar.deflatedContent([Buffer.from('abc')], deflatedOf(Buffer.from('abc'), 6));
      });
    await expect(write(2)).rejects.toThrow('1 bytes too long');
    await expect(write(4)).rejects.toThrow('1 bytes short');
  });
});

/** Something that deflates to about half. */
function textOf(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0, state = seed + 1; at < length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    bytes[at] = 97 + ((state >>> 28) & 15);
  }
  return bytes;
}
