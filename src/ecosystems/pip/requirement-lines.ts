import type { Problem } from '../../errors.ts';
import { normalisedName } from '../../rootfs/normalised-name.ts';
import { say } from '../../sentence.ts';
import type { PackageLine } from '../../spec/image-spec.ts';
import { problemAt, readRequirementLine } from './requirement-line.ts';
import type { RequirementLine } from './uv-failure.ts';

/** Reads all lines of a list, and says what is wrong with each and with them together. */
export function readRequirementLines(lines: readonly PackageLine[]): {
  lines: readonly RequirementLine[];
  problems: readonly Problem[];
} {
  const read: RequirementLine[] = [];
  const problems: Problem[] = [];
  for (const line of lines) {
    const answer = readRequirementLine(line);
    if ('problem' in answer) problems.push(answer.problem);
    else read.push({ line, requirement: answer.requirement });
  }
  return { lines: read, problems: [...problems, ...contradictoryUrls(read)] };
}

function contradictoryUrls(lines: readonly RequirementLine[]): readonly Problem[] {
  const first = new Map<string, RequirementLine>();
  return lines.flatMap((each) => {
    if (each.requirement.url === undefined) return [];
    const name = normalisedName(each.requirement.name);
    const other = first.get(name) ?? each;
    first.set(name, other);
    if (other.requirement.url === each.requirement.url) return [];
    const message = say`Line ${other.line.line} names another URL for ${name}`;
    return [problemAt(each.line, { code: 'conflict', message, hint: say`Remove one of the two lines.` })];
  });
}
