import { randomUUID } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BuilderError } from '../../../errors.ts';
import { isSdist, type Lock, type LockedPython, type LockedWheel } from '../../../lock/lock.ts';
import { canonicalJson } from '../../../oci/canonical-json.ts';
import { createDigestMeter, digestOf, hexOf } from '../../../oci/digest.ts';
import { isObject } from '../../../oci/manifest.ts';
import { say } from '../../../sentence.ts';
import type { BaseRooms, InstalledBase } from '../../base-rooms.ts';
import type { LayerSourceRequest } from '../../ecosystem.ts';
import { keepJson, readKeptJson } from '../../kept-json.ts';
import { environmentOf } from '../sdist/build-environment.ts';
import { modulesOf } from '../wheel-layer.ts';
import { wheelInput } from '../wheel-source.ts';
import type { WheelStore } from '../wheel-store.ts';
import { compileWheels, type WheelToCompile } from './compile-wheels.ts';

/** The bytecode of a wheel's modules: an archive with a member for each, named as the module. */
export interface Bytecode {
  readonly file: string;
  readonly sha256: string;
}

/** Compiles modules, those of a wheel once for each base and place where they come to stand. */
export interface BytecodeCompiler {
  /** The bytecode of a wheel. When that of the first wheel of a lock is asked for, that of all is made, in one room. Throws `build-failed`, `tool-missing`. */
  bytecodeOf(wheel: LockedWheel, python: LockedPython, request: LayerSourceRequest): Promise<Bytecode>;
}

export interface CompilerTools {
  readonly rooms: BaseRooms;
  readonly wheels: WheelStore;
  readonly cacheDir: string;
}

/** By sha256 of the wheel. */
type Compiled = ReadonlyMap<string, Bytecode>;

/** Wheels of one lock, and the Python that compiles their modules. */
interface Compilation {
  readonly wheels: readonly LockedWheel[];
  readonly python: LockedPython;
  readonly below: InstalledBase;
  readonly request: LayerSourceRequest;
}

export function createBytecodeCompiler(tools: CompilerTools): BytecodeCompiler {
  const ofLocks = new WeakMap<Lock, Promise<Compiled>>();
  return {
    async bytecodeOf(wheel, python, request) {
      const { lock, base, rootfs } = request;
      const below = { base, rootfs, packages: lock.packages, conda: lock.conda };
      const wheels = lock.packages.filter((each): each is LockedWheel => each.ecosystem === 'pip' && !isSdist(each));
      const isOfLock = wheels.some(({ sha256 }) => sha256 === wheel.sha256);
      if (!isOfLock) return only(await findOrCompile({ wheels: [wheel], python, below, request }, tools));
      const known = ofLocks.get(lock) ?? findOrCompile({ wheels, python, below, request }, tools);
      ofLocks.set(lock, known);
      return (await known).get(wheel.sha256)!;
    },
  };
}

function only(compiled: Compiled): Bytecode {
  return [...compiled.values()][0]!;
}

async function findOrCompile(compilation: Compilation, tools: CompilerTools): Promise<Compiled> {
  const { wheels, request } = compilation;
  const found = new Map<string, Bytecode>();
  const missing: LockedWheel[] = [];
  for (const wheel of wheels) {
    const kept = request.noCache ? undefined : await readRecord(recordOf(wheel, compilation, tools), tools);
    if (kept === undefined) missing.push(wheel);
    else found.set(wheel.sha256, kept);
  }
  if (missing.length > 0) {
    for (const [sha256, bytecode] of await compile({ ...compilation, wheels: missing }, tools)) {
      found.set(sha256, bytecode);
    }
  }
  return found;
}

async function compile(compilation: Compilation, tools: CompilerTools): Promise<Compiled> {
  const { wheels, python, below, request } = compilation;
  const { signal } = request;
  const { rooms, cacheDir } = tools;
  const missing = await rooms.missing();
  if (missing !== undefined) throw noSandbox(missing);
  tools.wheels.prefetch(wheels);
  for (const wheel of wheels) await tools.wheels.fetch(wheel, { signal });
  const temporary = join(cacheDir, 'tmp', `bytecode-${randomUUID()}`);
  await mkdir(temporary, { recursive: true });
  try {
    const toCompile = wheels.map((wheel): WheelToCompile => {
      const input = wheelInput(wheel, python, tools.wheels);
      const title = `${wheel.name} ${wheel.version}`;
      return { title, file: input.file, modules: modulesOf(input), archive: join(temporary, wheel.sha256) };
    });
    await using room = await rooms.open(below, { signal });
    // The largest first: what is begun last should end soon.
    const largestFirst = toCompile.sort((a, b) => b.modules.length - a.modules.length);
    const env = environmentOf(below);
    await compileWheels(largestFirst, { room, python, env, cacheDir, limits: rooms.limits, signal });
    const compiled = new Map<string, Bytecode>();
    for (const wheel of wheels) {
      const bytecode = await keep(join(temporary, wheel.sha256), tools);
      await keepJson(recordOf(wheel, compilation, tools), { sha256: bytecode.sha256 });
      compiled.set(wheel.sha256, bytecode);
    }
    return compiled;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Raised whenever the same modules would be compiled otherwise. */
const compileVersion = 1;

/** Where it is kept which bytecode a wheel has: by all that can change that. As with source, the whole root file system is among it. */
function recordOf({ sha256 }: LockedWheel, { python, below }: Compilation, { rooms, cacheDir }: CompilerTools): string {
  const { executable, version, scheme } = python;
  const key = {
    compile: compileVersion,
    wheel: sha256,
    room: rooms.keyOf(below),
    python: { executable, version, scheme: { ...scheme } },
    env: environmentOf(below),
  };
  return join(cacheDir, 'bytecode', `${hexOf(digestOf(canonicalJson(key)))}.json`);
}

function archiveOf(sha256: string, { cacheDir }: CompilerTools): string {
  return join(cacheDir, 'bytecode', `${sha256}.zip`);
}

async function readRecord(file: string, tools: CompilerTools): Promise<Bytecode | undefined> {
  const kept = await readKeptJson(file);
  if (!isObject(kept) || typeof kept.sha256 !== 'string') return undefined;
  const archive = archiveOf(kept.sha256, tools);
  return existsSync(archive) ? { file: archive, sha256: kept.sha256 } : undefined;
}

async function keep(file: string, tools: CompilerTools): Promise<Bytecode> {
  const meter = createDigestMeter();
  for await (const chunk of createReadStream(file)) meter.update(chunk as Buffer);
  const sha256 = hexOf(meter.digest());
  const archive = archiveOf(sha256, tools);
  await mkdir(dirname(archive), { recursive: true });
  await rename(file, archive);
  return { file: archive, sha256 };
}

function noSandbox(missing: string): BuilderError {
  return new BuilderError('tool-missing', say`Bytecode is compiled in a sandbox that cannot be opened: ${missing}`, {
    hint: say`Ask the administrator of this machine to install what is missing (on Debian: apt-get install buildah).`,
  });
}
