import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { startPackageIndex } from '../../../test/package-index.ts';
import { answer, serveScript } from '../../../test/scripted-server.ts';
import { createHttpClient } from '../../http/create-http-client.ts';
import { createThreadPool } from '../../threads/thread-pool.ts';
import { type BackgroundWork, createBackgroundWork } from '../catalogue/background-work.ts';
import { createPipCatalogue } from './pip-catalogue.ts';
import type { PackageIndexes } from './uv-settings.ts';

const directories: string[] = [];
const failures: string[] = [];
let cacheDir: string;
beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'pip-names-'));
  directories.push(cacheDir);
});
const threads = createThreadPool(1);
afterAll(() => threads[Symbol.asyncDispose]());
afterAll(() => Promise.all(directories.map((each) => rm(each, { recursive: true }))));

const http = createHttpClient({ sleep: async () => {} });
const open = (background: BackgroundWork, indexes: PackageIndexes) =>
  createPipCatalogue({ cacheDir, env: {}, http, indexes, threads, background });
const working = () => createBackgroundWork({ onFailure: (_key, error) => failures.push(String(error)) });
const wanted = { most: 3, uses: new Map<string, number>() };
const projects = ['NumPy', 'num2words', 'Numba', 'numpy_stl', 'scipy'].map((name) => ({ name }));
const directoryOfList = async () => join(cacheDir, 'pip-names', (await readdir(join(cacheDir, 'pip-names')))[0]!);
/** Makes the list older than it may be. */
const makeOld = async () => {
  const file = join(await directoryOfList(), 'state.json');
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), checkedAtMs: 0 }));
};

describe('names of an index', () => {
  it('are there once they have been fetched, which nobody waits for', async () => {
    await using index = await startPackageIndex(projects, { credentials: 'me:secret' });
    await using background = working();
    const catalogue = open(background, { extra: [], default: index.url.replace('://', '://me:secret@') });
    expect(await catalogue.names('Num', wanted)).toEqual({ names: [], isAll: false, isComing: true });
    await expect.poll(() => catalogue.names('Num', wanted)).toMatchObject({ isComing: false });
    const found = await catalogue.names('Num', wanted);
    expect(found).toEqual({
      names: [{ name: 'numba' }, { name: 'numpy' }, { name: 'num2words' }],
      isAll: false,
      isComing: false,
    });
    const uses = new Map([
      ['numpy-stl', 7],
      ['numpie', 9],
    ]);
    expect((await catalogue.names('NUMP', { most: 5, uses })).names.map(({ name }) => name)).toEqual([
      'numpy-stl',
      'numpy',
    ]);
    expect((await catalogue.names('numpy', { most: 5, uses })).names[0]).toEqual({ name: 'numpy' });
    expect(index.requests.filter((path) => path === '/simple/')).toHaveLength(1);
    expect(await readdir(await directoryOfList())).toEqual(['names', 'state.json']);
  });

  it('are asked for again after a day, by what has changed, while the old ones are told', async () => {
    await using index = await startPackageIndex(projects);
    const catalogue = async (use: (names: () => Promise<unknown>) => Promise<void>) => {
      await using background = working();
      const opened = open(background, { extra: [], default: index.url });
      await use(() => opened.names('sci', wanted));
    };
    const asked = () => index.requests.filter((path) => path === '/simple/').length;
    const there = { names: [{ name: 'scipy' }], isAll: true, isComing: false };
    await catalogue(async (names) => {
      await names();
      await expect.poll(names).toEqual(there);
    });
    await makeOld();
    await catalogue(async (names) => {
      expect(await names()).toEqual(there);
      await expect.poll(asked).toBe(2);
    });
    await catalogue(async (names) => expect(await names()).toEqual(there));
    expect(asked()).toBe(2);
    await rm(join(await directoryOfList(), 'names'));
    await catalogue((names) => expect.poll(names).toEqual(there));
  });

  it('of several indexes are told together', async () => {
    await using own = await startPackageIndex([{ name: 'numpy-of-ours' }]);
    await using index = await startPackageIndex(projects);
    await using background = working();
    const catalogue = open(background, { extra: [own.url], default: index.url });
    await expect
      .poll(async () => (await catalogue.names('nump', { ...wanted, most: 9 })).names)
      .toEqual([{ name: 'numpy' }, { name: 'numpy-stl' }, { name: 'numpy-of-ours' }]);
  });

  it('are those that are used here, where the index tells none', async () => {
    await using index = await startPackageIndex(projects, { listsProjects: false });
    await using background = working();
    const catalogue = open(background, { extra: [], default: index.url });
    const uses = new Map([
      ['NumPy', 2],
      ['numba', 3],
      ['scipy', 9],
    ]);
    const names = async () => (await catalogue.names('nu', { most: 5, uses })).names.map(({ name }) => name);
    expect(await names()).toEqual(['numba', 'numpy']);
    await expect.poll(() => catalogue.names('nu', wanted)).toMatchObject({ names: [], isComing: false });
    expect(await names()).toEqual(['numba', 'numpy']);
    expect(index.requests.filter((path) => path === '/simple/')).toHaveLength(1);
  });

  it('are read from a page, too', async () => {
    await using server = await serveScript((_request, response) =>
      answer(response, 200, { 'content-type': 'text/html' }, '<a href="six/">six</a>\n<a href="Sixer/">Sixer</a>'),
    );
    await using background = working();
    const catalogue = open(background, { extra: [], default: `${server.origin}/simple` });
    await expect
      .poll(async () => (await catalogue.names('si', wanted)).names)
      .toEqual([{ name: 'six' }, { name: 'sixer' }]);
  });

  it('of an index that is down are not asked for at every key', async () => {
    failures.length = 0;
    await using index = await startPackageIndex([], { failWith: 503 });
    await using background = working();
    const catalogue = open(background, { extra: [], default: index.url });
    await expect.poll(() => catalogue.names('nu', wanted), { timeout: 5000 }).toMatchObject({ isComing: false });
    expect(failures).toEqual([expect.stringContaining('answers 503')]);
    const asked = index.requests.length;
    expect(await catalogue.names('num', wanted)).toEqual({ names: [], isAll: false, isComing: false });
    expect(index.requests).toHaveLength(asked);
  });
});
