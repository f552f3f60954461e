import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bzip2 } from '../../../test/make-conda-package.ts';
import { unpackBzip2 } from './bzip2.ts';

/** Unpacks what comes in pieces of that size. */
async function unpacked(packed: Uint8Array, pieceBytes = 64 * 1024): Promise<Buffer> {
  async function* pieces() {
    for (let at = 0; at < packed.length; at += pieceBytes) yield packed.subarray(at, at + pieceBytes);
  }
  const parts: Buffer[] = [];
  for await (const part of unpackBzip2(pieces())) parts.push(part);
  return Buffer.concat(parts);
}

/** Many texts packed by one run of Python, as each start of it costs more than all the packing. */
function packedAll(texts: readonly Uint8Array[]): Buffer[] {
  const program = `
import base64, bz2, json, sys
print(json.dumps([base64.b64encode(bz2.compress(base64.b64decode(text), 1)).decode() for text in json.load(sys.stdin)]))`;
  const input = JSON.stringify(texts.map((text) => Buffer.from(text).toString('base64')));
  const { stdout } = spawnSync('python3', ['-c', program], { input, maxBuffer: 1024 ** 3 });
  return (JSON.parse(String(stdout)) as string[]).map((text) => Buffer.from(text, 'base64'));
}

/** Runs, which the format counts in two ways, and everything else. */
const text = fc
  .array(
    fc.tuple(
      fc.integer({ min: 0, max: 255 }),
      fc.oneof(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 250, max: 700 })),
    ),
    {
      maxLength: 40,
    },
  )
  .map((runs) => Buffer.concat(runs.map(([byte, count]) => Buffer.alloc(count, byte))));

describe('unpackBzip2', () => {
  it('gives back what was packed, in whatever pieces it comes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(text, { minLength: 20, maxLength: 20 }),
        fc.integer({ min: 1, max: 999 }),
        async (texts, size) => {
          const packed = packedAll(texts);
          for (const [at, each] of packed.entries()) expect((await unpacked(each, size)).equals(texts[at]!)).toBe(true);
        },
      ),
      { numRuns: 10 },
    );
  });

  it('reads several blocks, and several streams one after another', async () => {
    const long = Buffer.from(Array.from({ length: 400_000 }, (_, at) => (at * at * 31) % 251));
    expect((await unpacked(bzip2(long, 1))).equals(long)).toBe(true);
    const both = Buffer.concat([bzip2(Buffer.from('one, ')), bzip2(Buffer.from('two'))]);
    expect((await unpacked(both)).toString()).toBe('one, two');
    expect((await unpacked(bzip2(Buffer.alloc(0)))).length).toBe(0);
  });

  const sample = bzip2(Buffer.from('a text that is long enough to have some symbols in it\n'.repeat(50)));
  it.each([
    ['no bzip2 at all', Buffer.from('PK\x03\x04 and more'), 'not bzip2'],
    ['nothing', Buffer.alloc(0), 'ends too early'],
    ['an end that is missing', sample.subarray(0, -6), 'ends too early'],
    ['another byte in a block', withByte(sample, 60), /block|checksum/],
    ['another checksum', withByte(sample, sample.length - 3), /checksum|early/],
    ['something behind it', Buffer.concat([sample, Buffer.from('x')]), /early|not bzip2/],
  ])('refuses %s', async (_what, packed, message) => {
    await expect(unpacked(packed)).rejects.toThrow(message);
  });

  it('ends on anything', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(sample.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        async (changes) => {
          const changed = Buffer.from(sample);
          for (const [at, byte] of changes) changed[at] = byte;
          await unpacked(changed).catch((error) => expect(error.name).toBe('Bzip2Error'));
        },
      ),
      { numRuns: 300 },
    );
  });
});

function withByte(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[at]! ^= 0x10;
  return changed;
}
