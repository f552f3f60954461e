import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RepodataServer, serveRepodata } from '../../../../test/repodata-server.ts';
import { answer, serveScript } from '../../../../test/scripted-server.ts';
import { createHttpClient } from '../../../http/create-http-client.ts';
import { indexRepodata, openRepodataIndex } from './repodata-index.ts';
import { openRepodataStore } from './repodata-store.ts';

const signal = new AbortController().signal;
let cacheDir: string;
beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'repodata-'));
});
afterEach(() => rm(cacheDir, { recursive: true, force: true }));

const store = () => openRepodataStore({ cacheDir, http: createHttpClient({ env: {} }), index: indexRepodata });
const channelOf = (server: RepodataServer) => ({ url: server.channelUrl('main'), address: server.channelUrl('main') });

async function versions(directory: string | undefined, name: string) {
  const fetchShard = () => Promise.reject(new Error('there are no shards'));
  await using index = await openRepodataIndex(directory!, { url: 'https://conda.example.com/', fetchShard });
  return (await index.load(name)).map(([filename]) => filename);
}

describe('openRepodataStore', () => {
  it('asks once in ten minutes, and then only for what has changed', async () => {
    await using server = await serveRepodata({
      main: [{ name: 'a' }, { name: 'a', version: '2', ending: '.tar.bz2' }],
    });
    const open = (fresh: boolean) => store().directoryOf(channelOf(server), 'linux-64', { fresh, signal });
    const directory = await open(false);
    expect(await versions(directory, 'a')).toEqual(['a-2-0.tar.bz2', 'a-1.0-0.conda']);
    await open(false);
    // One asks for shards, which are not there.
    expect(server.seen).toHaveLength(2);
    await open(true);
    expect(server.seen[2]!.headers['if-none-match']).toMatch(/^"/);
    server.set('main', [{ name: 'b' }]);
    await open(true);
    expect(await versions(directory, 'a')).toEqual([]);
    expect(await versions(directory, 'b')).toEqual(['b-1.0-0.conda']);
    expect((await readdir(directory!)).filter((name) => name.startsWith('records-'))).toHaveLength(1);
  });

  it('takes plain JSON where there is no better, and knows what is not there', async () => {
    await using server = await serveRepodata({ main: [{ name: 'a' }] }, { zstd: false });
    const ask = (name: string) =>
      store().directoryOf({ url: server.channelUrl(name), address: '' }, 'linux-64', { fresh: false, signal });
    expect(await versions(await ask('main'), 'a')).toEqual(['a-1.0-0.conda']);
    expect(await ask('other')).toBeUndefined();
    expect(await ask('other')).toBeUndefined();
    expect(server.seen).toHaveLength(6);
  });

  it.each([
    [500, 'registry-unavailable', 'answers 500'],
    [401, 'registry-unavailable', 'answers 401'],
  ] as const)('says that the channel answers %d', async (status, code, message) => {
    await using server = await serveScript((_, response) => answer(response, status, { 'retry-after': '0' }));
    const channel = { url: `${server.origin}/c/`, address: '' };
    await expect(store().directoryOf(channel, 'noarch', { fresh: false, signal })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  it.each(['{"packages":{"a":', 'x', '<html></html>'])('refuses %j, and leaves nothing of it', async (body) => {
    await using server = await serveScript(({ path }, response) =>
      answer(response, path.endsWith('.zst') ? 404 : 200, {}, body),
    );
    const channel = { url: `${server.origin}/c/`, address: '' };
    const asking = () => store().directoryOf(channel, 'noarch', { fresh: false, signal });
    await expect(asking()).rejects.toMatchObject({ code: 'registry-invalid-response' });
    await expect(asking()).rejects.toMatchObject({ code: 'registry-invalid-response' });
    const [directory] = await readdir(join(cacheDir, 'conda/repodata'));
    expect(await readdir(join(cacheDir, 'conda/repodata', directory!))).toEqual([]);
  });

  it('asks nobody in the open', async () => {
    const channel = { url: 'http://conda.example.com/c/', address: '' };
    const asked = store().directoryOf(channel, 'noarch', { fresh: false, signal });
    await expect(asked).rejects.toMatchObject({ message: expect.stringContaining('not https') });
  });
});
