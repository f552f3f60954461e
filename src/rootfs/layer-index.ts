import type { RootfsEntry } from './entry.ts';

/** What one layer says, read once from its stream: the entries it adds, what it removes, and the content of the few files that tell what is installed. */
export interface LayerIndex {
  /** By absolute path as the tar names it, e.g. `/usr/bin/env`. */
  readonly entries: ReadonlyMap<string, RootfsEntry>;
  /** Paths removed from the layers below (`.wh.<name>`), absolute. */
  readonly whiteouts: readonly string[];
  /** Directories whose content in the layers below is hidden (`.wh..wh..opq`), absolute. */
  readonly opaques: readonly string[];
  /** Content of kept files, by absolute path. */
  readonly contents: ReadonlyMap<string, Buffer>;
}
