import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BuilderError } from '../../errors.ts';
import type { PythonEnvironment } from '../../rootfs/python-environment.ts';
import type { Sentence } from '../../sentence.ts';
import { say } from '../../sentence.ts';
import { machineOf } from './marker.ts';
import { pythonOption, runUv, type UvResult } from './uv.ts';
import { uvConfiguration } from './uv-configuration.ts';

/** A package of a solution. */
export interface SolvedPackage {
  /** Normalised. */
  readonly name: string;
  readonly version: string;
  /** The files that may be taken; `file:` URLs are the base's own. */
  readonly wheels: readonly SolvedWheel[];
  /** Normalised names of the packages of the solution that need it. */
  readonly requiredBy: readonly string[];
}

export interface SolvedWheel {
  readonly filename: string;
  readonly url: string;
  readonly sha256?: string;
  readonly sizeBytes?: number;
}

export interface CompileRequest {
  readonly uv: string;
  readonly cacheDir: string;
  readonly env: Readonly<Record<string, string>>;
  /** Requirements, one each, without markers. */
  readonly requirements: readonly string[];
  readonly python: Pick<PythonEnvironment, 'version'>;
  /** Value of `--python-platform`, see `uvPlatform`. */
  readonly platform: string;
  /** Directory with a wheel for each installed distribution. */
  readonly installedIndex: string;
  /** The index whose answers are kept as `uvConfiguration` says; absent, all indexes come by environment. */
  readonly mainIndex: string | undefined;
  /** Versions to keep where they satisfy. */
  readonly preferences: readonly { readonly name: string; readonly version: string }[];
  readonly refresh: boolean;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Every package that has to stand in the image. */
export interface Solution extends Unusable {
  readonly packages: readonly SolvedPackage[];
  /** Extras that are asked for and that the version found does not have; uv takes no offence. */
  readonly missingExtras: readonly MissingExtra[];
}

export interface Unusable {
  /**
   * Normalised names of packages that were wanted on the way, but have no version that could be used, as when there is only source. A
   * solver then falls back on versions, however old, that do not want them.
   */
  readonly unusable: readonly string[];
}

export interface MissingExtra {
  readonly name: string;
  readonly version: string;
  readonly extra: string;
}

/** Solves requirements with uv, or gives what uv says against them. */
export async function compileRequirements(
  request: CompileRequest,
): Promise<Solution | ({ readonly failure: string } & Unusable)> {
  const directory = await mkdtemp(join(tmpdir(), 'imagewright-uv-'));
  try {
    await writeFile(join(directory, inputFile), request.requirements.map((line) => `${line}\n`).join(''));
    if (request.mainIndex !== undefined) {
      await writeFile(join(directory, configurationFile), uvConfiguration(request.mainIndex));
    }
    if (request.preferences.length > 0) {
      await writeFile(join(directory, lockFile), preferencesToml(request.preferences));
    }
    const refresh = request.refresh ? ['--refresh'] : [];
    const result = await run(request, directory, ['--format', 'pylock.toml', '-o', lockFile, ...refresh]);
    const { told, log, unusable } = readMessages(result.stderr);
    if (result.exitCode !== 0) return { failure: told, unusable };
    const packages = await parsePylock(await readFile(join(directory, lockFile), 'utf8'));
    const parents = parentsIn(log, packages);
    return {
      packages: packages.map((solved) => ({ ...solved, requiredBy: parents.get(solved.name) ?? [] })),
      missingExtras: parseMissingExtras(told),
      unusable,
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const configurationFile = 'uv.toml';
const inputFile = 'spec.in';
const lockFile = 'pylock.toml';

function run(request: CompileRequest, cwd: string, extra: readonly string[]): Promise<UvResult> {
  const { uv, cacheDir, env, python, platform, installedIndex, timeoutMs, signal } = request;
  const options = {
    '--only-binary': ':all:',
    '--python-platform': platform,
    '--python-version': python.version,
    '--index-strategy': 'first-index',
    '--cache-dir': join(cacheDir, 'uv'),
    '--find-links': installedIndex,
  };
  const configuration = request.mainIndex === undefined ? ['--no-config'] : ['--config-file', configurationFile];
  const flags = [...configuration, '--no-python-downloads', '--no-progress', '--no-header'];
  const args = [
    'pip',
    'compile',
    inputFile,
    ...Object.entries(options).flat(),
    ...pythonOption(uv),
    ...flags,
    ...extra,
  ];
  // What stands in the environment would win over the file.
  const { UV_DEFAULT_INDEX: _, ...others } = env;
  const told = { ...(request.mainIndex === undefined ? env : others), RUST_LOG: 'uv_resolver::resolver=debug' };
  return runUv({ uv, args, env: told, cwd, timeoutMs, signal });
}

interface Messages extends Unusable {
  /** What uv says to people. */
  readonly told: string;
  /** The lines of its log of the search. */
  readonly log: readonly string[];
}

/** Parts what uv says, and finds in its log which packages it looked for and never took any version of. */
export function readMessages(stderr: string): Messages {
  const lines = stderr.split('\n');
  const log = lines.filter((line) => line.startsWith('DEBUG '));
  const named = (pattern: RegExp) => new Set(log.flatMap((line) => pattern.exec(line)?.[1] ?? []));
  const wanted = named(/^DEBUG Searching for a compatible version of ([a-z0-9-]+)/);
  const taken = named(/^DEBUG Selecting: ([a-z0-9-]+)/);
  const absent = named(/^DEBUG No compatible version found for: ([a-z0-9-]+)/);
  return {
    told: lines.filter((line) => !line.startsWith('DEBUG ')).join('\n'),
    log,
    unusable: [...wanted].filter((name) => !taken.has(name) && !absent.has(name)),
  };
}

/** `warning: The package `pandas==1.5.3` does not have an extra named `excel`` */
function parseMissingExtras(stderr: string): readonly MissingExtra[] {
  const warnings = stderr.matchAll(/package `([a-z0-9-]+)==([^`]+)` does not have an extra named `([^`]+)`/g);
  return [...warnings].map(([, name, version, extra]) => ({ name: name!, version: version!, extra: extra! }));
}

function preferencesToml(preferences: CompileRequest['preferences']): string {
  const packages = preferences.map(
    ({ name, version }) => `[[packages]]\nname = ${JSON.stringify(name)}\nversion = ${JSON.stringify(version)}\n`,
  );
  return `lock-version = "1.0"\ncreated-by = "imagewright"\n${packages.join('')}`;
}

/** Reads the part of PEP 751's pylock.toml that uv writes. Throws `resolver-failed` for anything else. */
async function parsePylock(text: string): Promise<readonly Omit<SolvedPackage, 'requiredBy'>[]> {
  const { parse } = await import('smol-toml');
  const { packages = [] } = parse(text) as { packages?: readonly PylockPackage[] };
  return packages.map(({ name, version, wheels = [], archive }) => {
    if (name === undefined || version === undefined) throw unexpected(name ?? 'a package', say`no version`);
    return { name, version, wheels: [...wheels, ...(archive === undefined ? [] : [archive])].map(toWheel) };
  });
}

interface PylockPackage {
  readonly name?: string;
  readonly version?: string;
  readonly wheels?: readonly PylockFile[];
  readonly archive?: PylockFile;
}

interface PylockFile {
  readonly url?: string;
  readonly size?: number;
  readonly hashes?: { readonly sha256?: string };
}

function toWheel({ url = '', size, hashes }: PylockFile): SolvedWheel {
  if (!URL.canParse(url)) throw unexpected('a wheel', say`no URL`);
  const address = new URL(url);
  const filename = decodeURIComponent(address.pathname.split('/').at(-1)!);
  address.username = '';
  address.password = '';
  address.hash = '';
  return {
    filename,
    url: address.href,
    ...(hashes?.sha256 !== undefined && { sha256: hashes.sha256 }),
    ...(size !== undefined && { sizeBytes: size }),
  };
}

function unexpected(what: string, why: Sentence): BuilderError {
  return new BuilderError('resolver-failed', say`The package solver (uv) gave ${why} for ${what}`);
}

/**
 * pylock.toml does not say who needs a package; uv's log of the search does, of every version that it looked at: `DEBUG Adding transitive
 * dependency for pandas==3.1.1: numpy{python_full_version < '3.14'}>=2.0.2`.
 */
function parentsIn(
  log: readonly string[],
  packages: readonly Pick<SolvedPackage, 'name' | 'version'>[],
): ReadonlyMap<string, readonly string[]> {
  const versions = new Map(packages.map(({ name, version }) => [name, version]));
  const parents = new Map<string, Set<string>>(packages.map(({ name }) => [name, new Set()]));
  for (const line of log) {
    const [, parent, version, child] = dependencyPattern.exec(line) ?? [];
    if (parent !== undefined && parent !== child && versions.get(parent) === version) parents.get(child!)?.add(parent);
  }
  return new Map([...parents].map(([name, found]) => [name, [...found].sort()]));
}

const dependencyPattern = /^DEBUG Adding transitive dependency for ([a-z0-9-]+)==(\S+): ([a-z0-9-]+)/;

/** The newest glibc platforms that uv knows, beside manylinux_2_17 and _2_28. */
const glibcMinors = [40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 28, 17];

/** uv's name of the base's platform, the greatest that is not above it: `x86_64-manylinux_2_36`; `undefined` when there is none. */
export function uvPlatform({
  libc,
  architecture,
}: Pick<PythonEnvironment, 'libc' | 'architecture'>): string | undefined {
  const machine = machineOf(architecture);
  if (machine !== 'x86_64' && machine !== 'aarch64') return undefined;
  if (libc.family === 'musl') return `${machine}-unknown-linux-musl`;
  const [major, minor = 0] = libc.version.split('.').map(Number);
  const known = major === 2 ? glibcMinors.find((candidate) => candidate <= minor) : undefined;
  return known === undefined ? undefined : `${machine}-manylinux_2_${known}`;
}
