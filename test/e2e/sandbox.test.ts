import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createBuildahSandbox } from '../../src/sandbox/create-buildah-sandbox.ts';
import { describeSandbox } from '../../src/sandbox/sandbox.contract.ts';
import { makeBase } from '../bases/make-base.ts';
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
      expect(stdout).toMatch(/12 passed/);
    } finally {
      await runCommand('userdel', ['--remove', user]);
    }
  });
});
