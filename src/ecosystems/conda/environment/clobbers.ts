import { listed, type Sentence, say } from '../../../sentence.ts';
/** A file that more than one package of an environment brings. */
export interface Clobber {
  /** Below the prefix: `share/clobbered.txt`. */
  readonly path: string;
  /** The package whose file stands there in the end. */
  readonly winner: string;
  /** The others, in link order. */
  readonly losers: readonly string[];
}

/** What a package brings. */
export interface PackageContent {
  readonly name: string;
  readonly paths: readonly string[];
}

/** Finds files that several packages bring. Packages come in link order; as with conda, the last to be linked wins. */
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

/** What is said of clobbered files: a sentence for each pair of packages. */
export function clobberNotices(clobbers: readonly Clobber[]): readonly Sentence[] {
  const pairs = new Map<string, string[]>();
  for (const { path, winner, losers } of clobbers) {
    for (const loser of losers) {
      const pair = `${winner}\0${loser}`;
      pairs.set(pair, [...(pairs.get(pair) ?? []), path]);
    }
  }
  return [...pairs].map(([pair, paths]) => {
    const [winner, loser] = pair.split('\0');
    return say`The conda packages ${winner} and ${loser} bring the same files; those of ${winner} are kept: ${listed(paths, 3)}.`;
  });
}
