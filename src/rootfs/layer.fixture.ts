import type { RootfsEntry } from './entry.ts';
import type { LayerIndex } from './layer-index.ts';

/** What stands at a path of a fixture: a directory, a link, an executable, or a file with that text. */
export type FixtureEntry = 'directory' | { readonly link: string } | { readonly program: string } | string;

const attributes = { uid: 0, gid: 0 };

/** A layer for tests: `{ '/bin': { link: 'usr/bin' }, '/etc/os-release': 'ID=debian\n' }`. */
export function layerOf(
  paths: Readonly<Record<string, FixtureEntry>>,
  removals: Partial<Pick<LayerIndex, 'whiteouts' | 'opaques'>> = {},
): LayerIndex {
  const entries = new Map<string, RootfsEntry>();
  const contents = new Map<string, Buffer>();
  for (const [path, given] of Object.entries(paths)) {
    if (given === 'directory') entries.set(path, { type: 'directory', mode: 0o755, ...attributes });
    else if (typeof given === 'object' && 'link' in given) {
      entries.set(path, { type: 'symlink', mode: 0o777, target: given.link, ...attributes });
    } else {
      const text = typeof given === 'string' ? given : given.program;
      const mode = typeof given === 'string' ? 0o644 : 0o755;
      entries.set(path, { type: 'file', mode, sizeBytes: text.length, ...attributes });
      contents.set(path, Buffer.from(text));
    }
  }
  return { entries, contents, whiteouts: [], opaques: [], ...removals };
}
