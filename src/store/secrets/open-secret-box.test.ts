import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSecretBox } from './open-secret-box.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'secret-box-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

const key = (fill: number) => Buffer.alloc(32, fill).toString('base64');
const open = (keys?: string) => openSecretBox({ dataDir, env: { IMAGEWRIGHT_SECRET_KEY: keys } });
const file = () => join(dataDir, 'secret.key');

describe('the keys', () => {
  it('are made on the first start, for nobody else to read, and kept', async () => {
    const sealed = (await open()).seal('secret', 'here');
    expect((await stat(file())).mode & 0o777).toBe(0o600);
    expect(await readdir(dataDir)).toEqual(['secret.key']);
    expect((await open()).open(sealed, 'here')).toBe('secret');
  });

  it('are the same for all who start together', async () => {
    const boxes = await Promise.all(Array.from({ length: 10 }, () => open()));
    const sealed = boxes[0]!.seal('secret', 'here');
    expect(boxes.map((box) => box.open(sealed, 'here'))).toEqual(Array(10).fill('secret'));
  });

  it('are rotated by a line before the others', async () => {
    const sealed = (await open()).seal('secret', 'here');
    await writeFile(file(), `${key(7)}\n${await readFile(file(), 'utf8')}`);
    const rotated = await open();
    expect(rotated.open(sealed, 'here')).toBe('secret');
    expect(rotated.needsResealing(sealed)).toBe(true);
  });

  it('come from the environment, where no file is made then', async () => {
    const sealed = (await open(key(1))).seal('secret', 'here');
    const rotated = await open(` ${key(2)}, ${key(1).replace('=', '')}`);
    expect(rotated.open(sealed, 'here')).toBe('secret');
    expect(rotated.needsResealing(sealed)).toBe(true);
    expect(await readdir(dataDir)).toEqual([]);
  });

  it.each([
    ['secret', 'Key 1 of IMAGEWRIGHT_SECRET_KEY is not 32 bytes in base64'],
    [`${key(1)},c2hvcnQ=`, 'Key 2 of IMAGEWRIGHT_SECRET_KEY is not 32 bytes in base64'],
    [',', 'IMAGEWRIGHT_SECRET_KEY holds no key'],
  ])('are refused when they are %j, without being shown', async (keys, message) => {
    const error = await open(keys).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'command-invalid', message, hint: expect.stringContaining('openssl') });
  });

  it.each(['', '\n', 'not a key\n'])('are refused when the file holds %j, which is left as it is', async (text) => {
    await writeFile(file(), text);
    await expect(open()).rejects.toMatchObject({ code: 'command-invalid' });
    expect(await readFile(file(), 'utf8')).toBe(text);
  });

  it.skipIf(process.getuid?.() === 0)('say when the file cannot be read', async () => {
    await open();
    await chmod(file(), 0);
    await expect(open()).rejects.toMatchObject({ code: 'command-invalid', hint: expect.stringContaining(file()) });
  });
});
