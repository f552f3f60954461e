import { join } from 'node:path';
import { BuilderError } from '../../errors.ts';
import type { HttpClient } from '../../http/http-client.ts';
import { isSdist, type LockedPackage } from '../../lock/lock.ts';
import { say } from '../../sentence.ts';
import type { BaseRooms } from '../base-rooms.ts';
import type { LaidDownEcosystem, LayerSourceRequest } from '../ecosystem.ts';
import type { BytecodeCompiler, CompilerTools } from './bytecode/bytecode-compiler.ts';
import { finishWheels } from './finish-wheels.ts';
import { createPipResolver } from './pip-resolver.ts';
import { removedFromBase, takesFromConda } from './removed-distributions.ts';
import type { BuildTools } from './sdist/build-environment.ts';
import type { WheelBuilder } from './sdist/wheel-builder.ts';
import { authorizationFor, indexesFrom, type PackageIndexes } from './uv-settings.ts';
import { createWheelSource, type WheelSource, wheelContent } from './wheel-source.ts';
import { openWheelStore } from './wheel-store.ts';

export interface PipSupportOptions {
  readonly cacheDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly http: HttpClient;
  /** In place of the indexes that the environment names. */
  readonly indexes?: PackageIndexes | undefined;
  /** Where source is built; absent, packages that have no wheel cannot be had. */
  readonly rooms?: BaseRooms;
}

/** Python packages: solved by uv, built where they come as source, laid down as pip does. */
export function createPipSupport({
  cacheDir,
  env,
  http,
  rooms,
  ...options
}: PipSupportOptions): LaidDownEcosystem & Disposable {
  const indexes = options.indexes ?? indexesFrom(env);
  const credentialsFor = (url: URL) => authorizationFor(url.href, indexes).authorization;
  const wheels = openWheelStore({ wheelDir: join(cacheDir, 'wheels'), http, credentialsFor });
  let builder: Promise<WheelBuilder> | undefined;
  let compiler: Promise<BytecodeCompiler> | undefined;
  const built: WheelBuilder['wheelOf'] = async (locked, python, request) => {
    if (rooms === undefined)
      throw new BuilderError('tool-missing', say`${locked.name} is source, for which there is no sandbox here`);
    builder ??= openBuilder({ rooms, wheels, cacheDir, http, credentialsFor });
    return (await builder).wheelOf(locked, python, request);
  };
  async function sourceOf(locked: LockedPackage, request: LayerSourceRequest): Promise<WheelSource> {
    const { python } = request.lock;
    if (locked.ecosystem !== 'pip') throw new Error(`${locked.name} is no pip package`);
    if (python === undefined) throw new BuilderError('lock-invalid', say`The lock holds pip packages but no Python`);
    const wheel = isSdist(locked) ? await built(locked, python, request) : locked;
    if (python.compileBytecode !== true) return createWheelSource(wheel, python, wheels);
    if (rooms === undefined)
      throw new BuilderError('tool-missing', say`Bytecode cannot be compiled: there is no sandbox here`);
    compiler ??= openCompiler({ rooms, wheels, cacheDir });
    return createWheelSource(wheel, python, wheels, await (await compiler).bytecodeOf(wheel, python, request));
  }

  return {
    resolver: createPipResolver({ cacheDir, env, http, indexes, wheels, ...(rooms && { rooms }) }),
    removals: (lock, { rootfs, config }) => removedFromBase(lock, rootfs, config),
    finisher: (lock) => ({
      addsLayer: takesFromConda(lock),
      finish: (request) => {
        // What was built for this image is built.
        const again = { ...request, noCache: false };
        return finishWheels(request, {
          cacheDir,
          sourceOf: (locked) => sourceOf(locked, again),
          contentOf: async (locked) => wheelContent(await sourceOf(locked, again), request.signal),
        });
      },
    }),
    layerSource: sourceOf,
    [Symbol.dispose]: () => wheels[Symbol.dispose](),
  };
}

/** Loaded by those that build source, who are few. */
async function openBuilder(tools: BuildTools): Promise<WheelBuilder> {
  const { createWheelBuilder } = await import('./sdist/wheel-builder.ts');
  return createWheelBuilder(tools);
}

/** As above. */
async function openCompiler(tools: CompilerTools): Promise<BytecodeCompiler> {
  const { createBytecodeCompiler } = await import('./bytecode/bytecode-compiler.ts');
  return createBytecodeCompiler(tools);
}
