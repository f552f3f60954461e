import type { Sentence } from '../sentence.ts';

/** A file that more than one package brings. */
export interface Clobber {
  readonly path: string;
  /** The package whose file stands there in the end. */
  readonly winner: string;
  /** The others, in the order in which they are installed. */
  readonly losers: readonly string[];
}

/** What a package brings. */
export interface PackageContent {
  readonly name: string;
  readonly paths: readonly string[];
}

/** Finds files that several packages bring. As with pip and conda, the package that is installed last wins: they come in that order. */
export function findClobbers(packages: readonly PackageContent[]): readonly Clobber[] {
  const owners = new Map<string, string>();
  const shared = new Map<string, string[]>();
  for (const { name, paths } of packages) {
    for (const path of paths) {
      const owner = owners.get(path);
      if (owner === undefined) owners.set(path, name);
      else if (owner !== name) shared.set(path, [...(shared.get(path) ?? [owner]), name]);
    }
  }
  return [...shared].map(([path, names]) => ({ path, winner: names.at(-1)!, losers: names.slice(0, -1) }));
}

/**
 * Orders layers so that of each file the winner's lies above the losers', and else as they were. A layer is given by the names of its
 * packages. `undefined` when there is no such order.
 */
export function inOrderOfWinners<L extends { readonly names: readonly string[] }>(
  layers: readonly L[],
  clobbers: readonly Clobber[],
): readonly L[] | undefined {
  const layerOf = new Map(layers.flatMap((layer) => layer.names.map((name) => [name, layer] as const)));
  const below = new Map<L, Set<L>>(layers.map((layer) => [layer, new Set()]));
  for (const { winner, losers } of clobbers) {
    const upper = layerOf.get(winner);
    for (const loser of losers.map((name) => layerOf.get(name))) {
      if (upper !== undefined && loser !== undefined && loser !== upper) below.get(upper)!.add(loser);
    }
  }
  const ordered = new Set<L>();
  const waiting = new Set(layers);
  while (waiting.size > 0) {
    const next = [...waiting].find((layer) => [...below.get(layer)!].every((each) => ordered.has(each)));
    if (next === undefined) return undefined;
    ordered.add(next);
    waiting.delete(next);
  }
  return [...ordered];
}

/** Clobbered files by who wins and who loses them, a sentence for each such pair. */
export function tellClobbers(
  clobbers: readonly Clobber[],
  tell: (winner: string, loser: string, paths: readonly string[]) => Sentence,
): readonly Sentence[] {
  const pairs = clobbers.flatMap(({ path, winner, losers }) => losers.map((loser) => ({ path, winner, loser })));
  const byPair = Map.groupBy(pairs, ({ winner, loser }) => `${winner}\0${loser}`);
  return [...byPair.values()].map((same) => {
    const { winner, loser } = same[0]!;
    return tell(
      winner,
      loser,
      same.map(({ path }) => path),
    );
  });
}
