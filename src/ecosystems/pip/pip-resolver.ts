import path from 'node:path';
import type { Problem } from '../../errors.ts';
import { BuilderError, isBuilderError } from '../../errors.ts';
import type { HttpClient } from '../../http/http-client.ts';
import type { Resolution, ResolveRequest, Resolver } from '../../lock/resolver.ts';
import { findPython } from '../../rootfs/find-python.ts';
import type { InstalledDistribution, PythonEnvironment } from '../../rootfs/python-environment.ts';
import type { Rootfs } from '../../rootfs/rootfs.ts';
import { type Sentence, say } from '../../sentence.ts';
import type { BaseRooms } from '../base-rooms.ts';
import { baseNotices } from './base-notices.ts';
import { lockWheels, measured, measureWheel, stays, wheelFor } from './locked-wheels.ts';
import { evaluateMarker, markerEnvironmentOf } from './marker.ts';
import { type PrefetchSettings, prefetchWheels } from './prefetch-wheels.ts';
import { readRequirementLines } from './requirement-lines.ts';
import { askDirectSources, type Inspect } from './sdist/direct-sources.ts';
import type { InspectContext, SourceArchive } from './sdist/inspect-sdist.ts';
import { createSdistCandidates, type SdistCandidates } from './sdist/sdist-candidates.ts';
import { solveWithSource } from './sdist/solve-with-source.ts';
import type { Target } from './solve-lines.ts';
import { defaultUvPath } from './uv.ts';
import { type SolvedPackage, type SolvedWheel, uvPlatform } from './uv-compile.ts';
import { mainIndex } from './uv-configuration.ts';
import { uvFacts } from './uv-facts.ts';
import type { RequirementLine } from './uv-failure.ts';
import {
  authorizationFor,
  indexesFingerprint,
  indexesFrom,
  type PackageIndexes,
  uvEnvironment,
} from './uv-settings.ts';
import type { WheelStore } from './wheel-store.ts';

export interface PipResolverOptions {
  /** The program uv; the one that is set up under the project unless told. */
  readonly uv?: string;
  readonly cacheDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** In place of the indexes that the environment names. */
  readonly indexes?: PackageIndexes;
  readonly http: HttpClient;
  /** Where wheels are put ahead of being asked for; absent, only what the indexes say is fetched ahead. */
  readonly wheels?: WheelStore;
  /** Where source is built; absent, packages that have no wheel cannot be had. */
  readonly rooms?: BaseRooms;
  /** How the Python of a base is found, `findPython` unless told. */
  readonly findPython?: typeof findPython;
  /** How long to look for more problems when one is found, 2.5 s unless told. */
  readonly searchMs?: number;
  /** Longest time that one question to uv may take, 120 s unless told. */
  readonly timeoutMs?: number;
}

/** Solves pip lines with uv, for the Python of the base and on top of what it has installed. */
export function createPipResolver(options: PipResolverOptions): Resolver {
  const indexes = options.indexes ?? indexesFrom(options.env);
  const settings: Settings = {
    uv: options.uv ?? defaultUvPath,
    // uv runs in a directory of its own.
    cacheDir: path.resolve(options.cacheDir),
    env: uvEnvironment(options.env, indexes),
    indexes,
    http: options.http,
    wheels: options.wheels,
    rooms: options.rooms,
    findPython: options.findPython ?? findPython,
    searchMs: options.searchMs ?? 2500,
    timeoutMs: options.timeoutMs ?? 120_000,
    mainIndex: once(() => mainIndex(indexes, settings, settings.cacheDir)),
  };
  return {
    ecosystem: 'pip',
    check: (lines) => readRequirementLines(lines).problems,
    async resolve(request) {
      const answer = await resolve(request, settings);
      settings.wheels?.keepOnly('resolution' in answer ? answer.resolution.packages : []);
      return answer;
    },
    prefetch: (request) => prefetchWheels(request, settings),
    async fingerprint() {
      const { version } = await uvFacts(settings, settings.cacheDir);
      return `${version} ${indexesFingerprint(indexes)}`;
    },
  };
}

interface Settings extends PrefetchSettings {
  readonly indexes: PackageIndexes;
  readonly http: HttpClient;
  readonly rooms: BaseRooms | undefined;
  readonly findPython: typeof findPython;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

async function resolve(request: ResolveRequest, settings: Settings): ReturnType<Resolver['resolve']> {
  const { lines: typed, rootfs, base, signal } = request;
  const read = readRequirementLines(typed);
  const python = pythonOf(() => settings.findPython(rootfs, base.config));
  // Packages that come before might have brought one, had they no problems of their own.
  if ('problem' in python) return { problems: [...read.problems, ...(request.below ? [python.problem] : [])] };
  const platform = uvPlatform(python.python);
  if (platform === undefined) return { problems: [...read.problems, unsupportedPlatform(python.python)] };

  const installed = effectiveInstalled(python.python);
  const { applying, notices } = splitByMarker(read.lines, python.python);
  const source = await sourceFor({ python: python.python, platform, installed }, request, settings);
  const target: Target = { python: python.python, platform, installed, sdists: source.sdists };
  const directUrlOf = (distribution: InstalledDistribution) => urlInstalledFrom(distribution, rootfs);
  const sourceOf = (solved: SolvedPackage) => {
    const known = installed.get(solved.name);
    const isThere = known !== undefined && stays(solved, known, { lines: applying, directUrlOf });
    if (isThere || wheelFor(solved, target.python) !== undefined) return undefined;
    return source.sdists?.find(solved.name, solved.version);
  };
  const direct = await askDirectSources(applying, {
    missing: undefined,
    sdists: undefined,
    inspect: undefined,
    ...source,
    signal,
  });
  const options = { settings, fresh: request.fresh, signal, sourceOf, inspect: source.inspect };
  const answering = solveWithSource(direct.lines, target, options);
  // The wheels are next, and while uv asks the indexes there is nothing else to do.
  setImmediate(() => settings.http.prepare?.());
  const answer = await answering;
  const problems = [
    ...read.problems,
    ...direct.problems,
    ...answer.problems.map((problem) => withSandboxHint(problem, source.missing)),
    ...(await noCompiler(request, settings)),
  ];
  if (problems.length > 0) return { problems: problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)) };
  // What comes before has problems of its own, and only without them could more be said.
  if (request.below === undefined && answer.packages.some(sourceOf)) return { problems: [] };

  const comesByConda = (distribution: InstalledDistribution) => isNewIn(request, distribution);
  const locked = await lockWheels({
    solved: answer.packages,
    lines: applying,
    python: target.python,
    installed,
    directUrlOf,
    comesByConda,
    sdistOf(solved) {
      const release = sourceOf(solved);
      return release === undefined ? undefined : source.sdists?.inspected(release);
    },
    measure: measuring(settings, signal),
  });
  if (locked.problems.length > 0) return { problems: locked.problems };
  const { executable, version, scheme } = target.python;
  const resolution: Resolution = {
    packages: locked.packages,
    python: { executable, version, scheme, ...(request.compileBytecode && { compileBytecode: true }) },
    notices: [
      ...notices,
      ...answer.notices,
      ...baseNotices({ python: target.python, installed, packages: locked.packages, comesByConda }),
    ],
    satisfied: locked.satisfied,
  };
  return { resolution };
}

/** The base's own content and what lies on it are read from different layers. */
function isNewIn({ rootfs, below }: ResolveRequest, { owner, metadataPath }: InstalledDistribution): boolean {
  if (owner !== 'conda' || below === undefined) return false;
  const paths = [`${metadataPath}/METADATA`, `${metadataPath}/PKG-INFO`, metadataPath];
  return paths.some((path) => rootfs.read(path) !== below.rootfs.read(path));
}

interface SourceTools {
  readonly sdists?: SdistCandidates;
  readonly inspect?: Inspect<SourceArchive>;
  /** What keeps source from being built here, as a hint. */
  readonly missing?: Sentence | undefined;
}

/** How packages that come as source are found and looked into; nothing where they cannot be built. */
async function sourceFor(
  target: Target,
  { below, fresh, signal, onWork }: ResolveRequest,
  settings: Settings,
): Promise<SourceTools> {
  const { rooms, wheels, http, indexes, cacheDir } = settings;
  const { python, installed, platform } = target;
  const missing = noSandbox(await rooms?.missing());
  const main = indexes.default ?? (await settings.mainIndex());
  if (rooms === undefined || wheels === undefined || missing !== undefined || main === undefined) return { missing };
  const sdists = createSdistCandidates({ http, indexes, mainIndex: main, python, installed, signal });
  if (below === undefined) return { sdists };
  const measure = measuring(settings, signal);
  const credentialsFor = (url: URL) => authorizationFor(url.href, indexes).authorization;
  const contextFor = (signal: AbortSignal): InspectContext => ({
    below,
    python,
    tools: { rooms, wheels, http, credentialsFor, cacheDir },
    measured: (file) => measured(file, measure),
    async lockBuildRequires(requirements, title) {
      const { lockBuildRequires } = await import('./sdist/lock-build-requires.ts');
      return lockBuildRequires(requirements, title, { settings, fresh, signal, python, platform, measure });
    },
    signal,
    onWork,
  });
  const inspect: Inspect<SourceArchive> = async (release, signal) => {
    // Loaded by those that meet source, who are few.
    const { inspectSdist } = await import('./sdist/inspect-sdist.ts');
    return inspectSdist(release, contextFor(signal));
  };
  return { sdists, inspect };
}

function noSandbox(missing: string | undefined): Sentence | undefined {
  return missing === undefined
    ? undefined
    : say`Source could be built, were there a sandbox on the machine that builds, which cannot be opened: ${missing}.`;
}

function measuring({ http, indexes }: Settings, signal: AbortSignal) {
  return (file: SolvedWheel) => measureWheel(file, { http, headers: authorizationFor(file.url, indexes), signal });
}

function withSandboxHint(problem: Problem, missing: Sentence | undefined): Problem {
  return problem.code !== 'no-wheel' || missing === undefined ? problem : { ...problem, hint: missing };
}

async function noCompiler({ compileBytecode }: ResolveRequest, { rooms }: Settings): Promise<readonly Problem[]> {
  if (compileBytecode !== true) return [];
  const missing = rooms === undefined ? 'there is none' : await rooms.missing();
  if (missing === undefined) return [];
  const message = say`Bytecode is compiled in a sandbox on the machine that builds, which cannot be opened: ${missing}`;
  const hint = say`Leave compileBytecode out, or ask its administrator to install what is missing.`;
  return [{ field: 'compileBytecode', code: 'tool-missing', message, hint }];
}

function pythonOf(
  find: () => PythonEnvironment,
): { readonly python: PythonEnvironment } | { readonly problem: Problem } {
  try {
    const python = find();
    if (!python.freeThreaded) return { python };
    throw new BuilderError(
      'base-unsupported',
      say`The Python of the base is free-threaded, for which packages cannot be solved yet`,
      {
        hint: say`Choose a base image with the usual build of Python.`,
      },
    );
  } catch (error) {
    if (!isBuilderError(error, 'python-not-found', 'base-unsupported')) throw error;
    const { code, message, hint } = error;
    return { problem: { field: 'base', code, message, ...(hint !== undefined && { hint }) } };
  }
}

function unsupportedPlatform({ libc, architecture }: PythonEnvironment): Problem {
  return {
    field: 'base',
    code: 'base-unsupported',
    message: say`There are no wheels for ${libc.family} ${libc.version} on ${architecture}`,
    hint: say`Choose a base image for amd64 or arm64 with glibc 2.17 or later, or with musl.`,
  };
}

/** Of several distributions of a name, the one in the first directory of the search path. */
function effectiveInstalled({ installed, searchPath }: PythonEnvironment): ReadonlyMap<string, InstalledDistribution> {
  const place = ({ location }: InstalledDistribution) => {
    const index = searchPath.indexOf(location);
    return index < 0 ? searchPath.length : index;
  };
  const lastToFirst = [...installed].sort((a, b) => place(b) - place(a));
  return new Map(lastToFirst.map((distribution) => [distribution.name, distribution]));
}

function splitByMarker(lines: readonly RequirementLine[], python: PythonEnvironment) {
  const environment = markerEnvironmentOf(python);
  const applies = ({ requirement: { marker } }: RequirementLine) =>
    marker === undefined || evaluateMarker(marker, environment);
  const left = lines.filter((line) => !applies(line));
  return {
    applying: lines.filter(applies),
    notices: left.map(
      ({ line }) => say`Line ${line.line} asks for nothing here, its marker does not hold: ${line.text}`,
    ),
  };
}

/** PEP 610: where a distribution was installed from, when that was a URL. */
function urlInstalledFrom({ metadataPath }: InstalledDistribution, rootfs: Rootfs): string | undefined {
  const text = rootfs.read(`${metadataPath}/direct_url.json`)?.toString('utf8');
  if (text === undefined) return undefined;
  try {
    const { url } = JSON.parse(text) as { url?: unknown };
    return typeof url === 'string' ? url : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
