import { nameOfSpec } from '../repodata/record.ts';

/** The solver's tree of reasons as it is shown to people: without what every one begins with, and what differs only in a build told once. */
export function cleanReason(reason: string): string {
  const lines = reason
    .replace(/^Cannot solve the request because of:\s*/, '')
    .trim()
    .split('\n');
  const same = (a: string, b: string | undefined) => a.replace('├', '└') === b?.replace('├', '└');
  const text = lines.filter((line, at) => !same(line, lines[at + 1])).join('\n');
  return text.length <= 4000 ? text : `${text.slice(0, 4000)}…`;
}

/** Numbers of the specs that a reason rests on: those at the roots of its tree, else those that it names anywhere; of the rest none. */
export function blamedSpecs(
  reason: string,
  wanted: readonly { readonly at: number; readonly name: string }[],
): readonly number[] {
  const lines = cleanReason(reason).split('\n');
  const roots = new Set(
    lines
      .map((line, at) => /^[├└]─ (.*)/.exec(line)?.[1] ?? (at === 0 ? line : ''))
      .map((text) => nameOfSpec(text.replace(/^No candidates were found for /, ''))),
  );
  const atRoots = wanted.filter(({ name }) => roots.has(name));
  if (atRoots.length > 0) return atRoots.map(({ at }) => at);
  const words = new Set(reason.split(/[\s,]+/));
  return wanted.filter(({ name }) => words.has(name)).map(({ at }) => at);
}
