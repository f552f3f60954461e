import type { Problem } from '../../../errors.ts';
import { normalisedName } from '../../../rootfs/normalised-name.ts';
import { say } from '../../../sentence.ts';
import { runLimited } from '../../../threads/run-limited.ts';
import type { Requirement } from '../requirement.ts';
import { problemAt } from '../requirement-line.ts';
import { makeSpecifier, type Specifier } from '../specifier.ts';
import type { RequirementLine } from '../uv-failure.ts';
import { directVersion } from './direct-version.ts';
import type { InspectedSdist, SourceArchive } from './inspect-sdist.ts';
import type { SdistCandidates } from './sdist-candidates.ts';
import { explainInspection } from './solve-with-source.ts';

/*
 * Lines that name source by URL. What such an archive is and needs only it can say, so it is asked before anything is solved; then the solver is
 * told of it as of any source, under a version that no index has, and the line asks for exactly that:
 *
 *   odfpy @ https://example.com/odfpy-1.4.1.tar.gz ──▶ inspect: 1.4.1, needs defusedxml ──▶ odfpy==1.4.1+imagewright
 */

/** Asks an archive what it is. */
export type Inspect<R> = (release: R, signal: AbortSignal) => Promise<InspectedSdist>;

export interface DirectOptions {
  readonly sdists: SdistCandidates | undefined;
  /** Absent where it cannot be known what its code would find. */
  readonly inspect: Inspect<SourceArchive> | undefined;
  /** What keeps source from being built here. */
  readonly missing: string | undefined;
  readonly signal: AbortSignal;
}

const atOnce = 4;

/** The lines as the solver is asked, and what is wrong with the archives that they name. */
export async function askDirectSources(
  lines: readonly RequirementLine[],
  { sdists, inspect, missing, signal }: DirectOptions,
): Promise<{ readonly lines: readonly RequirementLine[]; readonly problems: readonly Problem[] }> {
  const direct = lines.filter(({ requirement }) => isSourceUrl(requirement));
  const others = lines.filter((line) => !direct.includes(line));
  if (direct.length === 0) return { lines, problems: [] };
  if (missing !== undefined || sdists === undefined) {
    const message = say`Source is built in a sandbox, which cannot be opened: ${missing ?? say`there is none here`}`;
    return { lines: others, problems: direct.map(({ line }) => problemAt(line, { code: 'tool-missing', message })) };
  }
  // What comes before has problems of its own, which are told first.
  if (inspect === undefined) return { lines: others, problems: [] };
  const found = await runLimited(direct, { limit: atOnce, signal }, async (line, signal) => {
    const answer = await explainInspection(
      () => inspect(archiveOf(line.requirement), signal),
      (refusal) => [problemAt(line.line, refusal)],
    );
    if ('problems' in answer) return answer;
    sdists.addDirect(answer);
    return { ...line, requirement: askingFor(line.requirement, answer.release.version) };
  });
  return {
    lines: [...others, ...found.flatMap((each) => ('problems' in each ? [] : [each]))],
    problems: found.flatMap((each) => ('problems' in each ? each.problems : [])),
  };
}

/** True for `name @ https://…/name-1.0.tar.gz`. */
export function isSourceUrl({ url }: Requirement): boolean {
  return url !== undefined && !new URL(url).pathname.endsWith('.whl');
}

function archiveOf({ name, url }: Requirement): SourceArchive {
  const address = new URL(url!);
  const sha256 = /(?:^#|&)sha256=([0-9a-f]{64})(?:&|$)/.exec(address.hash)?.[1];
  address.hash = '';
  const filename = decodeURIComponent(address.pathname.split('/').at(-1)!);
  return {
    name: normalisedName(name),
    file: { filename, url: address.href, isYanked: false, ...(sha256 !== undefined && { sha256 }) },
  };
}

function askingFor({ name, extras, marker }: Requirement, version: string): Requirement {
  const specifiers = [makeSpecifier('==', directVersion(version)) as Specifier];
  return { name, extras, specifiers, ...(marker !== undefined && { marker }) };
}
