import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decompress } from '../../rootfs/decompress.ts';
import { compressLayer } from './compress-layer.ts';

let temporaryDir: string;
beforeAll(() => {
  temporaryDir = mkdtempSync(join(tmpdir(), 'compress-'));
});
afterAll(() => rmSync(temporaryDir, { recursive: true }));

async function* inPieces(bytes: Buffer, pieceBytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

describe('compressLayer', () => {
  it.each(['gzip', 'zstd'] as const)(
    'gives the same layer in whatever pieces the tar comes (%s)',
    async (compression) => {
      const tar = Buffer.from(Array.from({ length: 5_000_000 }, (_, n) => (n * n) >> 9));
      const digests = new Set<string>();
      for (const pieceBytes of [65_536, 999_999, 2 * 1024 * 1024, tar.length]) {
        await using layer = await compressLayer(inPieces(tar, pieceBytes), { compression, temporaryDir });
        digests.add(layer.descriptor.digest);
        const unpacked = await decompress(layer.open(), compression, (stream) => buffer(stream));
        expect(unpacked.equals(tar)).toBe(true);
      }
      expect(digests.size).toBe(1);
    },
  );
});
