import { BuilderError, type Problem } from '../../errors.ts';
import type { HttpClient } from '../../http/http-client.ts';
import type { LockedSdist, LockedWheel } from '../../lock/lock.ts';
import { createDigestMeter, hexOf } from '../../oci/digest.ts';
import { normalisedName } from '../../rootfs/normalised-name.ts';
import type { InstalledDistribution, PythonEnvironment } from '../../rootfs/python-environment.ts';
import { say } from '../../sentence.ts';
import { formatRequirement } from './requirement.ts';
import { pipField, problemAt } from './requirement-line.ts';
import type { InspectedSdist } from './sdist/inspect-sdist.ts';
import { chooseWheel } from './tags.ts';
import type { SolvedPackage, SolvedWheel } from './uv-compile.ts';
import type { RequirementLine } from './uv-failure.ts';
import { compareVersions, parseVersion } from './version.ts';

/** What a solution means for one base. */
export interface LockedSolution {
  readonly packages: readonly (LockedWheel | LockedSdist)[];
  readonly satisfied: readonly { readonly name: string; readonly version: string }[];
  readonly problems: readonly Problem[];
}

export interface LockWheelsRequest {
  readonly solved: readonly SolvedPackage[];
  readonly lines: readonly RequirementLine[];
  readonly python: PythonEnvironment;
  /** The one of each name that an import would find. */
  readonly installed: ReadonlyMap<string, InstalledDistribution>;
  /** The URL that an installed distribution says it came from (PEP 610). */
  readonly directUrlOf: (distribution: InstalledDistribution) => string | undefined;
  /** True for an installed distribution that is not in the base, but comes with conda packages of the same spec. */
  readonly comesByConda: (distribution: InstalledDistribution) => boolean;
  /** The source of a package that has no wheel. */
  readonly sdistOf: (solved: SolvedPackage) => InspectedSdist | undefined;
  /** Finds out the hash and size of a file whose index does not tell. */
  readonly measure: (wheel: SolvedWheel) => Promise<{ readonly sha256: string; readonly sizeBytes: number }>;
}

/** Says for each package of a solution whether it stays as it is in the base or which wheel is laid down. */
export async function lockWheels(request: LockWheelsRequest): Promise<LockedSolution> {
  const packages: (LockedWheel | LockedSdist)[] = [];
  const satisfied: { name: string; version: string }[] = [];
  const problems: Problem[] = [];
  for (const solved of request.solved) {
    const installed = request.installed.get(solved.name);
    if (installed !== undefined && stays(solved, installed, request)) {
      satisfied.push({ name: solved.name, version: installed.version });
      continue;
    }
    const wheel = wheelFor(solved, request.python);
    const sdist = wheel === undefined ? request.sdistOf(solved) : undefined;
    const hasFile = wheel !== undefined || sdist !== undefined;
    const refusal = hasFile ? irremovable(solved, installed, request) : noWheel(solved, request.python);
    if (refusal !== undefined) problems.push(...atLinesFor(solved.name, request, refusal));
    else packages.push(await lockFile(solved, wheel, sdist, installed, request));
  }
  return { packages, satisfied, problems };
}

/** The wheel that is laid down for a package of a solution; `undefined` when none fits. */
export function wheelFor({ wheels }: SolvedPackage, python: PythonEnvironment): SolvedWheel | undefined {
  // What has no other address than a file is told by us.
  return chooseWheel(
    wheels.filter(({ url }) => !url.startsWith('file:')),
    python,
  );
}

/** Whether what is installed is what was found. */
export function stays(
  { name, version }: SolvedPackage,
  installed: InstalledDistribution,
  { lines, directUrlOf }: Pick<LockWheelsRequest, 'lines' | 'directUrlOf'>,
): boolean {
  const url = urlOf(name, lines);
  if (url !== undefined && directUrlOf(installed) !== url) return false;
  const [solvedVersion, installedVersion] = [parseVersion(version), parseVersion(installed.version)];
  return solvedVersion && installedVersion ? compareVersions(solvedVersion, installedVersion) === 0 : false;
}

/** The URL of the line that names a package by one, without fragment. */
function urlOf(name: string, lines: readonly RequirementLine[]): string | undefined {
  const line = lines.find(
    ({ requirement }) => requirement.url !== undefined && normalisedName(requirement.name) === name,
  );
  return line === undefined ? undefined : new URL(line.requirement.url!.split('#')[0]!).href;
}

export type Refusal = Pick<Problem, 'code' | 'message' | 'hint'>;

function noWheel(
  { name, version }: SolvedPackage,
  { version: python, libc, architecture }: PythonEnvironment,
): Refusal {
  return {
    code: 'no-wheel',
    message: say`${name} ${version} has no wheel for Python ${python} with ${libc.family} ${libc.version} on ${architecture}`,
    hint: say`Try another version, or a newer base image.`,
  };
}

/** pip removes what pip or conda installed; without a list of its files nobody can. */
function irremovable(
  { name, version }: SolvedPackage,
  installed: InstalledDistribution | undefined,
  { comesByConda }: Pick<LockWheelsRequest, 'comesByConda'>,
): Refusal | undefined {
  if (installed === undefined || installed.owner === 'system' || installed.files !== undefined) return undefined;
  if (comesByConda(installed)) {
    return {
      code: 'package-irremovable',
      message: say`${name} ${version} would take the place of ${installed.version} of the conda packages, whose files are not listed (no RECORD), so it cannot be removed cleanly`,
      hint: say`Ask for ${name} on one of the two lists only, or for the same version on both.`,
    };
  }
  return {
    code: 'package-irremovable',
    message: say`${name} ${version} would take the place of ${installed.version} in the base, whose files are not listed (no RECORD), so it cannot be removed cleanly`,
    hint: say`Allow ${name} ${installed.version}, or choose a base image without it.`,
  };
}

/** A problem of a package at the lines that ask for it, or for what needs it. */
export function atLinesFor(
  name: string,
  { solved, lines }: Pick<LockWheelsRequest, 'solved' | 'lines'>,
  refusal: Refusal,
): readonly Problem[] {
  const roots = ancestorsOf(name, solved);
  const asking = lines.filter(({ requirement }) => roots.has(normalisedName(requirement.name)));
  if (asking.length === 0) return [{ field: pipField, ...refusal }];
  return asking.map(({ line }) => problemAt(line, refusal));
}

function ancestorsOf(name: string, solved: readonly SolvedPackage[]): ReadonlySet<string> {
  const parents = new Map(solved.map((each) => [each.name, each.requiredBy]));
  const found = new Set([name]);
  for (const each of found) for (const parent of parents.get(each) ?? []) found.add(parent);
  return found;
}

async function lockFile(
  { name, version, requiredBy }: SolvedPackage,
  wheel: SolvedWheel | undefined,
  sdist: InspectedSdist | undefined,
  installed: InstalledDistribution | undefined,
  { lines, comesByConda, measure }: LockWheelsRequest,
): Promise<LockedWheel | LockedSdist> {
  const requested = lines.filter(({ requirement }) => normalisedName(requirement.name) === name);
  const directUrl = urlOf(name, lines);
  const common = {
    ecosystem: 'pip' as const,
    name,
    version,
    requestedBy: [...new Set(requested.map(({ requirement }) => formatRequirement(requirement)))].sort(),
    requiredBy,
    ...(directUrl !== undefined && { directUrl }),
    ...(installed !== undefined &&
      installed.owner !== 'system' && {
        replaces: {
          version: installed.version,
          metadataPath: installed.metadataPath,
          ...(comesByConda(installed) && { broughtBy: 'conda' as const }),
        },
      }),
  };
  if (sdist !== undefined) return { ...common, ...sdist.file, buildRequires: sdist.buildRequires };
  return { ...common, ...(await measured(wheel!, measure)) };
}

/** A file that an index lists, with hash and size. */
export async function measured(
  { filename, url, sha256, sizeBytes }: SolvedWheel,
  measure: LockWheelsRequest['measure'],
): Promise<Pick<LockedWheel, 'filename' | 'url' | 'sha256' | 'sizeBytes'>> {
  const isKnown = sha256 !== undefined && sizeBytes !== undefined;
  const known = isKnown
    ? { sha256, sizeBytes }
    : await measure({ filename, url, ...(sha256 !== undefined && { sha256 }) });
  return { filename, url, ...known };
}

const maxWheelBytes = 16 * 1024 ** 3;

/**
 * Asks for what the index did not tell: the size by HEAD when the hash is known, else both by reading the file. Throws
 * `package-unavailable`, `content-mismatch`.
 */
export async function measureWheel(
  { url, sha256 }: SolvedWheel,
  options: { http: HttpClient; headers: Readonly<Record<string, string>>; signal: AbortSignal },
): Promise<{ readonly sha256: string; readonly sizeBytes: number }> {
  const { http, ...rest } = options;
  if (sha256 !== undefined) {
    const response = await http.request({ method: 'HEAD', url, ...rest });
    response.body.destroy();
    const length = Number(response.headers['content-length']);
    if (response.status === 200 && Number.isSafeInteger(length) && length > 0) return { sha256, sizeBytes: length };
  }
  const response = await http.request({ url, ...rest });
  if (response.status !== 200) {
    response.body.destroy();
    throw new BuilderError(
      'package-unavailable',
      say`${new URL(url).host} answers ${response.status} for a file that it lists`,
    );
  }
  const meter = createDigestMeter();
  for await (const chunk of response.body) {
    meter.update(chunk as Buffer);
    if (meter.sizeBytes > maxWheelBytes)
      throw new BuilderError('limit-exceeded', say`A file has more than ${maxWheelBytes} bytes`);
  }
  const measured = hexOf(meter.digest());
  if (sha256 !== undefined && measured !== sha256) {
    throw new BuilderError('content-mismatch', say`A file of ${new URL(url).host} is not the one that its hash names`);
  }
  return { sha256: measured, sizeBytes: meter.sizeBytes };
}
