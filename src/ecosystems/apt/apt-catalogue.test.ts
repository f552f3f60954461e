import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildResolveRequest } from '../../../test/resolve-request.ts';
import { usualLimits } from '../../sandbox/sandbox.ts';
import { createBackgroundWork } from '../catalogue/background-work.ts';
import { writeNameList } from '../catalogue/name-list.ts';
import { createAptCatalogue } from './apt-catalogue.ts';
import { noAptSources } from './apt-sources.ts';
import { namesFile } from './list-names.ts';

it('tells packages of the lists of a base with what they are, and all of their versions', async () => {
  const cacheDir = await mkdtemp(join(tmpdir(), 'apt-names-'));
  const { base } = buildResolveRequest('');
  const failures: string[] = [];
  await using background = createBackgroundWork({ onFailure: (_key, error) => failures.push(String(error)) });
  const tools = {
    sandbox: { missing: async () => 'all', open: () => Promise.reject(new Error('there is no sandbox here')) },
    client: { getBlob: () => Promise.reject(new Error('there is no registry here')) },
    ...{ cacheDir, env: {}, limits: usualLimits, sources: noAptSources },
  };
  const catalogue = createAptCatalogue({ ...tools, base, background });
  const wanted = { most: 5, uses: new Map<string, number>() };
  expect(await catalogue.names('git', wanted)).toEqual({ names: [], isAll: false, isComing: true });
  await expect.poll(() => failures).toEqual([expect.stringContaining('no sandbox here')]);
  expect(await catalogue.names('git', wanted)).toEqual({ names: [], isAll: false, isComing: false });
  await writeNameList(namesFile(base, tools), [
    { name: 'git', summary: 'fast revision control', more: '1:2.39~rc1 1:2.39-1 1:2.9-1' },
    { name: 'git-lfs', more: '3' },
    { name: 'gitk', summary: 'visualizer', more: '1:2.39-1' },
  ]);
  expect(await catalogue.names('git', wanted)).toEqual({
    names: [
      { name: 'git', summary: 'fast revision control' },
      { name: 'gitk', summary: 'visualizer' },
      { name: 'git-lfs' },
    ],
    isAll: true,
    isComing: false,
  });
  const { signal } = new AbortController();
  expect(await catalogue.versions('git', signal)).toEqual(['1:2.39-1', '1:2.39~rc1', '1:2.9-1']);
  expect(await catalogue.versions('gitt', signal)).toEqual([]);
  await rm(cacheDir, { recursive: true });
});
