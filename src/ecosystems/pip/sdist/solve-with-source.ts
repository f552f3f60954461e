import { isBuilderError, type Problem } from '../../../errors.ts';
import { quoted, say } from '../../../sentence.ts';
import { runLimited } from '../../../threads/run-limited.ts';
import { packageOfImport } from '../import-names.ts';
import { atLinesFor, type Refusal } from '../locked-wheels.ts';
import { type Solved, type SolveOptions, solveLines, type Target } from '../solve-lines.ts';
import type { SolvedPackage } from '../uv-compile.ts';
import type { RequirementLine } from '../uv-failure.ts';
import { withoutLabel, withoutLabelsIn } from './direct-version.ts';
import type { InspectedSdist } from './inspect-sdist.ts';
import type { SdistRelease } from './sdist-releases.ts';

export interface SourceOptions extends SolveOptions {
  /** The source of a package of a solution that is to be built; `undefined` for one that comes otherwise. */
  readonly sourceOf: (solved: SolvedPackage) => SdistRelease | undefined;
  /** Finds out what a source is; absent where it cannot be known yet what its code would find. */
  readonly inspect: ((release: SdistRelease, signal: AbortSignal) => Promise<InspectedSdist>) | undefined;
}

const maxRounds = 30;
/** Rooms that are open at once: most of what they do is to wait for each other's programs to start. */
const inspectionsAtOnce = 4;

/** Solves, looks into the source that the solver takes, and solves again, until nothing is taken of which it is not known what it needs. */
export async function solveWithSource(
  lines: readonly RequirementLine[],
  target: Target,
  { sourceOf, inspect, ...options }: SourceOptions,
): Promise<Solved> {
  const { sdists } = target;
  for (let round = 1; ; round++) {
    const answer = withoutLabels(await solveLines(lines, target, { ...options, fresh: options.fresh && round === 1 }));
    if (sdists === undefined || inspect === undefined || answer.problems.length > 0) return answer;
    const unknown = answer.packages.flatMap((solved) => {
      const release = sourceOf(solved);
      return release === undefined || sdists.inspected(release) !== undefined ? [] : [release];
    });
    if (unknown.length === 0) return answer;
    if (round === maxRounds)
      throw new Error(`the solver takes other source each time, the last was ${unknown[0]!.name}`);
    const { signal } = options;
    const found = await runLimited(unknown, { limit: inspectionsAtOnce, signal }, (release, signal) =>
      inspectOrExplain(release, { inspect: () => inspect(release, signal), solved: answer.packages, lines }),
    );
    for (const each of found) if (!('problems' in each)) sdists.note(each);
    const problems = found.flatMap((each) => ('problems' in each ? each.problems : []));
    if (problems.length > 0) return { packages: [], problems, notices: [] };
  }
}

async function inspectOrExplain(
  release: SdistRelease,
  {
    inspect,
    ...where
  }: {
    readonly inspect: () => Promise<InspectedSdist>;
    readonly solved: readonly SolvedPackage[];
    readonly lines: readonly RequirementLine[];
  },
): Promise<InspectedSdist | { readonly problems: readonly Problem[] }> {
  const meant = packageOfImport(release.name);
  return explainInspection(inspect, (refusal) =>
    atLinesFor(release.name, where, meant === undefined ? refusal : { ...refusal, hint: say`Did you mean ${meant}?` }),
  );
}

/** What an archive is, or what is wrong with it, as problems where it was asked for. */
export async function explainInspection(
  inspect: () => Promise<InspectedSdist>,
  problemsOf: (refusal: Refusal) => readonly Problem[],
): Promise<InspectedSdist | { readonly problems: readonly Problem[] }> {
  try {
    return await inspect();
  } catch (error) {
    if (!isBuilderError(error, 'build-failed', 'package-corrupt', 'limit-exceeded', 'timed-out')) throw error;
    const { code, message, hint } = error;
    return { problems: problemsOf({ code, message, ...(hint !== undefined && { hint }) }) };
  }
}

function withoutLabels(answer: Solved): Solved {
  const packages = answer.packages.map((solved) => ({ ...solved, version: withoutLabel(solved.version) }));
  const problems = answer.problems.map((problem) => ({
    ...problem,
    message: quoted(withoutLabelsIn(problem.message)),
  }));
  return { ...answer, packages, problems };
}
