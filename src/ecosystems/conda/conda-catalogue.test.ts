import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RecordRecipe, serveRepodata } from '../../../test/repodata-server.ts';
import { createHttpClient } from '../../http/create-http-client.ts';
import { createThreadPool } from '../../threads/thread-pool.ts';
import { createBackgroundWork } from '../catalogue/background-work.ts';
import { onlyChannels } from './channels.ts';
import { createCondaCatalogue } from './conda-catalogue.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'conda-names-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const main: readonly RecordRecipe[] = [
  ...['1.9', '1.10', '1.10rc1'].map((version) => ({ name: 'numpy', version })),
  { name: 'numpy', version: '2.0', subdir: 'noarch', noarch: 'python' },
  { name: 'numpydoc', subdir: 'noarch', noarch: 'python' },
  { name: 'scipy' },
];
const wanted = { most: 5, uses: new Map<string, number>() };

describe.each([{ sharded: false }, { sharded: true }])('names of channels, sharded: $sharded', ({ sharded }) => {
  it('are those of all subdirectories, and of the channel that a line names', async () => {
    await using server = await serveRepodata({ main, lab: [{ name: 'numpy-of-the-lab' }] }, { sharded });
    await using solverThreads = createThreadPool(1);
    await using background = createBackgroundWork({ onFailure: (_key, error) => expect.fail(String(error)) });
    const open = (question: { readonly channel?: string; readonly added?: readonly string[] } = {}) =>
      createCondaCatalogue({
        ...{ cacheDir: join(directory, String(sharded)), env: {}, http: createHttpClient({ env: {} }) },
        ...{ solverThreads, background },
        channels: {
          ...onlyChannels([{ url: server.channelUrl('main') }]),
          allowed: [server.channelUrl('lab')],
          alias: server.origin,
        },
        ...{ platform: 'linux-64', ...question },
      });
    expect(await open().names('NumP', wanted)).toEqual({ names: [], isAll: false, isComing: true });
    expect(await open().versions('numpy', AbortSignal.timeout(5000))).toEqual([]);
    const whenThere = async (catalogue: ReturnType<typeof open>) => {
      await expect.poll(async () => (await catalogue.names('nump', wanted)).isComing, { timeout: 5000 }).toBe(false);
      const { names, isAll } = await catalogue.names('nump', wanted);
      return [...names.map(({ name }) => name), isAll];
    };
    expect(await whenThere(open())).toEqual(['numpy', 'numpydoc', true]);
    expect(await whenThere(open({ channel: 'lab' }))).toEqual(['numpy-of-the-lab', true]);
    expect(await whenThere(open({ added: ['lab'] }))).toEqual(['numpy', 'numpydoc', 'numpy-of-the-lab', true]);
    expect(await open({ channel: 'https://conda.example.com/no' }).names('nump', wanted)).toMatchObject({ names: [] });
    expect(await open().versions('numpy', AbortSignal.timeout(5000))).toEqual(['2.0', '1.10', '1.10rc1', '1.9']);
    expect(await open().versions('nothing', AbortSignal.timeout(5000))).toEqual([]);
  });
});
