import { openBlobLocations } from '../build/blob-locations.ts';
import type { BuildTools } from '../build/build-image.ts';
import { createPipSupport } from '../ecosystems/pip/pip-support.ts';
import { createHttpClient } from '../http/create-http-client.ts';
import { createLayerAssembler } from '../layers/create-layer-assembler.ts';
import { createLockCache } from '../lock/lock-cache.ts';
import type { CommandContext, OptionValues } from './command.ts';
import { cacheDirectory } from './common-options.ts';
import { openRegistryClient } from './open-registry-client.ts';

/** All that a build needs, wired; the assembler's threads end with it. */
export async function openBuildTools(
  options: OptionValues,
  env: CommandContext['env'],
): Promise<BuildTools & AsyncDisposable> {
  const cacheDir = cacheDirectory(options, env);
  const [client, locations] = await Promise.all([openRegistryClient(options, env), openBlobLocations(cacheDir)]);
  const assembler = createLayerAssembler({ cacheDir });
  return {
    client,
    locations,
    assembler,
    cacheDir,
    lockCache: createLockCache(cacheDir),
    ecosystems: [createPipSupport({ cacheDir, env, http: createHttpClient({ env }) })],
    [Symbol.asyncDispose]: () => assembler[Symbol.asyncDispose](),
  };
}
