import { openBase } from '../src/build/open-base.ts';
import { layersOf } from '../src/ecosystems/base-rooms.ts';
import { createHttpClient } from '../src/http/create-http-client.ts';
import { defaultPlatform } from '../src/oci/platform.ts';
import { noCredentials } from '../src/registry/client/credentials.ts';
import { createRegistryClient } from '../src/registry/client/registry-client.ts';
import { createBuildahSandbox } from '../src/sandbox/create-buildah-sandbox.ts';
import { usualLimits } from '../src/sandbox/sandbox.ts';
import { createThreadPool } from '../src/threads/thread-pool.ts';

export interface NeighbourOptions {
  readonly cacheDir: string;
  /** Reference of the base. */
  readonly base: string;
  readonly word: string;
}

/** Another build on the same machine, in the midst of its work: it has the word in its file /opt/mine and as the secret `word`. */
export async function openNeighbourRoom({ cacheDir, base, word }: NeighbourOptions): Promise<AsyncDisposable> {
  const client = createRegistryClient({ http: createHttpClient({ env: {} }), credentials: noCredentials });
  const { signal } = new AbortController();
  const request = { spec: { base }, platform: defaultPlatform, signal, onEvent() {} };
  await using threads = createThreadPool();
  const { image } = await openBase(request, { client, threads, cacheDir });
  const rootfs = { architecture: image.config.architecture, layers: layersOf(image, client) };
  const room = await createBuildahSandbox({ cacheDir }).open(rootfs, { signal });
  const ended = new AbortController();
  const isReady = Promise.withResolvers<void>();
  const running = room.run({
    argv: ['sh', '-c', 'cp /run/secrets/word /opt/mine && echo ready && sleep 600'],
    secrets: { word: Buffer.from(word) },
    limits: usualLimits,
    signal: ended.signal,
    onLine: () => isReady.resolve(),
  });
  running.catch(isReady.reject);
  await isReady.promise;
  return {
    async [Symbol.asyncDispose]() {
      ended.abort();
      await running.catch(() => {});
      await room[Symbol.asyncDispose]();
    },
  };
}

/** Where code in a room could look for what the neighbour has, as a shell or `glob` reads it. */
export function neighbourPlaces(cacheDir: string): readonly string[] {
  return [
    '/opt/mine',
    '/proc/*/root/opt/mine',
    '/proc/*/root/run/secrets/word',
    `${cacheDir}/sandbox/root/overlay/*/diff/opt/mine`,
    `/proc/*/root${cacheDir}/sandbox/root/overlay/*/diff/opt/mine`,
  ];
}
