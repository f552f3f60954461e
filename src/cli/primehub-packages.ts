import type { Ecosystem } from '../spec/image-spec.ts';

/** A line of a package list, and the entries of PrimeHub's list that it is made of. */
export interface JoinedLine {
  readonly text: string;
  /** Indexes into the list, one after the other. */
  readonly entries: readonly number[];
}

/**
 * Undoes what PrimeHub did to the lines that were typed: it split each at its spaces. `-c`, `pytorch`, `fastai` becomes
 * `-c pytorch fastai`, and `pandas`, `>=`, `2` becomes `pandas >= 2`. Entries that stand for themselves stay as they are.
 */
export function joinEntries(ecosystem: Ecosystem, entries: readonly string[]): readonly JoinedLine[] {
  const lines: Line[] = [];
  for (const [index, text] of entries.entries()) {
    let line = lines.at(-1);
    if (line === undefined || !goesOn(ecosystem, line, text)) {
      line = { texts: [], entries: [], wants: 0 };
      lines.push(line);
    }
    line.wants = Math.max(0, line.wants - 1) + wordsWanted(ecosystem, text, line.texts.at(-1));
    line.texts.push(text);
    line.entries.push(index);
  }
  return lines.map(({ texts, entries }) => ({ text: texts.join(' '), entries }));
}

interface Line {
  readonly texts: string[];
  readonly entries: number[];
  /** How many words more belong to it, whatever they are. */
  wants: number;
}

/** Beginning and end of a word that cannot stand alone in a requirement. */
const opensWithOperator = /^(?:[<>=!~,;]|@$)/;
const endsWithOperator = /[<>=!~,;@]$/;
const markerWord = /^(?:and|or|not|in)$/;

function goesOn(ecosystem: Ecosystem, { texts, wants }: Line, text: string): boolean {
  if (wants > 0) return true;
  if (ecosystem === 'apt') return false;
  const before = texts.at(-1)!;
  if (opensWithOperator.test(text) || (endsWithOperator.test(before) && !before.startsWith('-'))) return true;
  const isMarker = texts.some((each) => each.includes(';'));
  return isMarker && (markerWord.test(text) || markerWord.test(before));
}

/** Options that take the next word, by what reads the list. */
const optionsWithValue: Readonly<Record<Ecosystem, ReadonlySet<string>>> = {
  apt: new Set(['-t', '--target-release', '-o']),
  conda: new Set(['-n', '--name', '-p', '--prefix', '--file', '--solver']),
  pip: new Set([
    ...['-i', '--index-url', '--extra-index-url', '-f', '--find-links', '--trusted-host', '-e', '--editable'],
    ...['-r', '--requirement', '-c', '--constraint', '--no-binary', '--only-binary'],
  ]),
};

const channelOptions = new Set(['-c', '--channel']);

/** How many more words belong to the line because of this one: of a channel its name, and the package that it is for. */
function wordsWanted(ecosystem: Ecosystem, text: string, before: string | undefined): number {
  if (optionsWithValue[ecosystem].has(text)) return 1;
  if (ecosystem !== 'conda') return 0;
  if (channelOptions.has(text)) return 2;
  if (text.startsWith('--channel=')) return 1;
  // `-c conda-forge::numpy` names channel and package at once.
  return before !== undefined && channelOptions.has(before) && text.includes('::') ? -1 : 0;
}
