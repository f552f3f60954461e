import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BuilderError } from '../../../errors.ts';
import { createTurns } from '../../../layers/turns.ts';
import type { LockedPython, LockedSdist, LockedWheel } from '../../../lock/lock.ts';
import { createDigestMeter, hexOf } from '../../../oci/digest.ts';
import { isObject } from '../../../oci/manifest.ts';
import { say } from '../../../sentence.ts';
import type { LayerSourceRequest } from '../../ecosystem.ts';
import { keepJson, readKeptJson } from '../../kept-json.ts';
import { chooseWheel, parseWheelFilename } from '../tags.ts';
import { compareVersions, parseVersion } from '../version.ts';
import type { WheelToLayDown } from '../wheel-source.ts';
import type { BuildPlace, BuildTools } from './build-environment.ts';
import { buildKey, fetchSdist, gatherInputs } from './build-inputs.ts';
import { readBuildSystem } from './build-system.ts';
import { buildWheel } from './run-build.ts';

/** Makes wheels of source, each once for what it is made of. */
export interface WheelBuilder {
  /** The locked package as the wheel that is built of it, which then lies in the wheel store. Throws `build-failed` with the cause. */
  wheelOf(locked: LockedSdist, python: LockedPython, request: LayerSourceRequest): Promise<WheelToLayDown>;
}

type BuiltFile = Pick<LockedWheel, 'filename' | 'sha256' | 'sizeBytes'>;

export function createWheelBuilder(tools: BuildTools): WheelBuilder {
  // A build may take all the memory that a job has.
  const turns = createTurns();
  return {
    async wheelOf(locked, python, request) {
      const built = await turns.take('build', request.signal, () => findOrBuild(locked, python, request, tools));
      const { buildRequires: _, ...distribution } = locked;
      return { ...distribution, ...built, archiveSha256: locked.sha256 };
    },
  };
}

async function findOrBuild(
  locked: LockedSdist,
  python: LockedPython,
  request: LayerSourceRequest,
  tools: BuildTools,
): Promise<BuiltFile> {
  const { base, rootfs, lock } = request;
  const below = { base, rootfs, packages: lock.packages, conda: lock.conda };
  const place = { below, python };
  const record = join(
    tools.cacheDir,
    'built-wheels',
    `${buildKey(locked.sha256, locked.buildRequires, place, tools)}.json`,
  );
  const kept = request.noCache ? undefined : await readRecord(record, tools);
  if (kept !== undefined) return kept;
  const built = await build(locked, { ...place, python }, request, tools);
  await keepJson(record, built);
  return built;
}

async function readRecord(file: string, { wheels }: BuildTools): Promise<BuiltFile | undefined> {
  const kept = await readKeptJson(file);
  if (!isObject(kept)) return undefined;
  const { filename, sha256, sizeBytes } = kept;
  if (typeof filename !== 'string' || typeof sha256 !== 'string' || typeof sizeBytes !== 'number') return undefined;
  const isThere = await stat(wheels.fileOf({ sha256 })).then(
    ({ size }) => size === sizeBytes,
    () => false,
  );
  return isThere ? { filename, sha256, sizeBytes } : undefined;
}

async function build(
  locked: LockedSdist,
  place: BuildPlace & { readonly python: LockedPython },
  request: LayerSourceRequest,
  tools: BuildTools,
): Promise<BuiltFile> {
  const { signal, onEvent } = request;
  const options = { signal, onBytes: (bytes: number) => onEvent?.({ type: 'download', bytes }) };
  const missing = await tools.rooms.missing();
  if (missing !== undefined) throw noSandbox(locked, missing);
  const path = await fetchSdist(locked, tools, options);
  const system = await readBuildSystem(path, locked.filename);
  const parts = {
    title: `${locked.name} ${locked.version}`,
    source: { file: path, filename: locked.filename },
    system,
    buildRequires: locked.buildRequires,
  };
  const inputs = await gatherInputs(parts, place, { ...tools, ...options });
  await using room = await tools.rooms.open(place.below, { signal });
  onEvent?.({ type: 'assembling' });
  const file = join(tools.cacheDir, 'tmp', `wheel-${randomUUID()}`);
  await mkdir(dirname(file), { recursive: true });
  try {
    const filename = await buildWheel(inputs, file, {
      room,
      cacheDir: tools.cacheDir,
      limits: tools.rooms.limits,
      signal,
      onLine: (line) => onEvent?.({ type: 'output', line }),
    });
    checkName(filename, locked, request, place.python);
    return await keep(file, filename, tools);
  } finally {
    await rm(file, { force: true });
  }
}

/** Its content is judged as that of any wheel, when it is laid down. */
function checkName(
  filename: string,
  locked: LockedSdist,
  { base }: LayerSourceRequest,
  { version }: LockedPython,
): void {
  const wheel = parseWheelFilename(filename);
  const [own, expected] = [parseVersion(wheel?.version.replaceAll('_', '-') ?? ''), parseVersion(locked.version)];
  const isSame = own !== undefined && expected !== undefined && compareVersions(own, expected) === 0;
  const { architecture } = base.config;
  // It was built with the C library that it is for, so any that the tags could name is right.
  const libcs = [{ family: 'glibc', version: '2.99' } as const, { family: 'musl', version: '1.99' } as const];
  const fits = libcs.some((libc) => chooseWheel([{ filename }], { version, libc, architecture, freeThreaded: false }));
  if (wheel?.name === locked.name && isSame && fits) return;
  const shown = filename.replace(/[^\w.+!-]/g, '?').slice(0, 200);
  throw new BuilderError(
    'build-failed',
    say`The build of ${locked.name} ${locked.version} gave "${shown}", which is not a wheel of it for Python ${version} on ${architecture}`,
    { hint: say`Take another version of the package, or tell its makers.` },
  );
}

async function keep(file: string, filename: string, { wheels }: BuildTools): Promise<BuiltFile> {
  const meter = createDigestMeter();
  for await (const chunk of createReadStream(file)) meter.update(chunk as Buffer);
  const sha256 = hexOf(meter.digest());
  const to = wheels.fileOf({ sha256 });
  await mkdir(dirname(to), { recursive: true });
  await rename(file, to);
  return { filename, sha256, sizeBytes: meter.sizeBytes };
}

function noSandbox({ name, version }: LockedSdist, missing: string): BuilderError {
  return new BuilderError(
    'tool-missing',
    say`${name} ${version} is built from source, in a sandbox that cannot be opened: ${missing}`,
    {
      hint: say`Ask the administrator of this machine to install what is missing (on Debian: apt-get install buildah).`,
    },
  );
}
