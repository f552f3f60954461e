/**
 * Port: what an ecosystem has, asked by name while somebody writes. Nobody waits for it: an answer is made of what lies on this machine,
 * and what is missing or old is fetched meanwhile. It is asked with one base, one set of sources and their credentials in mind.
 */
export interface PackageCatalogue {
  /** Packages whose names begin as written. */
  names(written: string, wanted: WantedNames): Promise<FoundNames>;
  /** The versions of a package, the newest first; none where that is not known. Throws what asking an index throws. */
  versions(name: string, signal: AbortSignal): Promise<readonly string[]>;
}

export interface WantedNames {
  /** How many at most. */
  readonly most: number;
  /** How often a name is used here: such are told before others, and alone where there is no list of names. */
  readonly uses: ReadonlyMap<string, number>;
}

export interface PackageName {
  readonly name: string;
  /** In one line, where the ecosystem says so. */
  readonly summary?: string;
}

export interface FoundNames {
  /** The whole word first, then what is used here, then by length. */
  readonly names: readonly PackageName[];
  /** False where more begin so, or may. */
  readonly isAll: boolean;
  /** A list is on its way that is not there yet. */
  readonly isComing: boolean;
}
