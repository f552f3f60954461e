import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBlobLocations } from '../src/build/blob-locations.ts';
import type { BuildEvent } from '../src/build/build-event.ts';
import { type BuildResult, buildImage } from '../src/build/build-image.ts';
import { parseTarget } from '../src/build/image-target.ts';
import { createBaseRooms } from '../src/ecosystems/base-rooms.ts';
import { finishEnvironment } from '../src/ecosystems/conda/environment/finish-environment.ts';
import { createCondaSource } from '../src/ecosystems/conda/package/conda-source.ts';
import { openCondaStore } from '../src/ecosystems/conda/package/conda-store.ts';
import type { LaidDownEcosystem } from '../src/ecosystems/ecosystem.ts';
import { createHttpClient } from '../src/http/create-http-client.ts';
import { createLayerAssembler } from '../src/layers/create-layer-assembler.ts';
import type { Lock, LockedConda, LockedPrefix } from '../src/lock/lock.ts';
import { createLockCache } from '../src/lock/lock-cache.ts';
import { defaultPlatform } from '../src/oci/platform.ts';
import { formatReference, parseReference } from '../src/oci/reference.ts';
import { noCredentials } from '../src/registry/client/credentials.ts';
import { createRegistryClient } from '../src/registry/client/registry-client.ts';
import { resolveImage } from '../src/registry/client/resolve-image.ts';
import { createBuildahSandbox } from '../src/sandbox/create-buildah-sandbox.ts';
import { usualLimits } from '../src/sandbox/sandbox.ts';

/** Builds images of packages that somebody else has solved. */
export interface CondaBed extends AsyncDisposable {
  readonly directory: string;
  build(request: CondaBuild): Promise<BuildResult & { readonly image: string; readonly events: readonly BuildEvent[] }>;
}

export interface CondaBuild {
  /** Reference of the base. */
  readonly base: string;
  readonly packages: readonly LockedConda[];
  readonly prefix: LockedPrefix;
}

export async function openCondaBed(): Promise<CondaBed> {
  const directory = await mkdtemp(join(tmpdir(), 'conda-bed-'));
  const http = createHttpClient({ env: {} });
  const client = createRegistryClient({ http, credentials: noCredentials });
  const cacheDir = join(directory, 'cache');
  const store = openCondaStore({ packageDir: join(cacheDir, 'conda'), http });
  const sandbox = createBuildahSandbox({ cacheDir });
  const rooms = createBaseRooms({ sandbox, client, installers: [], limits: usualLimits });
  const conda: LaidDownEcosystem = {
    resolver: {
      ecosystem: 'conda',
      resolve: () => Promise.reject(new Error('the lock is given')),
    } as unknown as LaidDownEcosystem['resolver'],
    removals: () => [],
    finish: (request) => finishEnvironment(request, { cacheDir, store, rooms }),
    layerSource: async (locked, { lock }) => createCondaSource(locked as LockedConda, lock.conda!, store),
  };
  return {
    directory,
    async build({ base, packages, prefix }) {
      await using assembler = createLayerAssembler({ cacheDir, threads: 2 });
      const { repository } = parseReference(base);
      const { digest } = await resolveImage(client, parseReference(base), defaultPlatform);
      const lock: Lock = {
        lockVersion: 1,
        base: { reference: base, digest, platform: 'linux/amd64' },
        conda: prefix,
        packages,
      };
      const events: BuildEvent[] = [];
      const result = await buildImage(
        {
          spec: { name: 'compared', base, type: 'universal', packages: { apt: [], conda: [], pip: [] } },
          target: parseTarget(`${repository.registry}/compared/`, 'compared'),
          platform: defaultPlatform,
          compression: 'zstd',
          fromLock: lock,
          lockMaxAgeMs: 0,
          noCache: false,
          signal: new AbortController().signal,
          onEvent: (event) => events.push(event),
        },
        {
          client,
          assembler,
          cacheDir,
          ecosystems: [conda],
          lockCache: createLockCache(cacheDir),
          locations: await openBlobLocations(cacheDir),
        },
      );
      const image = formatReference({ repository: result.reference.repository, digest: result.digest });
      return { ...result, events, image };
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}
