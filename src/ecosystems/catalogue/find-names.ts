import { type ListedName, type NameList, openNameList } from './name-list.ts';
import type { FoundNames, PackageName, WantedNames } from './package-catalogue.ts';

export interface NameQuestion extends WantedNames {
  /** In the spelling of the lists. */
  readonly written: string;
  /** Files of `writeNameList`; those that are not there are left out. */
  readonly files: readonly string[];
  /** The one spelling that the ecosystem has for a name. */
  readonly spelling: (name: string) => string;
}

/** Looks in lists of names, the best first: as `PackageCatalogue.names`, but for what is on its way. */
export async function findNames(question: NameQuestion): Promise<Omit<FoundNames, 'isComing'>> {
  const { written, files, most } = question;
  await using lists = new AsyncDisposableStack();
  const opened = await Promise.all(files.map(openNameList));
  const there = opened.filter((list) => list !== undefined).map((list) => lists.use(list));
  const found = await Promise.all(there.map((list) => list.beginning(written, most)));
  const used = usedNames(question);
  const usual = there.length === 0 ? [...used.keys()].map((name) => ({ name })) : await listedOf(used, there);
  const names = new Map<string, ListedName>();
  for (const each of [...found.flatMap((one) => one.found), ...usual]) {
    if (names.get(each.name)?.summary === undefined) names.set(each.name, each);
  }
  const weight = ({ name }: PackageName) => (name === written ? Number.POSITIVE_INFINITY : (used.get(name) ?? 0));
  const best = [...names.values()].sort((a, b) => weight(b) - weight(a) || byLength(a.name, b.name));
  const isWhole = there.length === files.length && found.every(({ isAll }) => isAll) && best.length <= most;
  return {
    names: best.slice(0, most).map(({ name, summary }) => ({ name, ...(summary !== undefined && { summary }) })),
    isAll: isWhole,
  };
}

/** The most used ones. */
function usedNames({ written, uses, most, spelling }: NameQuestion): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const [each, count] of uses) {
    const name = spelling(each);
    if (name.startsWith(written)) counts.set(name, (counts.get(name) ?? 0) + count);
  }
  return new Map([...counts].sort(([, a], [, b]) => b - a).slice(0, most));
}

/** What people have written may be no package at all. */
async function listedOf(used: ReadonlyMap<string, number>, lists: readonly NameList[]): Promise<readonly ListedName[]> {
  const looked = [...used.keys()].flatMap((name) => lists.map((list) => list.find(name)));
  return (await Promise.all(looked)).filter((each) => each !== undefined);
}

function byLength(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : 1);
}
