import { execFileSync } from 'node:child_process';
import { chmodSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { BuilderError } from '../errors.ts';
import { type FixtureMember, inChunks, paxRecord, withChecksum, writeTar } from './tar.fixture.ts';
import { readTar, type TarHeader, type TarOptions } from './tar-reader.ts';

interface Read {
  readonly header: TarHeader;
  readonly body: Buffer;
}

async function readAll(tar: Buffer, options: TarOptions = {}, sizes: readonly number[] = [1000]): Promise<Read[]> {
  const found: Read[] = [];
  for await (const entry of readTar(inChunks(tar, sizes), options)) {
    found.push({ header: entry.header, body: await entry.read(Number.POSITIVE_INFINITY) });
  }
  return found;
}

const name = fc.stringMatching(/^[a-zé/]{1,300}$/).filter((text) => !/^\/|\/$|\/\//.test(text));
const member: fc.Arbitrary<FixtureMember> = fc.record({
  path: name,
  flag: fc.constantFrom('0', '0', '5', '2', '1'),
  mode: fc.nat(0o7777),
  uid: fc.oneof(fc.nat(65_535), fc.constant(2 ** 31 + 5)),
  gid: fc.nat(8 ** 7 + 100),
  linkPath: name,
  body: fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
  isGnu: fc.boolean(),
});

function normal(given: FixtureMember): FixtureMember {
  const { linkPath, body, ...rest } = given;
  if (given.flag === '0') return { ...rest, body: body! };
  return given.flag === '5' ? rest : { ...rest, linkPath: linkPath! };
}

const types: Readonly<Record<string, string>> = { '0': 'file', '5': 'directory', '2': 'symlink', '1': 'hardlink' };

describe('a well-formed archive', () => {
  test('is read as it was written, however it is chunked', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(fc.array(member.map(normal), { maxLength: 8 }), sizes, async (members, chunkSizes) => {
        const found = await readAll(writeTar(members), {}, chunkSizes);
        expect(found.map(({ header, body }) => ({ ...header, body }))).toEqual(
          members.map(({ path, flag, mode, uid, gid, linkPath = '', body = '' }) => ({
            path,
            type: types[flag!],
            mode,
            uid,
            gid,
            sizeBytes: Buffer.from(body).length,
            mtimeSeconds: 0,
            linkPath,
            body: Buffer.from(body),
          })),
        );
      }),
    );
  });

  test('may be read in part: what is left of a body is passed over', async () => {
    const tar = writeTar(Array.from({ length: 5 }, (_, i) => ({ path: `f${i}`, body: Buffer.alloc(5000, i) })));
    const found: string[] = [];
    for await (const entry of readTar(inChunks(tar, [700]))) {
      if (entry.header.path === 'f1') expect(await entry.read(3)).toEqual(Buffer.alloc(3, 1));
      if (entry.header.path === 'f2') for await (const chunk of entry.chunks()) if (chunk.length > 0) break;
      found.push(entry.header.path);
    }
    expect(found).toEqual(['f0', 'f1', 'f2', 'f3', 'f4']);
  });

  test('has extended attributes, binary ones too', async () => {
    const value = Buffer.from([1, 0, 0, 2, 0x0a, 0xff]);
    const tar = writeTar([{ path: 'ping', pax: { 'SCHILY.xattr.security.capability': value, comment: 'x' } }]);
    const [read] = await readAll(tar);
    expect(read!.header.xattrs).toEqual({ 'security.capability': value.toString('base64') });
  });

  test('takes size, owner and time from PAX records', async () => {
    const body = 'twelve bytes';
    const pax = { size: '12', uid: '3000000000', gid: '7', mtime: '1700000000.25', path: 'é' };
    const [read, next] = await readAll(writeTar([{ path: 'a', sizeBytes: 0, body, pax }, { path: 'b' }]));
    expect(read!.header).toMatchObject({
      path: 'é',
      sizeBytes: 12,
      uid: 3_000_000_000,
      gid: 7,
      mtimeSeconds: 1_700_000_000.25,
    });
    expect(read!.body.toString()).toBe(body);
    expect(next!.header).toMatchObject({ path: 'b', uid: 0 });
  });

  test('may lack its end, and what stands after its end is read but not looked at', async () => {
    const tar = writeTar([{ path: 'a', body: 'x' }]);
    expect(await readAll(tar.subarray(0, 1024))).toHaveLength(1);
    let passed = 0;
    const watched = async function* () {
      for await (const chunk of inChunks(Buffer.concat([tar, Buffer.alloc(5000, 7)]))) {
        passed += chunk.length;
        yield chunk;
      }
    };
    for await (const entry of readTar(watched())) expect(entry.header.path).toBe('a');
    expect(passed).toBe(tar.length + 5000);
  });

  test('has its directories told by a slash in V7', async () => {
    const tar = writeTar([
      { path: 'bin/', flag: '\0' },
      { path: 'sh', flag: '\0', body: 'x' },
    ]);
    expect((await readAll(tar)).map(({ header }) => header.type)).toEqual(['directory', 'file']);
  });
});

describe('what GNU tar writes', () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  function makeTree(longest: number): string {
    const folder = mkdtempSync(join(tmpdir(), 'tar-reader-'));
    folders.push(folder);
    mkdirSync(join(folder, 'deep', 'd'.repeat(longest)), { recursive: true });
    writeFileSync(join(folder, 'deep', 'd'.repeat(longest), 'f'.repeat(longest)), Buffer.alloc(70_000, 'q'));
    writeFileSync(join(folder, 'run'), '#!/bin/sh\n');
    chmodSync(join(folder, 'run'), 0o4755);
    symlinkSync(`to/${'t'.repeat(longest)}`, join(folder, 'link'));
    linkSync(join(folder, 'run'), join(folder, 'run-too'));
    return folder;
  }

  test.each([
    ['v7', 40],
    ['oldgnu', 40],
    ['ustar', 70],
    ['gnu', 120],
    ['pax', 120],
  ])('is read in its format %s', async (format, longest) => {
    const folder = makeTree(longest);
    const tar = execFileSync('tar', ['-C', folder, `--format=${format}`, '--sort=name', '-cf', '-', '.']);
    const found = await readAll(tar, {}, [10_240]);
    const long = `./deep/${'d'.repeat(longest)}`;
    expect(found.map(({ header }) => [header.path, header.type, header.linkPath])).toEqual([
      ['./', 'directory', ''],
      ['./deep/', 'directory', ''],
      [`${long}/`, 'directory', ''],
      [`${long}/${'f'.repeat(longest)}`, 'file', ''],
      ['./link', 'symlink', `to/${'t'.repeat(longest)}`],
      ['./run', 'file', ''],
      ['./run-too', 'hardlink', './run'],
    ]);
    expect(found[3]!.body.equals(Buffer.alloc(70_000, 'q'))).toBe(true);
    expect(found[5]!.header.mode).toBe(0o4755);
  });
});

describe('refused is', () => {
  const refusal = async (tar: Buffer, options?: TarOptions) => {
    const error = await readAll(tar, options).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(BuilderError);
    return error as BuilderError;
  };
  const changed = (at: number, byte: number, fix: boolean): Buffer => {
    const tar = writeTar([{ path: 'a', body: 'x' }]);
    tar[at] = byte;
    if (fix) withChecksum(tar.subarray(0, 512));
    return tar;
  };
  const global = (key: string) => {
    const body = paxRecord(key, Buffer.from('1'));
    return writeTar([{ path: 'g', flag: 'g', body }, { path: 'a' }]);
  };

  test.each<[string, Buffer, RegExp]>([
    ['a wrong checksum', changed(0, 0x62, false), /checksum/],
    ['a size that is not octal', changed(124, 0x39, true), /not octal/],
    ['a sparse member of old GNU', writeTar([{ path: 's', flag: 'S' }]), /sparse/],
    ['a sparse member of PAX', writeTar([{ path: 's', pax: { 'GNU.sparse.major': '1' } }]), /sparse/],
    ['a multi-volume member', writeTar([{ path: 's', flag: 'M' }]), /unknown type/],
    ['a negative size', writeTar([{ path: 's', sizeBytes: -1 }]), /negative/],
    ['a size beyond counting', writeTar([{ path: 's', sizeBytes: 2 ** 80 }]), /too large/],
    ['a PAX size that is none', writeTar([{ path: 's', pax: { size: '-1' } }]), /not a number/],
    ['a zero byte in a name', writeTar([{ path: 's', pax: { path: 'a\0b' } }]), /zero byte/],
    ['a PAX record without length', writeTar([{ path: 'x', flag: 'x', body: 'path=a\n' }]), /malformed/],
    ['a PAX record longer than its body', writeTar([{ path: 'x', flag: 'x', body: '99 path=a\n' }]), /malformed/],
    ['a global header that renames', global('path'), /global header sets path/],
    ['a global header with attributes', global('SCHILY.xattr.user.a'), /global header sets SCHILY/],
    ['a name longer than a path can be', writeTar([{ path: 'n'.repeat(5000) }]), /longer than 4096/],
    ['an end within a header', writeTar([{ path: 'a' }]).subarray(0, 300), /within a header/],
    ['an end within a body', writeTar([{ path: 'a', body: 'x'.repeat(600) }]).subarray(0, 1000), /ends within a/],
    ['a lone block of zeros', Buffer.concat([Buffer.alloc(512), writeTar([{ path: 'a' }])]), /zeros/],
    ['what is no tar', Buffer.alloc(2048, 'no tar '), /not octal/],
  ])('%s', async (_what, tar, message) => {
    const error = await refusal(tar);
    expect(error.code).toBe('image-invalid');
    expect(error.message).toMatch(message);
  });

  test('a global comment is not', async () => {
    expect(await readAll(global('comment'))).toHaveLength(1);
  });

  test('more headers, and larger ones, than allowed', async () => {
    const tar = writeTar([{ path: 'a' }, { path: 'b' }, { path: 'c', pax: { comment: 'c'.repeat(100) } }]);
    expect((await refusal(tar, { maxHeaders: 2 })).code).toBe('limit-exceeded');
    expect((await refusal(tar, { maxPaxBytes: 50 })).message).toMatch(/extended header has/);
    expect((await refusal(tar, { maxPaxBytes: 50, errorCode: 'package-corrupt' })).code).toBe('package-corrupt');
  });

  test('a damaged archive, or it is read: never another failure', async () => {
    const tar = writeTar([
      { path: 'a', body: 'x'.repeat(700) },
      { path: 'b'.repeat(150), isGnu: true },
      { path: 'c', pax: { path: 'd', 'SCHILY.xattr.user.a': 'v' } },
    ]);
    const damage = fc.array(fc.tuple(fc.nat(tar.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(damage, fc.boolean(), async (changes, fixes) => {
        const damaged = Buffer.from(tar);
        for (const [at, byte] of changes) {
          damaged[at] = byte;
          if (fixes) withChecksum(damaged.subarray(at - (at % 512), at - (at % 512) + 512));
        }
        const error = await readAll(damaged).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        if (error !== undefined) expect(error).toBeInstanceOf(BuilderError);
      }),
      { numRuns: 300 },
    );
  });
});
