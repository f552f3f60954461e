import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CraftedEnd, type CraftedMember, craftZip, extraField, zip64Extra } from './testdata/crafted-zip.ts';
import { openZipArchive, type ZipLimits } from './zip-archive.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'zip-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function open(bytes: Uint8Array, limits: Partial<ZipLimits> = {}) {
  const file = join(directory, 'x.zip');
  writeFileSync(file, bytes);
  return openZipArchive(file, 'The wheel x.whl', limits);
}

/** All content of an archive, read whole and as a stream. */
async function readAll(bytes: Uint8Array): Promise<Record<string, string>> {
  using archive = open(bytes);
  const contents: Record<string, string> = {};
  for (const member of archive.members) {
    const pieces: Uint8Array[] = [];
    for await (const piece of archive.stream(member)) pieces.push(piece);
    const whole = archive.read(member);
    expect(Buffer.concat(pieces).equals(whole)).toBe(true);
    contents[member.name] = whole.toString();
  }
  return contents;
}

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}

const a: CraftedMember = { name: 'a', content: 'hello hello hello hello' };
const b: CraftedMember = { name: 'd/b', content: 'world' };
const max32 = 0xffffffff;

describe('openZipArchive', () => {
  const good: readonly (readonly [string, readonly CraftedMember[], CraftedEnd?])[] = [
    ['deflated and stored members', [a, { ...b, stored: true }]],
    ['a comment', [a, b], { comment: 'made by hand' }],
    ['a zip64 end record', [a, b], { zip64: true }],
    [
      'descriptors of every kind',
      [
        { ...a, descriptor: 'signed32' },
        { ...b, descriptor: 'bare32' },
      ],
    ],
    [
      'descriptors of 64 bits',
      [
        { ...a, descriptor: 'signed64' },
        { ...b, descriptor: 'bare64' },
      ],
    ],
    ['directories', [{ name: 'd/', mode: 0o40755 }, a, b]],
    ['names in UTF-8', [a, { ...b, name: 'd/b' }, { name: 'ü/π.py', content: 'x' }]],
    [
      'zip64 sizes in the local header only, as Python writes them',
      [
        {
          ...a,
          local: {
            bytes: max32,
            packedBytes: max32,
            extra: zip64Extra(23, deflateRawSync(Buffer.from('hello hello hello hello')).length),
          },
        },
        b,
      ],
    ],
    ['other extra fields', [{ ...a, central: { extra: extraField(0x5455, Buffer.alloc(5)) } }, b]],
  ];
  it.each(good.map(([what, members, end = {}]) => [what, members, end] as const))(
    'reads %s',
    async (_what, members, end) => {
      expect(await readAll(craftZip(members, end))).toMatchObject({ a: a.content, 'd/b': 'world' });
    },
  );

  it('tells what is executable: regular files with any x bit', () => {
    const modes = [0o100644, 0o100755, 0o100001, 0o755, 0];
    using archive = open(craftZip(modes.map((mode, n) => ({ name: `f${n}`, mode }))));
    expect(archive.members.map(({ isExecutable }) => isExecutable)).toEqual([false, true, true, false, false]);
  });

  it('gives the start of a member without the rest', () => {
    using archive = open(
      craftZip([
        { name: 'big', content: '#!python\n'.padEnd(5_000_000, 'x') },
        { ...a, stored: true },
      ]),
    );
    expect(archive.members.map((member) => archive.readStart(member, 8).toString('latin1', 0, 8))).toEqual([
      '#!python',
      'hello he',
    ]);
  });

  const attacks: readonly (readonly [string, readonly CraftedMember[], CraftedEnd?])[] = [
    ['something before the first member', [a], { before: 'MZ' }],
    ['something after the end', [a], { after: 'x' }],
    ['something between members', [{ ...a, gap: 'PK\x03\x04' }, b]],
    ['something between the last member and the directory', [{ ...a, gap: 'hidden' }]],
    ['a comment that claims to be longer', [a], { comment: `${'PK\x05\x06'.padEnd(22, '\0')}x` }],
    ['a directory that begins elsewhere', [a], { directoryOffset: 3 }],
    ['more members than are listed', [a, b], { count: 1 }],
    ['fewer members than are counted', [a, b], { count: 3 }],
    ['two end records that disagree', [a, b], { zip64: { count: 1 } }],
    ['two members in one place', [a, { ...b, central: { offset: 0 } }]],
    ['a name that is another in the local header', [{ ...a, local: { name: 'z' } }]],
    ['a method that is another in the local header', [{ ...a, local: { method: 0 } }]],
    ['a size that is another in the local header', [{ ...a, local: { bytes: 5 } }]],
    ['a checksum that is another in the local header', [{ ...a, local: { crc: 5 } }]],
    ['flags that are others in the local header', [{ ...a, local: { flags: 0 } }]],
    ['local zip64 sizes that contradict', [{ ...a, local: { extra: zip64Extra(5, 6) } }]],
    ['central zip64 sizes that contradict', [{ ...a, central: { extra: zip64Extra(5) } }]],
    ['missing zip64 sizes', [{ ...a, central: { bytes: max32 } }]],
    ['zip64 sizes told twice', [{ ...a, central: { extra: Buffer.concat([zip64Extra(23), zip64Extra(23)]) } }]],
    ['a second name', [{ ...a, central: { extra: extraField(0x7075, Buffer.from('.....z')) } }]],
    ['a malformed extra field', [{ ...a, central: { extra: Buffer.from([1, 2, 255, 0]) } }]],
    ['a descriptor that contradicts', [{ ...a, descriptor: 'signed32', central: { bytes: 5 } }]],
    ['a descriptor that is missing', [{ ...a, flags: 0x808 }]],
    ['an encrypted member', [{ ...a, flags: 0x801 }]],
    ['a strongly encrypted member', [{ ...a, flags: 0x841 }]],
    ['another method', [{ ...a, central: { method: 14 }, local: { method: 14 } }]],
    ['a name twice', [a, a]],
    ['a file that is a directory too', [a, { name: 'a/x' }]],
    ['a symbolic link', [{ ...a, mode: 0o120777 }]],
    ['a device', [{ ...a, mode: 0o020666 }]],
    ['a directory without its slash', [{ name: 'a', mode: 0o40755 }]],
    ['a directory with content', [{ name: 'a/', content: 'x', mode: 0o40755 }]],
    ['a name without the UTF-8 flag', [{ name: 'ü', flags: 0 }]],
    ['a stored member of two sizes', [{ ...a, stored: true, central: { bytes: 5 }, local: { bytes: 5 } }]],
    ['packed bytes without end', [{ name: 'a', content: 'x', packed: Buffer.alloc(100_000) }]],
    ...[
      '/etc/passwd',
      '../x',
      'a/../../x',
      'a/./b',
      'a//b',
      'C:/x',
      'c:x',
      'a\\b',
      'a\0b',
      'a\nb',
      'a/.wh.b',
      '.wh..wh..opq',
      '',
      '/',
      `${'n'.repeat(256)}`,
    ].map((name) => [`the name ${JSON.stringify(name.slice(0, 20))}`, [{ name, content: 'x' }]] as const),
  ];
  it.each(attacks.map(([what, members, end = {}]) => [what, members, end] as const))(
    'refuses %s',
    (_what, members, end) => {
      expect(() => open(craftZip(members, end))).toThrow(
        expect.objectContaining({ code: 'package-corrupt', message: expect.stringContaining('x.whl') }),
      );
    },
  );

  const lies: readonly (readonly [string, CraftedMember])[] = [
    ['a wrong checksum', { ...a, central: { crc: 1 }, local: { crc: 1 } }],
    ['a wrong checksum of a stored member', { ...a, stored: true, central: { crc: 1 }, local: { crc: 1 } }],
    ['more content than told', { ...a, central: { bytes: 3 }, local: { bytes: 3 } }],
    ['less content than told', { ...a, central: { bytes: 30 }, local: { bytes: 30 } }],
    [
      'bytes after the deflate stream',
      { ...a, packed: Buffer.concat([deflateRawSync(Buffer.from('hello hello hello hello')), Buffer.from('hidden')]) },
    ],
    [
      'a stream that is cut off',
      { ...a, packed: deflateRawSync(Buffer.from('hello hello hello hello')).subarray(0, 5) },
    ],
    ['no deflate stream', { ...a, packed: Buffer.from('\xff\xff\xff\xff', 'latin1') }],
  ];
  it.each(lies)('refuses %s when it is read, whole or as a stream', async (_what, member) => {
    using archive = open(craftZip([member]));
    const [only] = archive.members;
    expect(() => archive.read(only!)).toThrow(expect.objectContaining({ code: 'package-corrupt' }));
    await expect(drain(archive.stream(only!))).rejects.toMatchObject({ code: 'package-corrupt' });
  });

  it('refuses what is too much: members, bytes, bytes for each byte', () => {
    const limit = expect.objectContaining({ code: 'limit-exceeded' });
    expect(() => open(craftZip([a, b]), { maxMembers: 1 })).toThrow(limit);
    expect(() => open(craftZip([a, b]), { maxUnpackedBytes: 27 })).toThrow(limit);
    const bomb = { name: 'a', content: 'x', central: { bytes: 2 ** 31 }, local: { bytes: 2 ** 31 } };
    expect(() => open(craftZip([bomb]))).toThrow(limit);
    using archive = open(craftZip([a]));
    expect(() => archive.read(archive.members[0]!, 5)).toThrow(limit);
  });

  it('opens nothing else than it reads, whichever byte is changed', async () => {
    const honest = craftZip([a, { ...b, stored: true }, { name: 'c', content: '', descriptor: 'signed32' }]);
    const expected = await readAll(honest);
    await fc.assert(
      fc.asyncProperty(fc.nat(honest.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const bytes = Buffer.from(honest);
        bytes[at]! ^= change;
        const read = await readAll(bytes).catch((error) => {
          expect(error).toMatchObject({ code: expect.stringMatching(/^(package-corrupt|limit-exceeded)$/) });
        });
        if (read !== undefined) expect(read).toEqual(expected);
      }),
      { numRuns: 400 },
    );
  });

  it('refuses what is no archive', () => {
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from('PK\x05\x06'),
      Buffer.alloc(100),
      craftZip([a]).subarray(0, -1),
    ]) {
      expect(() => open(bytes)).toThrow(expect.objectContaining({ code: 'package-corrupt' }));
    }
  });
});
