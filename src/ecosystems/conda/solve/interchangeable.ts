import { nameOfSpec } from '../repodata/record.ts';
import type { Candidate } from './candidates.ts';
import { Version, VersionSpec } from './rattler.ts';

type ByName = ReadonlyMap<string, readonly Candidate[]>;

/** To compare more would take longer than the solver saves. */
const maxComparisons = 20_000;

/**
 * Of candidates that nothing tells apart only the one that the solver prefers. Two are interchangeable when they want the same themselves, and when every
 * requirement of their name, whoever's it is, lets in both or neither. Then an answer with one is an answer with the other, and the solver,
 * who prefers higher versions and after that higher builds, never takes the lesser one. A channel keeps all that it ever had, so that is most of it.
 */
export function withoutInterchangeable(
  candidates: ByName,
  specs: readonly string[],
  isKept: (each: Candidate) => boolean,
): ByName {
  const required = requirements(candidates, specs);
  using versions = createVersions();
  return new Map(
    [...candidates].map(([name, all]) => {
      const constraints = required.get(name) ?? [];
      if (all.length < 2 || constraints === 'particular') return [name, all] as const;
      const distinct = new Set(all.map(({ record }) => record.version)).size;
      const isCheap = distinct * constraints.length <= maxComparisons;
      if (!isCheap || !constraints.every(versions.canRead)) return [name, all] as const;
      const isAlone = (each: Candidate) => isKept(each) || !versions.isVersion(each.record.version);
      const groups = Map.groupBy(all, (each) => (isAlone(each) ? each : groupKey(each, constraints, versions)));
      return [name, [...groups.values()].flatMap((group) => preferred(group, versions))] as const;
    }),
  );
}

/** What is asked of each name: constraints of its version, or something about builds, channels and the like, which is for the solver to judge. */
function requirements(
  candidates: ByName,
  specs: readonly string[],
): ReadonlyMap<string, readonly string[] | 'particular'> {
  const texts = new Set(specs);
  for (const { record } of [...candidates.values()].flat()) {
    for (const spec of record.depends) texts.add(spec);
    for (const spec of record.constrains) texts.add(spec);
  }
  const found = new Map<string, string[] | 'particular'>();
  for (const text of texts) {
    const name = nameOfSpec(text);
    const constraint = versionConstraint(text);
    const known = found.get(name) ?? [];
    if (constraint === undefined || known === 'particular') found.set(name, 'particular');
    else if (constraint === '') found.set(name, known);
    else found.set(name, [...known, constraint]);
  }
  return found;
}

/** The constraint of a requirement that is about the version alone: `numpy >=1.23,<3` or `numpy[version=">=1.23,<3"]`; empty when it takes any. */
function versionConstraint(spec: string): string | undefined {
  const match = /^\s*[^\s=<>!~[\](),:]+(?:\s+([^\s[\]()]+)|\[version="([^"()]+)"\])?\s*$/.exec(spec);
  return match === null ? undefined : (match[1] ?? match[2] ?? '');
}

function groupKey({ channel, subdir, record }: Candidate, constraints: readonly string[], versions: Versions): string {
  const { depends, constrains, noarch, features, track_features } = record;
  const letIn = constraints.map((each) => (versions.matches(each, record.version) ? '1' : '0')).join('');
  return JSON.stringify([channel, subdir, letIn, depends, constrains, noarch, features, track_features]);
}

/** The highest version, its highest build, the youngest of those; several where these are the same. */
function preferred(group: readonly Candidate[], versions: Versions): readonly Candidate[] {
  let best: Candidate[] = [];
  for (const each of group) {
    const order = best[0] === undefined ? 1 : compare(each, best[0], versions);
    if (order > 0) best = [each];
    else if (order === 0) best.push(each);
  }
  return best;
}

function compare({ record: a }: Candidate, { record: b }: Candidate, versions: Versions): number {
  return (
    versions.compare(a.version, b.version) || a.build_number - b.build_number || (a.timestamp ?? 0) - (b.timestamp ?? 0)
  );
}

interface Versions extends Disposable {
  readonly canRead: (constraint: string) => boolean;
  isVersion(text: string): boolean;
  matches(constraint: string, version: string): boolean;
  compare(a: string, b: string): number;
}

/** What the solver thinks of versions, each asked for once. */
function createVersions(): Versions {
  const versions = new Map<string, InstanceType<typeof Version> | undefined>();
  const constraints = new Map<
    string,
    { readonly spec: InstanceType<typeof VersionSpec> | undefined; readonly answers: Map<string, boolean> }
  >();
  const versionOf = (text: string) => {
    if (!versions.has(text))
      versions.set(
        text,
        read(() => new Version(text)),
      );
    return versions.get(text);
  };
  const constraintOf = (text: string) => {
    const known = constraints.get(text) ?? { spec: read(() => new VersionSpec(text, 'lenient')), answers: new Map() };
    constraints.set(text, known);
    return known;
  };
  return {
    canRead: (constraint) => constraintOf(constraint).spec !== undefined,
    isVersion: (text) => versionOf(text) !== undefined,
    matches(constraint, text) {
      const { spec, answers } = constraintOf(constraint);
      const answer = answers.get(text) ?? spec!.matches(versionOf(text)!);
      answers.set(text, answer);
      return answer;
    },
    compare(a, b) {
      return a === b ? 0 : versionOf(a)!.compare(versionOf(b)!);
    },
    [Symbol.dispose]() {
      for (const version of versions.values()) version?.free();
      for (const { spec } of constraints.values()) spec?.free();
    },
  };
}

function read<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
