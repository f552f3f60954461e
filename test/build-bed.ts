import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBlobLocations } from '../src/build/blob-locations.ts';
import type { BuildEvent } from '../src/build/build-event.ts';
import { type BuildRequest, type BuildResult, buildImage } from '../src/build/build-image.ts';
import { parseTarget } from '../src/build/image-target.ts';
import { createPipSupport } from '../src/ecosystems/pip/pip-support.ts';
import { createHttpClient } from '../src/http/create-http-client.ts';
import { type ValidatedImage, validateImage } from '../src/image/validate-image.ts';
import { createLayerAssembler } from '../src/layers/create-layer-assembler.ts';
import { createLockCache } from '../src/lock/lock-cache.ts';
import { defaultPlatform } from '../src/oci/platform.ts';
import { noCredentials } from '../src/registry/client/credentials.ts';
import { createRegistryClient, type RegistryClient } from '../src/registry/client/registry-client.ts';
import { startServer } from '../src/server/start-server.ts';
import type { ImageSpec } from '../src/spec/image-spec.ts';
import { toPackageLines } from '../src/spec/package-lines.ts';
import { createThreadPool } from '../src/threads/thread-pool.ts';
import { importBase } from './import-base.ts';
import { type PackageIndex, startPackageIndex } from './package-index.ts';
import { syntheticBase } from './synthetic-base.ts';

/** What a test of whole builds stands on: the embedded registry with a base in it, and a package index of these wheels. */
export interface BuildBed extends AsyncDisposable {
  /** `127.0.0.1:40001` */
  readonly registry: string;
  readonly client: RegistryClient;
  readonly index: PackageIndex;
  readonly directory: string;
  /** Builds a spec of pip lines with the cache of that name, and gives the events with the result. */
  build(options: BedBuild): Promise<BuildResult & { readonly events: readonly BuildEvent[] }>;
  /** Pulls an image and holds it against all rules. */
  validate(result: Pick<BuildResult, 'reference' | 'digest'>): Promise<ValidatedImage>;
}

export interface BedBuild extends Partial<Omit<BuildRequest, 'spec' | 'target' | 'onEvent'>> {
  /** Lines as typed. */
  readonly pip: string;
  readonly name?: string;
  readonly base?: string;
  readonly cache?: string;
  readonly to?: string;
  readonly onEvent?: (event: BuildEvent) => void;
  /** In place of the bed's own index; may hold credentials. */
  readonly indexUrl?: string;
}

export async function startBuildBed(
  wheels: readonly Parameters<typeof startPackageIndex>[0][number][],
  base: Buffer = syntheticBase(),
): Promise<BuildBed> {
  const directory = await mkdtemp(join(tmpdir(), 'build-bed-'));
  const server = await startServer({
    listen: { host: '127.0.0.1', port: 0 },
    dataDir: join(directory, 'data'),
    log() {},
  });
  const index = await startPackageIndex(wheels);
  const registry = new URL(server.url).host;
  const http = createHttpClient();
  const client = createRegistryClient({ http, credentials: noCredentials });
  await importBase(`${registry}/base:1`, { base, directory, client });

  async function build({ pip, name = 'demo', cache = 'cache', to = `${registry}/`, ...options }: BedBuild) {
    const cacheDir = join(directory, cache);
    const events: BuildEvent[] = [];
    await using threads = createThreadPool(2);
    const assembler = createLayerAssembler({ cacheDir, threads });
    const env = { PATH: process.env.PATH, HOME: directory, UV_INDEX_URL: options.indexUrl ?? index.url };
    const request: BuildRequest = {
      spec: pipSpec({ name, base: options.base ?? `${registry}/base:1`, pip }),
      target: parseTarget(to, name),
      platform: defaultPlatform,
      compression: 'zstd',
      lockMaxAgeMs: 60_000,
      noCache: false,
      signal: new AbortController().signal,
      ...options,
      onEvent(event) {
        events.push(event);
        options.onEvent?.(event);
      },
    };
    const result = await buildImage(request, {
      client,
      assembler,
      threads,
      cacheDir,
      ecosystems: [createPipSupport({ cacheDir, env, http })],
      lockCache: createLockCache(cacheDir),
      locations: await openBlobLocations(cacheDir),
    });
    return { ...result, events };
  }

  return {
    registry,
    client,
    index,
    directory,
    build,
    async validate({ reference, digest }) {
      const served = await client.getManifest(reference.repository, digest);
      if (served === undefined) throw new Error(`${digest} is not in the registry`);
      const open = client.getBlob.bind(client, reference.repository);
      return validateImage({ manifestBytes: served.bytes, mediaType: served.mediaType, open, baseLayers: 1 });
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      await index.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function pipSpec({ name, base, pip }: { name: string; base: string; pip: string }): ImageSpec {
  const { lines } = toPackageLines(pip, 'packages.pip');
  return { name, base, type: 'universal', packages: { apt: [], conda: [], pip: lines } };
}
