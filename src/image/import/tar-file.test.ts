import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTar } from '../../rootfs/tar.fixture.ts';
import { openTarFile } from './tar-file.ts';

let path: string;
beforeAll(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'tar-file-')), 'x.tar');
});
afterAll(() => rm(join(path, '..'), { recursive: true, force: true }));

const openBytes = async (bytes: Buffer) => {
  await writeFile(path, bytes);
  return openTarFile(path);
};

describe('openTarFile', () => {
  it('reads members in any order, more than once', async () => {
    const big = Buffer.alloc(700_000, 'x');
    await using tar = await openBytes(
      writeTar([
        { path: './a', body: 'first' },
        { path: 'dir', flag: '5' },
        { path: 'dir/big', body: big },
        { path: 'empty' },
      ]),
    );
    expect(big.equals(await buffer(tar.open('dir/big')))).toBe(true);
    expect(String(await tar.read('a', 5))).toBe('first');
    expect(String(await buffer(tar.open('a')))).toBe('first');
    expect(await tar.read('empty', 0)).toHaveLength(0);
    expect([tar.has('a'), tar.has('dir'), tar.has('b')]).toEqual([true, false, false]);
  });

  it.each([false, true])('reads long names (GNU: %s)', async (isGnu) => {
    const long = `${'d'.repeat(120)}/layer.tar`;
    await using tar = await openBytes(
      writeTar([
        { path: long, body: 'x', isGnu },
        { path: 'after', body: 'y' },
      ]),
    );
    expect(String(await tar.read(long, 9))).toBe('x');
    expect(String(await tar.read('after', 9))).toBe('y');
  });

  it('follows links within the archive only', async () => {
    await using tar = await openBytes(
      writeTar([
        { path: 'one/layer.tar', body: 'x' },
        { path: 'two/layer.tar', flag: '2', linkPath: '../one/layer.tar' },
        { path: 'three', flag: '1', linkPath: 'two/layer.tar' },
        { path: 'out', flag: '2', linkPath: '/etc/hostname' },
        { path: 'up', flag: '2', linkPath: '../../../etc/hostname' },
        { path: 'loop', flag: '2', linkPath: 'loop' },
      ]),
    );
    expect(String(await tar.read('two/layer.tar', 9))).toBe('x');
    expect(String(await tar.read('three', 9))).toBe('x');
    for (const name of ['out', 'up', 'loop']) expect(tar.has(name)).toBe(false);
  });

  it('lets the last member of a name count', async () => {
    await using tar = await openBytes(
      writeTar([
        { path: 'a', body: 'old' },
        { path: 'a', body: 'new' },
      ]),
    );
    expect(String(await tar.read('a', 9))).toBe('new');
  });

  it('refuses a file that is larger than asked for', async () => {
    await using tar = await openBytes(writeTar([{ path: 'a', body: '12345' }]));
    await expect(tar.read('a', 4)).rejects.toMatchObject({ code: 'image-invalid' });
  });

  it.each([
    ['cut off in a body', writeTar([{ path: 'a', body: Buffer.alloc(2000) }]).subarray(0, 1500)],
    ['cut off in a header', writeTar([{ path: 'a' }]).subarray(0, 300)],
    ['a size past its end', writeTar([{ path: 'a', body: 'x', sizeBytes: 1e12 }])],
    ['a huge PAX header', writeTar([{ path: 'a', flag: 'x', sizeBytes: 2e6, body: Buffer.alloc(2e6) }])],
    ['no tar', Buffer.alloc(2000, 'x')],
  ])('refuses what is %s', async (_what, bytes) => {
    await expect(openBytes(bytes)).rejects.toMatchObject({ code: 'image-invalid' });
  });
});
