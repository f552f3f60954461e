import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openBuildahStorage } from '../../src/sandbox/buildah-storage.ts';
import { cleanStorage, usualMaxStorageBytes } from '../../src/sandbox/clean-storage.ts';
import { createBuildahSandbox } from '../../src/sandbox/create-buildah-sandbox.ts';
import { describeSandbox } from '../../src/sandbox/sandbox.contract.ts';
import { type Room, usualLimits } from '../../src/sandbox/sandbox.ts';
import { makeBase } from '../bases/make-base.ts';
import type { BaseName } from '../bases/recipes.ts';
import { layoutRootfs } from '../layout-rootfs.ts';
import { runCommand, tryCommand } from '../run-command.ts';

const isRoot = process.getuid?.() === 0;
const made: string[] = [];

afterAll(async () => {
  // Files in the storage of an ordinary user belong to users of its own range.
  const asOwner = isRoot ? ['env'] : ['buildah', 'unshare'];
  for (const directory of made) await runCommand(asOwner[0]!, [...asOwner.slice(1), 'rm', '-rf', directory]);
});

describeSandbox(isRoot ? 'buildah as root' : 'buildah as an ordinary user', async () => {
  const cacheDir = await mkdtemp(join(tmpdir(), 'imagewright-sandbox-'));
  made.push(cacheDir);
  return { sandbox: createBuildahSandbox({ cacheDir }), ...(await layoutRootfs(await makeBase('debian12'))) };
});

describe.runIf(isRoot)('the storage', () => {
  const { signal } = new AbortController();
  const anHour = 60 * 60_000;

  const imageOf = async (name: BaseName) => (await layoutRootfs(await makeBase(name))).image;

  it('lets what was used longest ago go, but nothing that is in use, and what was left by what was killed', async () => {
    const cacheDir = await mkdtemp(join(tmpdir(), 'imagewright-sandbox-'));
    made.push(cacheDir);
    const sandbox = createBuildahSandbox({ cacheDir });
    const storage = await openBuildahStorage(join(cacheDir, 'sandbox'));
    const [older, newer] = await Promise.all((['debian12', 'debian13'] as const).map(imageOf));
    const says = async (room: Room, argv: readonly string[]) => {
      const lines: string[] = [];
      await room.run({ argv, limits: usualLimits, signal, onLine: (line) => lines.push(line) });
      return lines.join('\n');
    };
    const count = async (what: string) =>
      (await storage.call([what, '--quiet'], { signal })).split('\n').filter(Boolean).length;

    const inUse = await sandbox.open(older!, { signal });
    await (await sandbox.open(newer!, { signal }))[Symbol.asyncDispose]();
    // Just used: neither goes.
    await cleanStorage(storage, { maxBytes: 1, signal });
    expect(await count('images')).toBe(2);
    // The older one is in use, so it stays though it would be the first.
    await cleanStorage(storage, { maxBytes: 1, signal, now: Date.now() + anHour });
    expect(await count('images')).toBe(1);
    expect(await says(inUse, ['cat', '/etc/debian_version'])).toMatch(/^12/);
    const again = await sandbox.open(newer!, { signal });
    expect(await says(again, ['cat', '/etc/debian_version'])).toMatch(/^13/);

    await cleanStorage(storage, { maxBytes: usualMaxStorageBytes, signal, now: Date.now() + 23 * anHour });
    expect(await count('containers')).toBe(2);
    await cleanStorage(storage, { maxBytes: usualMaxStorageBytes, signal, now: Date.now() + 25 * anHour });
    expect([await count('containers'), await count('images')]).toEqual([0, 2]);
    expect((await readdir(storage.directory)).filter((name) => name.startsWith('room-'))).toEqual([]);
  });
});

describe.runIf(isRoot)('without root', () => {
  const user = 'imagewright-test';

  it('does all the same with user namespaces', async () => {
    await runCommand('useradd', ['--create-home', user]);
    try {
      const program = resolve(import.meta.dirname, '../../node_modules/vitest/vitest.mjs');
      const options = ['run', '--configLoader', 'runner', '--project', 'e2e', import.meta.filename];
      const { exitCode, stdout, stderr } = await tryCommand(
        'runuser',
        ['-u', user, '--', 'env', `HOME=/home/${user}`, 'TMPDIR=/tmp', process.execPath, program, ...options],
        { cwd: resolve(import.meta.dirname, '../..') },
      );
      expect(exitCode, `${stdout}\n${stderr}`).toBe(0);
      expect(stdout).toMatch(/13 passed/);
    } finally {
      await runCommand('userdel', ['--remove', user]);
    }
  });
});
