import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decompress } from '../rootfs/decompress.ts';
import { createBlobWriter } from './blob-writer.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'blob-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('createBlobWriter', () => {
  it.each(['none', 'gzip', 'zstd'] as const)(
    'keeps the order of writes that are under way at once (%s)',
    async (compression) => {
      // Large ones before small ones: those that are let go freely overtake.
      const chunks = Array.from({ length: 200 }, (_, n) => Buffer.alloc(n % 2 === 0 ? 400_000 : 10, n));
      const path = join(directory, 'blob');
      await using blob = await createBlobWriter(path, compression);
      await Promise.all(chunks.map((chunk) => blob.write(chunk)));
      const { digest, sizeBytes } = await blob.end();
      const bytes = readFileSync(path);
      expect(sizeBytes).toBe(bytes.length);
      expect(digest).toBe(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
      const unpacked = await decompress(Readable.from([bytes]), compression, (stream) => buffer(stream));
      expect(unpacked.equals(Buffer.concat(chunks))).toBe(true);
    },
  );
});
