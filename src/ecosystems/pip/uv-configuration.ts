import { join } from 'node:path';
import { BuilderError } from '../../errors.ts';
import { pythonOption, runUv, type UvRun } from './uv.ts';
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
export async function mainIndex(
  indexes: PackageIndexes,
  run: Omit<UvRun, 'args'>,
  cacheDir: string,
): Promise<string | undefined> {
  const url = indexes.default ?? (await ownIndex(run, cacheDir));
  if (!URL.canParse(url)) return undefined;
  const { username, password } = new URL(url);
  return username === '' && password === '' ? url : undefined;
}

const ownIndexes = new Map<string, Promise<string>>();

/** The index that uv asks when none is set; each uv is asked once. */
export function ownIndex(run: Omit<UvRun, 'args'>, cacheDir: string): Promise<string> {
  const known = ownIndexes.get(run.uv) ?? askForIndex(run, cacheDir);
  ownIndexes.set(run.uv, known);
  known.catch(() => ownIndexes.delete(run.uv));
  return known;
}

async function askForIndex(run: Omit<UvRun, 'args'>, cacheDir: string): Promise<string> {
  const flags = ['--no-config', '--offline', '--no-header', '--emit-index-url', '--quiet'];
  const options = [...pythonOption(run.uv), '--cache-dir', join(cacheDir, 'uv')];
  const { stdout, stderr } = await runUv({ ...run, args: ['pip', 'compile', '/dev/null', ...flags, ...options] });
  const url = /^--index-url (\S+)$/m.exec(stdout)?.[1];
  if (url !== undefined) return url;
  throw new BuilderError('resolver-failed', `The package solver (uv) does not tell its index: ${stderr.slice(0, 200)}`);
}
