import { openBlobLocations } from '../build/blob-locations.ts';
import type { BuildTools } from '../build/build-image.ts';
import { layerModules, openEcosystems } from '../ecosystems/open-ecosystems.ts';
import { createHttpClient } from '../http/create-http-client.ts';
import { createLayerAssembler } from '../layers/create-layer-assembler.ts';
import { createLockCache } from '../lock/lock-cache.ts';
import { deferSandbox } from '../sandbox/defer-sandbox.ts';
import { usualLimits } from '../sandbox/sandbox.ts';
import type { Ecosystem } from '../spec/image-spec.ts';
import { createThreadPool } from '../threads/thread-pool.ts';
import type { CommandContext, OptionValues } from './command.ts';
import { cacheDirectory } from './common-options.ts';
import { openRegistryClient } from './open-registry-client.ts';

/** All that a build with packages of these ecosystems needs, wired; its threads end with it. */
export async function openBuildTools(
  wanted: ReadonlySet<Ecosystem>,
  options: OptionValues,
  env: CommandContext['env'],
): Promise<BuildTools & AsyncDisposable> {
  await using opened = new AsyncDisposableStack();
  const cacheDir = cacheDirectory(options, env);
  // One for all: its connections and certificates are shared.
  const http = createHttpClient({ env });
  const locations = await openBlobLocations(cacheDir);
  const modules = [...wanted].flatMap((ecosystem) => layerModules[ecosystem] ?? []);
  const threads = opened.use(createThreadPool());
  const assembler = createLayerAssembler({ cacheDir, threads, modules });
  const solverThreads = opened.use(createThreadPool());
  const client = openRegistryClient(options, env, http);
  const sandbox = deferSandbox(async () => {
    const { createBuildahSandbox } = await import('../sandbox/create-buildah-sandbox.ts');
    return createBuildahSandbox({ cacheDir });
  });
  const tools = { cacheDir, env, http, solverThreads, client, assembler, sandbox, limits: usualLimits };
  const { ecosystems } = opened.use(await openEcosystems(wanted, tools));
  const kept = opened.move();
  return {
    client,
    locations,
    assembler,
    threads,
    cacheDir,
    lockCache: createLockCache(cacheDir),
    ecosystems,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
