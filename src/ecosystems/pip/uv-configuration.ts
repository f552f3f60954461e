import { type FactsRun, uvFacts } from './uv-facts.ts';
import type { PackageIndexes } from './uv-settings.ts';

/** How long an index's word on which versions there are is taken for fresh, whatever the index or a mirror before it says itself. */
const listingMaxAgeSeconds = 600;

/**
 * The configuration file of a run: for the main index, lists of versions hold for ten minutes and files for ever (their URLs name
 * their content). Mirrors that send no `Cache-Control` would otherwise be asked about every file again, in every solve.
 */
export function uvConfiguration(index: string): string {
  return `[[index]]
name = "main"
url = ${JSON.stringify(index)}
default = true
cache-control = { api = "max-age=${listingMaxAgeSeconds}", files = "max-age=31536000, immutable" }
`;
}

/**
 * The main index, when it can stand in a file: the one that is set, else uv's own. `undefined` for one whose URL holds credentials, which
 * are told by environment only.
 */
export async function mainIndex(indexes: PackageIndexes, run: FactsRun, cacheDir: string): Promise<string | undefined> {
  const url = indexes.default ?? (await uvFacts(run, cacheDir)).index;
  if (!URL.canParse(url)) return undefined;
  const { username, password } = new URL(url);
  return username === '' && password === '' ? url : undefined;
}
