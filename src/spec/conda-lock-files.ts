import type { PastedCommands } from './pasted-commands.ts';

/** `https://conda.anaconda.org/conda-forge/linux-64/numpy-1.26.4-py312_0.conda`: channel, subdirectory, name, version, build. */
const packageUrl =
  /^(https?:\/\/[^\s?#@]+?)\/(noarch|linux-64|linux-aarch64)\/([a-z0-9_.-]+)-([^-/\s]+)-([^-/\s]+)\.(?:conda|tar\.bz2)$/i;

/** Where channels stand that are called by name alone. */
const publicHost = /^https:\/\/conda\.anaconda\.org\//;

/** The line that asks for exactly the package of a URL; `undefined` for what is none, or holds credentials. */
function exactLine(url: string, hash: string | undefined): string | undefined {
  const match = packageUrl.exec(url);
  if (match === null || /\/t\//.test(url)) return undefined;
  const [, channel, subdir, name, version, build] = match;
  const key = hash === undefined ? '' : `[${hash.length === 64 ? 'sha256' : 'md5'}=${hash}]`;
  return `${channel!.replace(publicHost, '')}/${subdir}::${name}==${version}=${build}${key}`;
}

/** Reads an explicit lock file of conda (`conda list --explicit`, `@EXPLICIT`). Undefined when the text is none. */
export function readExplicitLock(text: string): PastedCommands | undefined {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  if (!lines.includes('@EXPLICIT')) return undefined;
  const conda: string[] = [];
  let unread = 0;
  for (const line of lines) {
    if (line === '' || line === '@EXPLICIT' || line.startsWith('#')) continue;
    const [url, hash] = line.split('#');
    const exact = exactLine(url!, /^(?:sha256:)?([0-9a-f]{64}|[0-9a-f]{32})$/i.exec(hash ?? '')?.[1]);
    if (exact === undefined) unread += 1;
    else conda.push(exact);
  }
  // They may hold credentials, so only their number is told.
  return { packages: { apt: [], conda, pip: [] }, leftOut: unread === 0 ? [] : [`URL (${unread})`] };
}

interface LockedEntry {
  readonly name?: unknown;
  readonly version?: unknown;
  readonly manager?: unknown;
  readonly platform?: unknown;
  readonly url?: unknown;
  readonly hash?: { readonly sha256?: unknown; readonly md5?: unknown };
  readonly category?: unknown;
}

/** The machine whose packages are taken, where a file locks for several. */
const platforms = ['linux-64', 'linux-aarch64'];

/** Reads a `conda-lock.yml`: what it locks for Linux, in the category `main`. Undefined when the text is none. */
export async function readCondaLock(text: string): Promise<PastedCommands | undefined> {
  if (!/^package[ \t]*:/m.test(text) || !/^metadata[ \t]*:/m.test(text)) return undefined;
  const { parseDocument } = await import('yaml');
  const document = parseDocument(text, { schema: 'failsafe', logLevel: 'silent' });
  if (document.errors.length > 0) return undefined;
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    if (error instanceof ReferenceError) return undefined;
    throw error;
  }
  const entries = (value as { readonly package?: unknown } | null)?.package;
  if (!Array.isArray(entries)) return undefined;
  return linesOf(entries.filter((each): each is LockedEntry => typeof each === 'object' && each !== null));
}

function linesOf(entries: readonly LockedEntry[]): PastedCommands | undefined {
  const platform = platforms.find((each) => entries.some((entry) => entry.platform === each));
  if (platform === undefined) return undefined;
  const packages = { apt: [], conda: [] as string[], pip: [] as string[] };
  const leftOut = new Map<string, number>();
  for (const entry of entries.filter((each) => each.platform === platform)) {
    const category = typeof entry.category === 'string' ? entry.category : 'main';
    const line = lineOf(entry);
    if (category === 'main' && line !== undefined) packages[entry.manager === 'pip' ? 'pip' : 'conda'].push(line);
    else leftOut.set(category === 'main' ? 'URL' : category, (leftOut.get(category) ?? 0) + 1);
  }
  const others = new Set(
    entries.flatMap(({ platform: each }) => (typeof each === 'string' && each !== platform ? each : [])),
  );
  return { packages, leftOut: [...[...leftOut].map(([what, count]) => `${what} (${count})`), ...others] };
}

function lineOf({ name, version, manager, url, hash }: LockedEntry): string | undefined {
  if (manager === 'conda' && typeof url === 'string') {
    const known = [hash?.sha256, hash?.md5].find((each): each is string => typeof each === 'string');
    return exactLine(url, known);
  }
  const isPlain = (text: unknown): text is string => typeof text === 'string' && /^[\w.+!-]+$/.test(text);
  return manager === 'pip' && isPlain(name) && isPlain(version) ? `${name}==${version}` : undefined;
}
