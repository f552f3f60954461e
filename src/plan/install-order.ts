/** What the order needs to know of a package. */
export interface OrderedPackage {
  readonly name: string;
  /** Names of the packages that need it; those that are not among the ordered ones do not count. */
  readonly requiredBy: readonly string[];
}

/**
 * The order in which pip installs: what nobody else of the rest needs to wait for comes first, so a package follows all it depends on.
 * It decides who wins where two packages bring the same file: the later one.
 *
 * Works in rounds. A round takes every package whose dependencies are all taken, names descending as pip has it. Packages
 * of a dependency cycle come last, also by name descending.
 */
export function installOrder<P extends OrderedPackage>(packages: readonly P[]): readonly P[] {
  const dependencies = dependenciesByName(packages);
  const ordered: P[] = [];
  let waiting = [...packages].sort((a, b) => (a.name < b.name ? 1 : a.name > b.name ? -1 : 0));
  while (waiting.length > 0) {
    const round = waiting.filter((candidate) => dependencies.get(candidate.name)!.size === 0);
    if (round.length === 0) return [...ordered, ...waiting];
    ordered.push(...round);
    const taken = new Set(round.map((done) => done.name));
    waiting = waiting.filter((rest) => !taken.has(rest.name));
    for (const rest of waiting) for (const name of taken) dependencies.get(rest.name)!.delete(name);
  }
  return ordered;
}

function dependenciesByName(packages: readonly OrderedPackage[]): Map<string, Set<string>> {
  const dependencies = new Map(packages.map((each) => [each.name, new Set<string>()]));
  for (const { name, requiredBy } of packages) {
    for (const parent of requiredBy) if (parent !== name) dependencies.get(parent)?.add(name);
  }
  return dependencies;
}
