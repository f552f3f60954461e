import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../oci/digest.ts';
import { type ScanOptions, scanLayer } from './scan-layer.ts';
import { type FixtureMember, inChunks, writeTar } from './tar.fixture.ts';

const scan = (members: readonly FixtureMember[], options?: ScanOptions) =>
  scanLayer(inChunks(writeTar(members)), 'none', options);
const directory = (path: string): FixtureMember => ({ path, flag: '5', mode: 0o755 });
const link = (path: string, linkPath: string): FixtureMember => ({ path, flag: '2', linkPath });
const hardLink = (path: string, linkPath: string): FixtureMember => ({ path, flag: '1', linkPath, mode: 0o600 });

describe('names', () => {
  test.each([
    ['./usr/bin/', '/usr/bin'],
    ['/usr/bin', '/usr/bin'],
    ['usr//./bin', '/usr/bin'],
    ['././usr', '/usr'],
    ['./', '/'],
    ['a..b/..c', '/a..b/..c'],
  ])('%s is %s', async (path, expected) => {
    expect([...(await scan([directory(path)])).entries.keys()]).toEqual([expected]);
  });

  test.each(['../etc/passwd', 'a/../../b', '..', 'a/..'])('%s is refused', async (path) => {
    await expect(scan([{ path }])).rejects.toMatchObject({ code: 'image-invalid' });
  });

  test('a hard link out of the root is refused', async () => {
    await expect(scan([hardLink('a', '../../etc/passwd')])).rejects.toMatchObject({ code: 'image-invalid' });
  });
});

describe('one layer by itself', () => {
  test('says what each member is', async () => {
    const { entries } = await scan([
      { ...directory('d'), mode: 0o1777, uid: 3, gid: 4 },
      { path: 'd/f', body: 'abc', mode: 0o4755 },
      link('d/l', '../x'),
      { path: 'd/null', flag: '3' },
    ]);
    expect(Object.fromEntries(entries)).toEqual({
      '/d': { type: 'directory', mode: 0o1777, uid: 3, gid: 4 },
      '/d/f': { type: 'file', mode: 0o4755, uid: 0, gid: 0, sizeBytes: 3 },
      '/d/l': { type: 'symlink', mode: 0o644, uid: 0, gid: 0, target: '../x' },
      '/d/null': { type: 'other', mode: 0o644, uid: 0, gid: 0 },
    });
  });

  test('tells removals apart from entries', async () => {
    const index = await scan([
      directory('a'),
      { path: 'a/.wh.gone' },
      { path: 'b/.wh..wh..opq' },
      { path: '.wh..wh.plnk/1.2' },
      { path: '.wh..wh.aufs' },
    ]);
    expect(index).toMatchObject({ whiteouts: ['/a/gone'], opaques: ['/b'] });
    expect(index.entries.has('/a')).toBe(true);
    expect(index.entries.has('/.wh..wh.aufs')).toBe(false);
    await expect(scan([{ path: 'a/.wh.' }])).rejects.toMatchObject({ code: 'image-invalid' });
    await expect(scan([{ path: 'a/.wh...' }])).rejects.toMatchObject({ code: 'image-invalid' });
  });

  test('a hard link is the file it names, with its content', async () => {
    const metadata = 'Name: a\nVersion: 1\n';
    const { entries, contents } = await scan([
      { path: 'x/a.dist-info/METADATA', body: metadata, mode: 0o640 },
      hardLink('y/a.dist-info/METADATA', './x/a.dist-info/METADATA'),
      hardLink('z', 'not/in/this/layer'),
    ]);
    expect(entries.get('/y/a.dist-info/METADATA')).toEqual(entries.get('/x/a.dist-info/METADATA'));
    expect(contents.get('/y/a.dist-info/METADATA')?.toString()).toBe(metadata);
    expect(entries.get('/z')).toEqual({ type: 'file', mode: 0o600, uid: 0, gid: 0, sizeBytes: 0 });
    await expect(scan([directory('d'), hardLink('e', 'd')])).rejects.toMatchObject({ code: 'image-invalid' });
  });

  test('a later member of the same path wins, and takes the content with it', async () => {
    const first = { path: 'etc/os-release', body: 'ID=debian\n' };
    expect((await scan([first, { ...first, body: 'ID=other\n' }])).contents.get('/etc/os-release')?.toString()).toBe(
      'ID=other\n',
    );
    expect((await scan([first, link('etc/os-release', '../usr/lib/os-release')])).contents.size).toBe(0);
  });

  test('links of the layer itself are followed on the way to a member', async () => {
    const { entries, whiteouts } = await scan([
      link('lib', 'usr/lib'),
      { path: 'lib/a' },
      { path: 'lib/.wh.b' },
      link('l1', 'l2/x'),
      link('l2', '/lib'),
      { path: 'l1/c' },
    ]);
    expect(entries.has('/usr/lib/a')).toBe(true);
    expect(entries.has('/usr/lib/x/c')).toBe(true);
    expect(whiteouts).toEqual(['/usr/lib/b']);
  });

  test('what is no directory replaces one with all in it', async () => {
    const { entries } = await scan([
      directory('lib'),
      { path: 'lib/a' },
      { path: 'library' },
      link('lib', 'usr/lib'),
      { path: 'lib/b' },
    ]);
    expect([...entries.keys()].sort()).toEqual(['/lib', '/library', '/usr/lib/b']);
    const back = await scan([link('lib', 'usr/lib'), { path: 'lib/a' }, directory('lib'), { path: 'lib/b' }]);
    expect([...back.entries.keys()].sort()).toEqual(['/lib', '/lib/b', '/usr/lib/a']);
  });

  test.each<[string, FixtureMember[]]>([
    ['a member below a file', [{ path: 'a' }, { path: 'a/b' }]],
    ['a member below links that lead nowhere', [link('a', 'b'), link('b', 'a'), { path: 'a/c' }]],
    ['a root that is a file', [{ path: './' }]],
  ])('%s cannot be unpacked', async (_what, members) => {
    await expect(scan(members)).rejects.toMatchObject({ code: 'image-invalid' });
  });

  test('replacing directories without end is refused', async () => {
    const members = Array.from({ length: 300 }, (_, i) => (i % 2 ? { path: 'd' } : { path: 'd/f' }));
    const alternating = members.flatMap((member, i) => (i % 2 ? [member, directory('d')] : [member]));
    await expect(scan(alternating)).rejects.toMatchObject({
      code: 'image-invalid',
      message: expect.stringMatching(/again/),
    });
  });
});

describe('kept content', () => {
  test('is that of the files that tell what is installed, and of no other', async () => {
    const { contents } = await scan([
      { path: 'etc/os-release', body: 'ID=debian\n' },
      { path: 'etc/passwd', body: 'root' },
      { path: 'p/a.dist-info/METADATA', body: 'Name: a\n\nA long description' },
      { path: 'p/a.dist-info/RECORD', body: 'a.py,,\n' },
      { path: 'p/a.py', body: 'pass' },
      { path: 'lib/libc.so.6', body: '\x7fELF\0GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36.\n\0' },
      { path: 'bin/python3.11', body: '\x7fELF\0/lib64/ld-linux-x86-64.so.2\0Python/3.11.2\0' },
      { path: 'shims/python3', body: '#!/bin/sh\n' },
    ]);
    expect(Object.fromEntries([...contents].map(([path, content]) => [path, content.toString()]))).toEqual({
      '/etc/os-release': 'ID=debian\n',
      '/p/a.dist-info/METADATA': 'Name: a\n',
      '/p/a.dist-info/RECORD': 'a.py,,\n',
      '/lib/libc.so.6': 'glibc 2.36',
      '/bin/python3.11': 'elf /lib64/ld-linux-x86-64.so.2 3.11.2',
      '/shims/python3': 'script',
    });
  });

  test('is left out and listed when there is too much of it', async () => {
    const record = { path: 'a.dist-info/RECORD', body: 'x'.repeat(100) };
    const other = { path: 'b.dist-info/RECORD', body: 'x'.repeat(100) };
    const index = await scan([record, other], { limits: { maxContentBytes: 150 } });
    expect([...index.contents.keys()]).toEqual(['/a.dist-info/RECORD']);
    expect(index.omitted).toEqual(['/b.dist-info/RECORD']);
    expect(index.entries.size).toBe(2);
  });
});

describe('verification', () => {
  const tar = writeTar([{ path: 'a', body: 'x' }]);

  test('the diff_id is that of the whole unpacked stream', async () => {
    const padded = Buffer.concat([tar, Buffer.alloc(10_240)]);
    const index = await scanLayer(inChunks(gzipSync(padded), [100]), 'gzip', { diffId: digestOf(padded) });
    expect(index.entries.size).toBe(1);
    await expect(scanLayer(inChunks(tar), 'none', { diffId: digestOf('other') })).rejects.toMatchObject({
      code: 'image-invalid',
      message: expect.stringContaining(digestOf('other')),
    });
  });

  test.each([{ maxUnpackedBytes: 1000 }, { maxEntries: 0 }, { maxNameBytes: 0 }])('%o is a limit', async (limits) => {
    await expect(scanLayer(inChunks(tar), 'none', { limits })).rejects.toMatchObject({ code: 'limit-exceeded' });
  });
});
