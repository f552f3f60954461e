import { join } from 'node:path';
import { BuilderError } from '../../errors.ts';
import type { HttpClient } from '../../http/http-client.ts';
import type { LayerAssembler } from '../../layers/layer-assembler.ts';
import { say } from '../../sentence.ts';
import type { ThreadPool } from '../../threads/thread-pool.ts';
import type { BaseRooms } from '../base-rooms.ts';
import type { LaidDownEcosystem } from '../ecosystem.ts';
import { type CondaChannels, channelsFrom, withChannelCredentials } from './channels.ts';
import { condaLeaves } from './conda-leaves.ts';
import { createCondaResolver } from './conda-resolver.ts';
import { finishEnvironment } from './environment/finish-environment.ts';
import { createCondaSource } from './package/conda-source.ts';
import { openCondaStore } from './package/conda-store.ts';
import { removedRecords } from './removed-records.ts';
import { openRepodataStore } from './repodata/repodata-store.ts';
import { createShardStore } from './repodata/shard-store.ts';
import { createSolver } from './solve/solver.ts';

export interface CondaSupportOptions {
  readonly cacheDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly http: HttpClient;
  /** Where lines are solved; see `SolverOptions`. */
  readonly solverThreads: ThreadPool;
  /** Makes the layers that say what later ecosystems find. */
  readonly assembler: LayerAssembler;
  /** Where link scripts run; absent, packages that have one cannot be had. */
  readonly rooms?: BaseRooms;
  /** In place of the channels that the environment names. */
  readonly channels?: CondaChannels | undefined;
}

/** Conda packages: solved by rattler, laid down as conda does. */
export function createCondaSupport({
  cacheDir,
  env,
  http,
  solverThreads,
  assembler,
  rooms,
  ...options
}: CondaSupportOptions): LaidDownEcosystem & Disposable {
  const channels = options.channels ?? channelsFrom(env);
  const client = withChannelCredentials(http, channels);
  const packages = openCondaStore({ directory: join(cacheDir, 'conda'), http: client });
  const solver = createSolver({ threads: solverThreads, fetchShard: createShardStore({ cacheDir, http: client }) });
  const repodata = openRepodataStore({ cacheDir, http: client, index: solver.index });
  return {
    resolver: createCondaResolver({
      channels,
      repodata,
      solver,
      leaves: (locked, request) => condaLeaves(locked, request, { assembler, packages, cacheDir }),
    }),
    removals: (lock, { rootfs }) => removedRecords(lock, rootfs),
    async layerSource(locked, { lock }) {
      if (locked.ecosystem !== 'conda') throw new Error(`${locked.name} is no conda package`);
      if (lock.conda === undefined)
        throw new BuilderError('lock-invalid', say`The lock holds conda packages but no environment`);
      return createCondaSource(locked, lock.conda, packages);
    },
    finisher: () => ({
      addsLayer: true,
      finish: (request) => finishEnvironment(request, { cacheDir, store: packages, rooms }),
    }),
    [Symbol.dispose]() {
      solver[Symbol.dispose]();
      packages[Symbol.dispose]();
    },
  };
}
