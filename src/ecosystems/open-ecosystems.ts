import type { HttpClient } from '../http/http-client.ts';
import type { LayerAssembler } from '../layers/layer-assembler.ts';
import type { BlobSource } from '../rootfs/open-rootfs.ts';
import type { RoomLimits, Sandbox } from '../sandbox/sandbox.ts';
import type { Ecosystem } from '../spec/image-spec.ts';
import type { ThreadPool } from '../threads/thread-pool.ts';
import type { AptSources } from './apt/apt-sources.ts';
import { createBaseRooms } from './base-rooms.ts';
import type { CondaChannels } from './conda/channels.ts';
import { condaLayerModule } from './conda/package/conda-source.ts';
import type { EcosystemSupport, LaidDownEcosystem } from './ecosystem.ts';
import type { PackageIndexes } from './pip/uv-settings.ts';
import { wheelLayerModule } from './pip/wheel-source.ts';

/** What packages are looked for with. */
export interface PackageTools {
  readonly cacheDir: string;
  /** Proxies, certificates, and where packages are to be had. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly http: HttpClient;
  /** Where conda lines are solved; see `SolverOptions`. */
  readonly solverThreads: ThreadPool;
  readonly sandbox: Sandbox;
  /** Of what runs in the sandbox. */
  readonly limits: RoomLimits;
  /** Besides those of the base. */
  readonly aptSources?: AptSources | undefined;
  /** In place of the channels that the environment names. */
  readonly channels?: CondaChannels | undefined;
  /** In place of the indexes that the environment names. */
  readonly indexes?: PackageIndexes | undefined;
}

/** What ecosystems work with. */
export interface EcosystemTools extends PackageTools {
  /** Where layers of bases are had. */
  readonly client: BlobSource;
  readonly assembler: LayerAssembler;
}

/** What an assembler's threads load for packages of an ecosystem. */
export const layerModules: Readonly<Partial<Record<Ecosystem, string>>> = {
  conda: condaLayerModule,
  pip: wheelLayerModule,
};

/** Opens the ecosystems that are wanted, in the order in which their packages are laid down. Of the others nothing is loaded. */
export async function openEcosystems(
  wanted: ReadonlySet<Ecosystem>,
  tools: EcosystemTools,
): Promise<{ readonly ecosystems: readonly EcosystemSupport[] } & Disposable> {
  const [apt, conda, pip] = await Promise.all([
    wanted.has('apt') ? import('./apt/apt-support.ts') : undefined,
    wanted.has('conda') ? import('./conda/conda-support.ts') : undefined,
    wanted.has('pip') ? import('./pip/pip-support.ts') : undefined,
  ]);
  using opened = new DisposableStack();
  const installers = apt === undefined ? [] : [apt.createAptSupport({ ...tools, sources: tools.aptSources })];
  const laidDown: LaidDownEcosystem[] = [];
  // Each finds what those before it leave.
  const roomsNow = () => createBaseRooms({ ...tools, installers, laidDown: [...laidDown] });
  if (conda !== undefined) laidDown.push(opened.use(conda.createCondaSupport({ ...tools, rooms: roomsNow() })));
  if (pip !== undefined) laidDown.push(opened.use(pip.createPipSupport({ ...tools, rooms: roomsNow() })));
  const kept = opened.move();
  return {
    ecosystems: [...installers, ...laidDown],
    [Symbol.dispose]: () => kept.dispose(),
  };
}
