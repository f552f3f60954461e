import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { combineCrc32 } from './crc32-combine.ts';

it('gives the checksum of two texts joined', () => {
  const text = fc.uint8Array({ maxLength: 5000 });
  fc.assert(
    fc.property(text, text, (first, second) => {
      const joined = crc32(Buffer.concat([first, second]));
      expect(combineCrc32(crc32(first), crc32(second), second.length)).toBe(joined);
    }),
  );
});

it('is right for sizes beyond 32 bits', () => {
  let [checksum, sizeBytes] = [crc32(Buffer.alloc(2 ** 19)), 2 ** 19];
  for (; sizeBytes < 2 ** 32; sizeBytes *= 2) checksum = combineCrc32(checksum, checksum, sizeBytes);
  // As Python's zlib counts 4 GiB of zeros, and these after an "a".
  expect(checksum).toBe(3_523_407_757);
  expect(combineCrc32(crc32('a'), checksum, sizeBytes)).toBe(1_027_557_401);
});
