import { openBlobLocations } from '../build/blob-locations.ts';
import type { BuildTools } from '../build/build-image.ts';
import { createAptSupport } from '../ecosystems/apt/apt-support.ts';
import { createBaseRooms } from '../ecosystems/base-rooms.ts';
import { createCondaSupport } from '../ecosystems/conda/conda-support.ts';
import { condaLayerModule } from '../ecosystems/conda/package/conda-source.ts';
import { createPipSupport } from '../ecosystems/pip/pip-support.ts';
import { wheelLayerModule } from '../ecosystems/pip/wheel-source.ts';
import { createHttpClient } from '../http/create-http-client.ts';
import { createLayerAssembler } from '../layers/create-layer-assembler.ts';
import { createLockCache } from '../lock/lock-cache.ts';
import { createBuildahSandbox } from '../sandbox/create-buildah-sandbox.ts';
import { usualLimits } from '../sandbox/sandbox.ts';
import type { CommandContext, OptionValues } from './command.ts';
import { cacheDirectory } from './common-options.ts';
import { openRegistryClient } from './open-registry-client.ts';

/** All that a build needs, wired; the assembler's threads end with it. */
export async function openBuildTools(
  options: OptionValues,
  env: CommandContext['env'],
): Promise<BuildTools & AsyncDisposable> {
  const cacheDir = cacheDirectory(options, env);
  // One for all: its connections and certificates are shared.
  const http = createHttpClient({ env });
  const locations = await openBlobLocations(cacheDir);
  const assembler = createLayerAssembler({ cacheDir, modules: [wheelLayerModule, condaLayerModule] });
  const client = openRegistryClient(options, env, http);
  const sandbox = createBuildahSandbox({ cacheDir });
  const apt = createAptSupport({ sandbox, client, cacheDir, env, http });
  const rooms = createBaseRooms({ sandbox, client, installers: [apt], limits: usualLimits });
  const conda = createCondaSupport({ cacheDir, env, http, assembler, rooms });
  const pip = createPipSupport({ cacheDir, env, http, rooms });
  return {
    client,
    locations,
    assembler,
    cacheDir,
    lockCache: createLockCache(cacheDir),
    ecosystems: [apt, conda, pip],
    async [Symbol.asyncDispose]() {
      conda[Symbol.dispose]();
      pip[Symbol.dispose]();
      await assembler[Symbol.asyncDispose]();
    },
  };
}
