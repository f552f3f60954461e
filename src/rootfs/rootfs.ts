import type { RootfsEntry } from './entry.ts';
import type { LayerIndex } from './layer-index.ts';

/**
 * What a stack of layers contains. Immutable: `with` gives the next one.
 *
 * Paths are absolute within the image and have no `.`, `..`, doubled or trailing slash: `/usr/local/bin`; the root is `/`.
 */
export interface Rootfs {
  /** The root file system with one more layer on top. */
  with(layer: LayerIndex): Rootfs;
  /** What stands at the path, links in its directory part followed, a link at its end not (`lstat`). */
  entry(path: string): RootfsEntry | undefined;
  /**
   * The path without symbolic links (`realpath -m`): what does not exist is kept as it is written. Absolute link targets and `..`
   * stay inside the root. `undefined` for a loop, or when the way goes through something that is not a directory.
   */
  realPath(path: string): string | undefined;
  /** Names of what stands in a directory (links followed), sorted; empty when it is no directory. */
  list(path: string): readonly string[];
  /** Content of a file that the index keeps (see `isKept` in `kept-files.ts`), links followed. */
  read(path: string): Buffer | undefined;
}
