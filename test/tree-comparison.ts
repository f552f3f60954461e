import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type TreeRule, treeRules } from './tree-rules.ts';

/** What stands at a path of a root file system. */
export interface TreeEntry {
  readonly type: 'file' | 'directory' | 'symlink' | 'other';
  /** Permission bits with setuid, setgid and sticky, octal: `1777`. */
  readonly mode: string;
  /** `0:0` */
  readonly owner: string;
  /** Of a symlink, as written; of a device, its number. */
  readonly target?: string;
  /** Of a file: sha256 in hex of what the rules leave to compare. */
  readonly content?: string;
}

/** By absolute path, e.g. `/usr/local/bin/black`. */
export type Tree = ReadonlyMap<string, TreeEntry>;

/** Compares two root file systems and tells each difference that no rule allows, a line each, in the order of paths. */
export async function compareTrees(expectedRoot: string, actualRoot: string): Promise<readonly string[]> {
  return differencesOf(await readTree(expectedRoot), await readTree(actualRoot));
}

/** Reads a root file system, without what the rules leave out. */
export async function readTree(root: string, rules: readonly TreeRule[] = treeRules): Promise<Tree> {
  const tree = new Map<string, TreeEntry>();
  const visit = async (path: string): Promise<void> => {
    const entry = await readEntry(root, path, rules);
    tree.set(path, entry);
    if (entry.type !== 'directory') return;
    for (const name of await readdir(join(root, path))) await visit(join(path, name));
  };
  await visit('/');
  return new Map([...tree].filter(([path]) => !rules.some((rule) => rule.ignores?.(path, tree))));
}

async function readEntry(root: string, path: string, rules: readonly TreeRule[]): Promise<TreeEntry> {
  const place = join(root, path);
  const status = await lstat(place);
  const common = { mode: (status.mode & 0o7777).toString(8), owner: `${status.uid}:${status.gid}` };
  if (status.isDirectory()) return { type: 'directory', ...common };
  if (status.isSymbolicLink()) return { type: 'symlink', ...common, target: await readlink(place) };
  if (!status.isFile()) return { type: 'other', ...common, target: `${status.mode >> 12}:${status.rdev}` };
  return { type: 'file', ...common, content: await contentOf(place, path, rules) };
}

async function contentOf(place: string, path: string, rules: readonly TreeRule[]): Promise<string> {
  const hash = createHash('sha256');
  const isSpokenOf = rules.some((rule) => rule.normalises?.(path, Buffer.alloc(0)) !== undefined);
  if (isSpokenOf) {
    const bytes = await readFile(place);
    const compared = rules.reduce<Buffer>((content, rule) => rule.normalises?.(path, content) ?? content, bytes);
    return hash.update(compared).digest('hex');
  }
  await pipeline(createReadStream(place, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

/** Each difference as a line: `/usr/local/bin/black: mode 755 expected, 644 found`. */
export function differencesOf(expected: Tree, actual: Tree): readonly string[] {
  const paths = [...new Set([...expected.keys(), ...actual.keys()])].sort();
  return paths.flatMap((path) => {
    const wanted = expected.get(path);
    const found = actual.get(path);
    if (!wanted) return [`${path}: not expected (${found!.type})`];
    if (!found) return [`${path}: missing (${wanted.type})`];
    return (['type', 'mode', 'owner', 'target', 'content'] as const)
      .filter((aspect) => wanted[aspect] !== found[aspect])
      .map((aspect) => `${path}: ${aspect} ${wanted[aspect]} expected, ${found[aspect]} found`);
  });
}
