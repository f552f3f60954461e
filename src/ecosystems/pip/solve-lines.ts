import type { Problem } from '../../errors.ts';
import { isBuilderError } from '../../errors.ts';
import { normalisedName } from '../../rootfs/normalised-name.ts';
import type { InstalledDistribution, PythonEnvironment } from '../../rootfs/python-environment.ts';
import { type Sentence, say } from '../../sentence.ts';
import { writeInstalledIndex } from './installed-index.ts';
import type { SdistCandidates } from './sdist/sdist-candidates.ts';
import { compileRequirements, type MissingExtra, type Solution, type SolvedPackage } from './uv-compile.ts';
import { explainFailure, packagesWithoutWheels, type RequirementLine, withoutMarker } from './uv-failure.ts';
import { formatVersion, parseVersion } from './version.ts';

/** What lines are solved for. */
export interface Target {
  readonly python: PythonEnvironment;
  readonly platform: string;
  readonly installed: ReadonlyMap<string, InstalledDistribution>;
  /** Versions that are to be had as source only; absent where source cannot be built. */
  readonly sdists?: SdistCandidates | undefined;
}

/** How uv is run. */
export interface SolverSettings {
  readonly uv: string;
  /** Absolute. */
  readonly cacheDir: string;
  readonly env: Readonly<Record<string, string>>;
  /** How long, after a first problem, further ones are looked for. */
  readonly searchMs: number;
  /** Longest time that one question to uv may take. */
  readonly timeoutMs: number;
  /** The main index, when how long its answers hold can be told in a file. */
  readonly mainIndex: () => Promise<string | undefined>;
}

export interface SolveOptions {
  readonly settings: SolverSettings;
  readonly fresh: boolean;
  readonly signal: AbortSignal;
}

const maxRounds = 40;

/**
 * uv stops at the first thing that is wrong. So the lines that it blames are set aside and the rest is asked again, until it finds no
 * more or the time for it is over.
 */
export async function solveLines(
  lines: readonly RequirementLine[],
  target: Target,
  options: SolveOptions,
): Promise<Solved> {
  const first = await compileLines(lines, target, options);
  if ('packages' in first) return insistOnExtras(first, lines, { target, options });

  const problems: Problem[] = [...explainFailure(first.failure, lines)];
  const deadline = Date.now() + options.settings.searchMs;
  let remaining = withoutBlamed(lines, problems);
  for (let round = 1; round < maxRounds && remaining.length > 0 && Date.now() < deadline; round++) {
    const found = await moreProblems(remaining, target, { ...options, deadline });
    const left = withoutBlamed(remaining, found);
    problems.push(...found);
    if (left.length === remaining.length) break;
    remaining = left;
  }
  return { packages: [], problems, notices: [] };
}

function withoutBlamed(lines: readonly RequirementLine[], problems: readonly Problem[]): readonly RequirementLine[] {
  const blamed = new Set(problems.map(({ line }) => line));
  return lines.filter(({ line }) => !blamed.has(line.line));
}

/** A failure of the network or of time ends the search for more problems, but does not hide those found. */
async function moreProblems(
  lines: readonly RequirementLine[],
  target: Target,
  { settings, signal, deadline }: SolveOptions & { deadline: number },
): Promise<readonly Problem[]> {
  const timeoutMs = Math.max(1, deadline - Date.now());
  try {
    const answer = await compileLines(lines, target, { settings: { ...settings, timeoutMs }, fresh: false, signal });
    return 'packages' in answer
      ? (await insistOnExtras(answer, lines, { target, options: { settings, fresh: false, signal } })).problems
      : explainFailure(answer.failure, lines);
  } catch (error) {
    if (isBuilderError(error, 'resolver-failed', 'registry-unavailable')) return [];
    throw error;
  }
}

/** What stands in the image if the lines are to hold, or why they cannot. */
export interface Solved {
  readonly packages: readonly SolvedPackage[];
  readonly problems: readonly Problem[];
  readonly notices: readonly Sentence[];
}

/**
 * A solver may fall back on an old version that does not have the extra yet, and so leave out what the extra is for: `pandas[excel]`
 * becomes pandas 1.5.3 when a package that the extra needs has no wheel. So newer versions are insisted on; the reason against them is a
 * problem of the line. An extra that no version has is only told of, as pip does.
 */
async function insistOnExtras(
  solution: Solution,
  lines: readonly RequirementLine[],
  { target, options }: { target: Target; options: SolveOptions },
): Promise<Solved> {
  const asked =
    (missing: MissingExtra) =>
    ({ requirement }: RequirementLine) =>
      normalisedName(requirement.name) === missing.name && requirement.extras.includes(missing.extra);
  const missing = solution.missingExtras.filter((each) => lines.some(asked(each)));
  if (missing.length === 0) return { packages: solution.packages, problems: [], notices: fallbackNotices(solution) };

  const newer = missing.map(({ name, version }) => `${name}>${version}`);
  const retried = await compileLines(lines, target, { ...options, fresh: false }, newer);
  if ('packages' in retried && retried.missingExtras.length === 0) {
    return { packages: retried.packages, problems: [], notices: fallbackNotices(retried) };
  }
  const reasons = 'failure' in retried ? explainFailure(retried.failure, lines) : [];
  const problems = reasons.filter(({ code }) =>
    ['no-wheel', 'package-not-found', 'python-incompatible'].includes(code),
  );
  const notices = missing.map(({ name, version, extra }) => say`${name} ${version} has no extra "${extra}".`);
  return { packages: solution.packages, problems, notices: [...notices, ...fallbackNotices(solution)] };
}

/** What of the newest versions could not be had, so that others were taken without a word of the solver. */
function fallbackNotices({ unusable }: Solution): readonly Sentence[] {
  return unusable.map(
    (name) =>
      say`${name} is wanted by newer versions, but there is no wheel of it for this base and no source that can be built here: versions were taken that do without it.`,
  );
}

/** One question to uv; asked again where it lacks wheels that can be built. */
export async function compileLines(
  lines: readonly RequirementLine[],
  target: SolverTarget,
  options: SolveOptions,
  more: readonly string[] = [],
): ReturnType<typeof compileRequirements> {
  const requirements = [...new Set([...lines.map(({ requirement }) => withoutMarker(requirement)), ...more])].sort();
  for (let { fresh } = options; ; fresh = false) {
    const answer = await solveRequirements(requirements, target, { ...options, fresh });
    const named = 'failure' in answer ? packagesWithoutWheels(answer.failure) : [];
    const names = [...new Set([...answer.unusable, ...named])];
    if (names.length === 0 || target.sdists === undefined) return answer;
    if (!(await target.sdists.offer(names))) return answer;
  }
}

export type SolverTarget = Omit<Target, 'python'> & { readonly python: Pick<PythonEnvironment, 'version'> };

/** What requirements mean for a Python. */
export async function solveRequirements(
  requirements: readonly string[],
  { python, platform, installed, sdists }: SolverTarget,
  { settings, fresh, signal }: SolveOptions,
): ReturnType<typeof compileRequirements> {
  const distributions = [...installed.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const told = [...distributions, ...(sdists?.told() ?? [])];
  const { directory } = await writeInstalledIndex(told, settings.cacheDir);
  return compileRequirements({
    uv: settings.uv,
    cacheDir: settings.cacheDir,
    env: settings.env,
    requirements,
    python,
    platform,
    installedIndex: directory,
    mainIndex: await settings.mainIndex(),
    preferences: distributions.flatMap(({ name, version }) => {
      const parsed = parseVersion(version);
      return parsed === undefined ? [] : [{ name, version: formatVersion(parsed) }];
    }),
    refresh: fresh,
    timeoutMs: settings.timeoutMs,
    signal,
  });
}
