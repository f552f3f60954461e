import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RecordRecipe, type RepodataServer, serveRepodata } from '../../../test/repodata-server.ts';
import { buildResolveRequest } from '../../../test/resolve-request.ts';
import { createHttpClient } from '../../http/create-http-client.ts';
import type { LockedConda } from '../../lock/lock.ts';
import type { ResolveRequest } from '../../lock/resolver.ts';
import { createRootfs } from '../../rootfs/create-rootfs.ts';
import { type FixtureEntry, layerOf } from '../../rootfs/layer.fixture.ts';
import { createThreadPool } from '../../threads/thread-pool.ts';
import { type CondaChannels, channelsFrom, onlyChannels, withChannelCredentials } from './channels.ts';
import { createCondaResolver } from './conda-resolver.ts';
import { openRepodataStore } from './repodata/repodata-store.ts';
import { createShardStore } from './repodata/shard-store.ts';
import { createSolver, type Solver } from './solve/solver.ts';

const python = (version: string): RecordRecipe => ({ name: 'python', version, build: 'h0_cpython', depends: ['libc'] });
const forPython = (name: string, version: string, minor: number, more: Partial<RecordRecipe> = {}): RecordRecipe => ({
  name,
  version,
  build: `py3${minor}h1_0`,
  depends: [`python >=3.${minor},<3.${minor + 1}.0a0`, ...(more.depends ?? [])],
});

const main: readonly RecordRecipe[] = [
  { name: 'libc', subdir: 'noarch', noarch: 'generic' },
  ...['3.11.9', '3.12.6', '3.12.7', '3.13.0'].map(python),
  ...[11, 12, 13].flatMap((minor) => [forPython('numpy', '1.26.4', minor), forPython('numpy', '2.1.0', minor)]),
  ...[11, 12].map((minor) => forPython('scipy', '1.14.0', minor, { depends: ['numpy <2'] })),
  { name: 'tool', subdir: 'noarch', noarch: 'python', depends: ['python >=3.9', 'helper'] },
  { name: 'helper', subdir: 'noarch', noarch: 'python', depends: ['python'] },
  { name: 'both', version: '2.0', ending: '.tar.bz2' },
  { name: 'both', version: '2.0', ending: '.conda' },
  { name: 'new-glibc', depends: ['__glibc >=2.39'] },
  { name: 'gpu', version: '1.0', build: 'cpu_0' },
  { name: 'gpu', version: '1.0', build: 'cuda_0', buildNumber: 1, depends: ['__cuda >=12'] },
  { name: 'needs-gone', depends: ['gone-for-ever'] },
  { name: 'unverifiable', more: { sha256: null } },
  { name: 'pytorch', version: '1.0' },
];
const pytorch: readonly RecordRecipe[] = [
  { name: 'pytorch', version: '2.0', depends: ['torch-lib'] },
  { name: 'pytorch', version: '2.0', build: 'noarch_0', subdir: 'noarch' },
  { name: 'torch-lib' },
  forPython('numpy', '9.0', 12),
];

let server: RepodataServer;
let cacheDir: string;
const threads = createThreadPool(1);
let solver: Solver;
beforeAll(async () => {
  server = await serveRepodata({ main, pytorch });
  cacheDir = await mkdtemp(join(tmpdir(), 'conda-'));
  const http = createHttpClient({ env: {} });
  solver = createSolver({ threads, fetchShard: createShardStore({ cacheDir, http }) });
});
afterAll(async () => {
  solver[Symbol.dispose]();
  await threads[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await rm(cacheDir, { recursive: true, force: true });
});

const debian: Readonly<Record<string, FixtureEntry>> = {
  '/lib/x86_64-linux-gnu/libc.so.6': 'glibc 2.36',
  '/usr/bin/true': { program: '' },
};
const installed = (recipe: RecordRecipe): Readonly<Record<string, FixtureEntry>> => {
  const { name, version = '1.0', build = '0', depends = [], subdir = 'linux-64', noarch } = recipe;
  const fn = `${name}-${version}-${build}.conda`;
  const url = `https://conda.example.com/old/${subdir}/${fn}`;
  const more = { sha256: 'a'.repeat(64), size: 1, files: [`lib/${name}`] };
  const record = { name, version, build, build_number: 0, depends, constrains: [], subdir, noarch, fn, url, ...more };
  return { [`/opt/conda/conda-meta/${name}-${version}-${build}.json`]: JSON.stringify(record) };
};

interface Asked {
  readonly files?: Readonly<Record<string, FixtureEntry>>;
  readonly channels?: CondaChannels;
  readonly more?: Partial<ResolveRequest>;
}

const usual = () => channelsFrom({ CONDA_CHANNEL_ALIAS: server.origin, CONDA_CHANNELS: 'main' });

async function resolve(lines: string, { files = {}, channels = usual(), more = {} }: Asked = {}) {
  const http = withChannelCredentials(createHttpClient({ env: {} }), channels);
  const repodata = openRepodataStore({ cacheDir, http, index: solver.index });
  const resolver = createCondaResolver({ channels, repodata, solver, leaves: async () => [] });
  const request = { ...buildResolveRequest(lines), rootfs: createRootfs([layerOf({ ...debian, ...files })]), ...more };
  return resolver.resolve(request);
}

async function resolved(lines: string, asked?: Asked) {
  const answer = await resolve(lines, asked);
  if ('problems' in answer) throw new Error(JSON.stringify(answer.problems, null, 2));
  return answer.resolution;
}
async function problems(lines: string, asked?: Asked) {
  const answer = await resolve(lines, asked);
  if ('resolution' in answer) throw new Error('there are no problems');
  return answer.problems;
}
const names = (packages: readonly unknown[]) =>
  (packages as readonly LockedConda[]).map(({ name, version }) => `${name} ${version}`);

describe('createCondaResolver', () => {
  it('chooses the newest that fit together, and says where all is from and why', async () => {
    const { packages, conda, notices } = await resolved('scipy\nnumpy==1.26*\n');
    expect(names(packages)).toEqual(['libc 1.0', 'numpy 1.26.4', 'python 3.12.7', 'scipy 1.14.0']);
    expect(conda).toEqual({
      path: '/opt/conda',
      isNew: true,
      python: '3.12.7',
      sitePackages: 'lib/python3.12/site-packages',
    });
    expect(notices).toEqual([]);
    expect(packages[1]).toEqual({
      ecosystem: 'conda',
      name: 'numpy',
      version: '1.26.4',
      build: 'py312h1_0',
      buildNumber: 0,
      subdir: 'linux-64',
      channel: server.channelUrl('main'),
      filename: 'numpy-1.26.4-py312h1_0.conda',
      url: `${server.channelUrl('main')}linux-64/numpy-1.26.4-py312h1_0.conda`,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      md5: expect.stringMatching(/^[0-9a-f]{32}$/),
      sizeBytes: 1000,
      depends: ['python >=3.12,<3.13.0a0'],
      constrains: [],
      timestamp: 1_700_000_000_000,
      requestedBy: ['numpy 1.26.*'],
      requiredBy: ['scipy'],
    });
    expect(packages[0]).toMatchObject({ subdir: 'noarch', noarch: 'generic', requestedBy: [], requiredBy: ['python'] });
  });

  it('fetches what channels have ahead, and lets who asks next wait for that', async () => {
    await using slow = await serveRepodata({ main });
    const channels = channelsFrom({ CONDA_CHANNELS: slow.channelUrl('main') });
    const repodata = openRepodataStore({ cacheDir, http: createHttpClient({ env: {} }), index: solver.index });
    const resolver = createCondaResolver({ channels, repodata, solver, leaves: async () => [] });
    const known = new AbortController();
    const request = { ...buildResolveRequest('both'), rootfs: createRootfs([layerOf(debian)]) };
    const likelyPython = new Promise<never>(() => {});
    const ahead = resolver.prefetch({ ...request, likelyPython, packagesToo: false, signal: known.signal });
    known.abort();
    await ahead;
    expect(await resolver.resolve(request)).toMatchObject({ resolution: { packages: [{ name: 'both' }] } });
    expect(slow.seen.filter(({ path }) => path.endsWith('linux-64/repodata.json.zst'))).toHaveLength(1);
  });

  it('fetches of a channel in shards only those that could matter, each once', async () => {
    await using sharded = await serveRepodata({ main }, { sharded: true });
    const channels = channelsFrom({ CONDA_CHANNELS: sharded.channelUrl('main') });
    const facts = (packages: readonly unknown[]) =>
      (packages as readonly LockedConda[]).map(({ channel: _, url: __, ...facts }) => facts);
    const { packages } = await resolved('scipy', { channels });
    expect(facts(packages)).toEqual(facts((await resolved('scipy')).packages));
    const fetched = sharded.seen.filter(({ path }) => path.includes('/s/')).map(({ path }) => path);
    expect(fetched).toHaveLength(4);
    await resolved('scipy', { channels });
    expect(sharded.seen.filter(({ path }) => path.includes('/s/'))).toHaveLength(4);
    expect(await problems('nunpy', { channels })).toMatchObject([
      { code: 'package-not-found', hint: 'Did you mean numpy?' },
    ]);
  });

  it('takes the newer format where there are two', async () => {
    const { packages } = await resolved('both');
    expect(packages).toMatchObject([{ filename: 'both-2.0-0.conda' }]);
  });

  describe('on an environment of the base', () => {
    const files = {
      ...installed({ name: 'libc', subdir: 'noarch', noarch: 'generic' }),
      ...installed(python('3.12.6')),
      ...installed({ name: 'mine', depends: ['python'] }),
      ...installed(forPython('numpy', '1.26.4', 12)),
      ...installed({ name: 'helper', subdir: 'noarch', noarch: 'python', depends: ['python'] }),
      '/opt/conda/conda-meta/history': '',
    };

    it('changes nothing that need not change', async () => {
      const { packages, conda, satisfied } = await resolved('tool\nnumpy\n', { files });
      expect(names(packages)).toEqual(['tool 1.0']);
      expect(conda).toMatchObject({ isNew: false, python: '3.12.6' });
      expect(satisfied).toEqual([{ name: 'numpy', version: '1.26.4' }]);
    });

    it('replaces what a line wants otherwise, and keeps Python', async () => {
      const { packages } = await resolved('numpy>=2', { files });
      expect(packages).toMatchObject([
        {
          name: 'numpy',
          version: '2.1.0',
          build: 'py312h1_0',
          replaces: {
            version: '1.26.4',
            build: 'py312h1_0',
            recordPath: '/opt/conda/conda-meta/numpy-1.26.4-py312h1_0.json',
          },
        },
      ]);
    });

    it('moves Python when a line says so, and what stands in its directories with it', async () => {
      const { packages, conda, notices } = await resolved('python=3.13', { files });
      expect(names(packages)).toEqual(['helper 1.0', 'numpy 2.1.0', 'python 3.13.0']);
      expect(packages[0]).toMatchObject({ replaces: { version: '1.0' } });
      expect(conda).toMatchObject({ python: '3.13.0', sitePackages: 'lib/python3.13/site-packages' });
      expect(notices.join()).toContain('goes from 3.12.6 to 3.13.0');
    });

    it('holds what is pinned', async () => {
      const pinned = { ...files, '/opt/conda/conda-meta/pinned': '# of the platform\nnumpy <2  # why\n' };
      expect(await problems('numpy>=2', { files: pinned })).toMatchObject([{ line: 1, code: 'conflict' }]);
    });

    it('takes the environment that PATH leads to', async () => {
      const elsewhere = Object.fromEntries(
        Object.entries(files).map(([path, content]) => [
          path.replace('/opt/conda', '/srv/conda/envs/notebook'),
          content,
        ]),
      );
      const { base } = buildResolveRequest('');
      const config = { ...base.config, config: { Env: ['PATH=/usr/bin:/srv/conda/envs/notebook/bin:/bin'] } };
      const { conda } = await resolved('tool', { files: elsewhere, more: { base: { ...base, config } } });
      expect(conda).toMatchObject({ path: '/srv/conda/envs/notebook', isNew: false });
    });
  });

  describe('channels', () => {
    it('takes a package from the first that has it, whatever others have', async () => {
      const channels = channelsFrom({ CONDA_CHANNEL_ALIAS: server.origin, CONDA_CHANNELS: 'main,pytorch' });
      expect(names((await resolved('pytorch', { channels })).packages)).toEqual(['pytorch 1.0']);
    });

    it('puts those of -c first', async () => {
      const { packages } = await resolved('-c pytorch pytorch\nnumpy');
      expect(names(packages)).toEqual(['libc 1.0', 'numpy 9.0', 'python 3.12.7', 'pytorch 2.0', 'torch-lib 1.0']);
    });

    it('takes one before "::" for that package alone, and last for others', async () => {
      const { packages } = await resolved('pytorch/linux-64::pytorch\nnumpy<3');
      expect(names(packages)).toEqual(['libc 1.0', 'numpy 2.1.0', 'python 3.13.0', 'pytorch 2.0', 'torch-lib 1.0']);
      expect(packages.at(-1)).toMatchObject({ channel: server.channelUrl('pytorch') });
    });

    it('takes only those that are set, by name, by URL and by the end of it', async () => {
      const channels = onlyChannels([{ name: 'ours', url: `${server.origin}/main` }]);
      for (const line of ['ours::both', 'main::both', `${server.origin}/main::both`, '-c ours both']) {
        expect(names((await resolved(line, { channels })).packages)).toEqual(['both 2.0']);
      }
      expect(
        await problems('both\npytorch::pytorch\n-c https://conda.example.com/x numpy', { channels }),
      ).toMatchObject([
        { line: 2, code: 'channel-not-allowed', hint: 'Channels here: ours.' },
        { line: 3, code: 'channel-not-allowed' },
      ]);
    });

    it.each(['token', 'Basic bWU6c2VjcmV0'])(
      'puts credentials to what it asks (%s), and never into the lock',
      async (secret) => {
        await using closed = await serveRepodata({ main }, { secret });
        const url = secret === 'token' ? `${closed.origin}/t/token/main` : `http://me:secret@${closed.host}/main`;
        const { packages } = await resolved('both', { channels: onlyChannels([{ url }]) });
        expect(packages).toMatchObject([{ channel: closed.channelUrl('main') }]);
        expect(JSON.stringify(packages)).not.toMatch(/token|secret/);
      },
    );

    it('puts the credentials of the alias to every channel behind it', async () => {
      await using closed = await serveRepodata({ main, pytorch }, { secret: 'token' });
      const channels = channelsFrom({ CONDA_CHANNEL_ALIAS: `${closed.origin}/t/token/`, CONDA_CHANNELS: 'main' });
      const { packages } = await resolved('pytorch::pytorch', { channels });
      expect(packages).toMatchObject([{ channel: closed.channelUrl('pytorch') }, { name: 'torch-lib' }]);
      expect(JSON.stringify(packages)).not.toContain('token');
    });

    it('says at its line that there is no such channel, and throws when it is none of a line', async () => {
      expect(await problems('nosuch::both\nboth')).toMatchObject([{ line: 1, code: 'channel-not-found' }]);
      const channels = channelsFrom({ CONDA_CHANNEL_ALIAS: server.origin, CONDA_CHANNELS: 'nosuch' });
      await expect(resolve('both', { channels })).rejects.toMatchObject({ code: 'registry-unavailable' });
    });
  });

  describe('what cannot be had', () => {
    it('is all told at once, each at its line', async () => {
      const found = await problems('nunpy\nscipy\nnumpy>=2\nboth>7\nneeds-gone\n"x"\nlibc');
      expect(found.map(({ line, code }) => [line, code])).toEqual([
        [1, 'package-not-found'],
        [2, 'conflict'],
        [3, 'conflict'],
        [4, 'version-not-found'],
        [5, 'conflict'],
        [6, 'line-invalid'],
      ]);
      expect(found[0]!.hint).toBe('Did you mean numpy?');
      expect(found[2]!.message).toBe(found[1]!.message);
      expect(found[1]!.message).toMatch(
        /scipy 1\.14\.0 would require\n.* numpy <2, which cannot be installed[^\n]*\n.* numpy 1\.26\.4, which conflicts/,
      );
      expect(found[4]!.message).toContain('gone-for-ever');
    });

    it('names a channel that would have it, were it asked', async () => {
      const channels = channelsFrom({ CONDA_CHANNEL_ALIAS: server.origin, CONDA_CHANNELS: 'main,pytorch' });
      expect(await problems('pytorch>=2', { channels })).toMatchObject([
        {
          line: 1,
          code: 'version-not-found',
          hint: expect.stringMatching(/pytorch \(127\.0\.0\.1:\d+\) has the package, too/),
        },
      ]);
    });

    it('names the versions of other Pythons, too, that stand in the way', async () => {
      const [first] = await problems('python=3.13\nscipy');
      expect(first!.message).toContain('3.13');
    });

    it('says what the machine lacks', async () => {
      expect(await problems('new-glibc')).toMatchObject([
        { line: 1, hint: expect.stringContaining('newer C library') },
      ]);
      expect(await problems('gpu=1.0=cuda*')).toMatchObject([{ hint: expect.stringContaining('cuda: "12.4"') }]);
      expect((await resolved('gpu')).packages).toMatchObject([{ build: 'cpu_0' }]);
      expect((await resolved('gpu', { more: { cuda: '12.4' } })).packages).toMatchObject([{ build: 'cuda_0' }]);
    });

    it('has to have a hash', async () => {
      await expect(resolve('unverifiable')).rejects.toMatchObject({ code: 'resolver-failed' });
    });

    it('is told of the base where nothing fits it', async () => {
      const musl = { rootfs: createRootfs([layerOf({ '/lib/ld-musl-x86_64.so.1': 'musl 1.2.4' })]) };
      expect(await problems('both', { more: musl })).toMatchObject([{ field: 'base', code: 'base-unsupported' }]);
      const { base } = buildResolveRequest('');
      const riscv = { base: { ...base, platform: { os: 'linux', architecture: 'riscv64' } } };
      expect(await problems('both', { more: riscv })).toMatchObject([{ field: 'base', code: 'base-unsupported' }]);
    });

    it('is that two lines take a package from two channels', async () => {
      expect(await problems('main::numpy\npytorch::numpy')).toMatchObject([{ line: 2, code: 'conflict' }]);
    });
  });
});
