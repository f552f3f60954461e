import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { channelsFrom } from '../../src/ecosystems/conda/channels.ts';
import { createCondaResolver } from '../../src/ecosystems/conda/conda-resolver.ts';
import { openRepodataStore } from '../../src/ecosystems/conda/repodata/repodata-store.ts';
import { createShardStore } from '../../src/ecosystems/conda/repodata/shard-store.ts';
import { createSolver, type Solver } from '../../src/ecosystems/conda/solve/solver.ts';
import { createHttpClient } from '../../src/http/create-http-client.ts';
import { createRootfs } from '../../src/rootfs/create-rootfs.ts';
import { layerOf } from '../../src/rootfs/layer.fixture.ts';
import { createThreadPool } from '../../src/threads/thread-pool.ts';
import { askOracle } from '../conda-channel.ts';
import { type RecordRecipe, type RepodataServer, serveRepodata } from '../repodata-server.ts';
import { buildResolveRequest } from '../resolve-request.ts';

/** A generator of numbers that gives the same ones in every run (mulberry32). */
function createRandom(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return { below, pick: <T>(list: readonly T[]) => list[below(list.length)]! };
}

const pythons = [10, 11, 12, 13];

/** Packages that depend on those before them, in several versions and builds, some for every Python, some for none. */
function randomChannel(seed: number, names: readonly string[]): readonly RecordRecipe[] {
  const { below, pick } = createRandom(seed);
  const python = pythons.map(
    (minor): RecordRecipe => ({ name: 'python', version: `3.${minor}.${below(9)}`, build: 'h_0' }),
  );
  const dependsOf = (at: number) =>
    Array.from({ length: Math.min(at, below(4)) }, () => {
      const range = pick(['', ' >=1', ' <3', ' >=1,<3', ' 2.*', ' !=1.0', ' 1.*|3.*']);
      return `${names[below(at)]}${range}`;
    });
  const others = names.flatMap((name, at) => {
    // Most of what a channel keeps of a package differs from what is newer in nothing that the solver weighs.
    const usual = below(2) === 0 ? dependsOf(at).slice(0, 1) : undefined;
    return Array.from({ length: 1 + below(usual === undefined ? 4 : 12) }, (_, version) => version).flatMap(
      (version): RecordRecipe[] => {
        const depends = [...(usual ?? dependsOf(at))];
        if (below(6) === 0)
          depends.push(pick(['__glibc >=2.17', '__glibc >=2.39', '__cuda >=12', '__unix', '__linux >=4']));
        const constrains = below(5) === 0 ? [`${pick(names)} <3`] : [];
        const common = {
          name,
          version: `${version}.${below(3)}`,
          constrains,
          more: { timestamp: 1_700_000_000_000 + below(1e9) },
        };
        const kind = below(3);
        if (kind === 0)
          return [{ ...common, subdir: 'noarch', noarch: 'python', build: 'py_0', depends: [...depends, 'python'] }];
        if (kind === 1)
          return [0, 1].map((buildNumber) => ({ ...common, buildNumber, build: `h${buildNumber}`, depends }));
        return pythons.slice(below(3)).map((minor) => ({
          ...common,
          build: `py3${minor}_0`,
          depends: [...depends, `python >=3.${minor},<3.${minor + 1}.0a0`],
        }));
      },
    );
  });
  return [...python, ...others];
}

const names = Array.from({ length: 40 }, (_, at) => `p${at}`);
let server: RepodataServer;
let directory: string;
const threads = createThreadPool(1);
let solver: Solver;
beforeAll(async () => {
  const first = randomChannel(1, names);
  const second = randomChannel(2, [...names.slice(20), ...Array.from({ length: 20 }, (_, at) => `q${at}`)]);
  // rattler's gateway takes the shards, and so reads what our server makes of them.
  server = await serveRepodata({ first, second: second.filter(({ name }) => name !== 'python') }, { sharded: true });
  directory = await mkdtemp(join(tmpdir(), 'conda-solver-'));
  const http = createHttpClient({ env: {} });
  solver = createSolver({ threads, fetchShard: createShardStore({ cacheDir: directory, http }) });
});
afterAll(async () => {
  solver?.[Symbol.dispose]();
  await threads[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

async function ours(specs: readonly string[]): Promise<readonly string[] | 'nothing'> {
  const channels = channelsFrom({ CONDA_CHANNEL_ALIAS: server.origin, CONDA_CHANNELS: 'first,second' });
  const repodata = openRepodataStore({ cacheDir: directory, http: createHttpClient({ env: {} }), index: solver.index });
  const resolver = createCondaResolver({ channels, repodata, solver, leaves: async () => [] });
  const rootfs = createRootfs([layerOf({ '/lib/x86_64-linux-gnu/libc.so.6': 'glibc 2.36' })]);
  const answer = await resolver.resolve({ ...buildResolveRequest(specs.join('\n')), rootfs });
  if ('problems' in answer) return 'nothing';
  return answer.resolution.packages.map((each) => each.url).sort();
}

async function theirs(specs: readonly string[]): Promise<readonly string[] | 'nothing'> {
  const virtual = [
    ['__glibc', '2.36'],
    ['__linux', '5.10'],
    ['__unix', '0'],
  ] as const;
  const channels = ['first', 'second'].map(server.channelUrl);
  return askOracle({ channels, specs, virtual, cacheDir: join(directory, 'rattler') }).then(
    (packages) => packages.map(({ url }) => url).sort(),
    (error: Error) => {
      if (!/SolverError|no viable options|no candidates were found/i.test(error.message)) throw error;
      return 'nothing';
    },
  );
}

/**
 * Of what two channels have no version is asked for: rattler's gateway drops what does not fit a line before it looks which channel comes
 * first, and so would take from the second what conda's strict priority does not.
 */
it('answers as rattler’s own binding does, for any lines', async () => {
  const { below, pick } = createRandom(3);
  const all = [...names, ...Array.from({ length: 20 }, (_, at) => `q${at}`)];
  const answers = { found: 0, nothing: 0 };
  for (let round = 0; round < 30; round++) {
    const specs = Array.from({ length: 1 + below(3) }, () => {
      const name = pick(all);
      return names.slice(20).includes(name) ? name : `${name}${pick(['', '', '', '>=1', '<2', '=2', '!=1.0'])}`;
    });
    if (below(3) === 0) specs.push(`python=3.${pick(pythons)}`);
    const [expected, actual] = await Promise.all([theirs(specs), ours(specs)]);
    expect(actual, specs.join(' ')).toEqual(expected);
    answers[expected === 'nothing' ? 'nothing' : 'found'] += 1;
  }
  const agents = server.seen.filter(({ path }) => path.includes('/s/')).map(({ headers }) => headers['user-agent']);
  expect(agents.join()).toMatch(/imagewright.*py-rattler|py-rattler.*imagewright/);
  console.info(`${answers.found} lists with an answer, ${answers.nothing} without`);
  expect(Math.min(answers.found, answers.nothing)).toBeGreaterThan(3);
});
