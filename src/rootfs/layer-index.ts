import type { RootfsEntry } from './entry.ts';

/** What one layer says, read once from its stream: the entries it adds, what it removes, and the content of the few files that tell what is installed. */
export interface LayerIndex {
  /** By absolute path, e.g. `/usr/bin/env`; links of the same layer on the way followed, links of lower layers not. */
  readonly entries: ReadonlyMap<string, RootfsEntry>;
  /** Paths removed from the layers below (`.wh.<name>`), absolute. */
  readonly whiteouts: readonly string[];
  /** Directories whose content in the layers below is hidden (`.wh..wh..opq`), absolute. */
  readonly opaques: readonly string[];
  /** Content of kept files by absolute path, or an excerpt of it: see `keepRule` in `kept-files.ts`. */
  readonly contents: ReadonlyMap<string, Buffer>;
  /** Files that would be kept, but are larger than what is kept of any. */
  readonly omitted?: readonly string[];
}
