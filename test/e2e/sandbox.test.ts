import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { createBuildahSandbox } from '../../src/sandbox/create-buildah-sandbox.ts';
import { describeSandbox } from '../../src/sandbox/sandbox.contract.ts';
import { makeBase } from '../bases/make-base.ts';
import { layoutRootfs } from '../layout-rootfs.ts';

const made: string[] = [];
afterAll(() => Promise.all(made.map((directory) => rm(directory, { recursive: true, force: true }))));

describeSandbox('buildah as root', async () => {
  const cacheDir = await mkdtemp(join(tmpdir(), 'imagewright-sandbox-'));
  made.push(cacheDir);
  return { sandbox: createBuildahSandbox({ cacheDir }), ...(await layoutRootfs(await makeBase('debian12'))) };
});
