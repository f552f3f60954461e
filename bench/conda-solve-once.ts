import { readFileSync } from 'node:fs';
import { channelsFrom } from '../src/ecosystems/conda/channels.ts';
import { createCondaResolver } from '../src/ecosystems/conda/conda-resolver.ts';
import { openRepodataStore } from '../src/ecosystems/conda/repodata/repodata-store.ts';
import { createShardStore } from '../src/ecosystems/conda/repodata/shard-store.ts';
import { createSolver } from '../src/ecosystems/conda/solve/solver.ts';
import { createHttpClient } from '../src/http/create-http-client.ts';
import { createRootfs } from '../src/rootfs/create-rootfs.ts';
import { layerOf } from '../src/rootfs/layer.fixture.ts';
import { createThreadPool } from '../src/threads/thread-pool.ts';
import { buildResolveRequest } from '../test/resolve-request.ts';

/** One solve: how long it took, and the most memory that the process had by then. */
export interface SolveMeasured {
  readonly ms: number;
  /** Processor time of all threads: what does not depend on who else is on the machine. */
  readonly cpuMs: number;
  /** Packages of the answer; 0 when there is none. */
  readonly packages: number;
  readonly peakBytes: number;
}

// Solves lines with an empty cache, and again: `conda-solve-once.ts CACHE CHANNEL LINE…`.
const [cacheDir, channel, ...lines] = process.argv.slice(2);
const http = createHttpClient({ env: {} });
await using threads = createThreadPool(1);
using solver = createSolver({ threads, fetchShard: createShardStore({ cacheDir: cacheDir!, http }) });
const channels = channelsFrom({ CONDA_CHANNELS: channel });
const repodata = openRepodataStore({ cacheDir: cacheDir!, http, index: solver.index });
const resolver = createCondaResolver({ channels, repodata, solver, leaves: async () => [] });
const rootfs = createRootfs([layerOf({ '/lib/x86_64-linux-gnu/libc.so.6': 'glibc 2.36' })]);
const request = { ...buildResolveRequest(lines.join('\n')), rootfs };

async function measure(): Promise<SolveMeasured> {
  const started = performance.now();
  const usage = process.cpuUsage();
  const answer = await resolver.resolve(request);
  const ms = performance.now() - started;
  const { user, system } = process.cpuUsage(usage);
  const packages = 'problems' in answer ? 0 : answer.resolution.packages.length;
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]!;
  return { ms, cpuMs: (user + system) / 1000, packages, peakBytes: Number(peak) * 1024 };
}

const cold = await measure();
const warm = await measure();
console.log(JSON.stringify({ cold, warm }));
