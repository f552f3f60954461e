import { hash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
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
  /** Of a directory: what stands in it. */
  readonly names?: readonly string[];
}

/** By absolute path, e.g. `/usr/local/bin/black`. */
export type Tree = ReadonlyMap<string, TreeEntry>;

/** Compares two root file systems and tells each difference that no rule allows, a line each, in the order of paths. */
export function compareTrees(expectedRoot: string, actualRoot: string): readonly string[] {
  return differencesOf(readTree(expectedRoot), readTree(actualRoot));
}

/** Reads a root file system, without what the rules leave out. */
export function readTree(root: string, rules: readonly TreeRule[] = treeRules): Tree {
  const tree = new Map<string, TreeEntry>();
  const visit = (path: string): void => {
    const entry = readEntry(root, path, rules);
    tree.set(path, entry);
    for (const name of entry.names ?? []) visit(join(path, name));
  };
  visit('/');
  return new Map([...tree].filter(([path]) => !rules.some((rule) => rule.ignores?.(path, tree))));
}

function readEntry(root: string, path: string, rules: readonly TreeRule[]): TreeEntry {
  const place = join(root, path);
  const status = lstatSync(place);
  const common = { mode: (status.mode & 0o7777).toString(8), owner: `${status.uid}:${status.gid}` };
  if (status.isDirectory()) return { type: 'directory', ...common, names: readdirSync(place) };
  if (status.isSymbolicLink()) return { type: 'symlink', ...common, target: readlinkSync(place) };
  if (!status.isFile()) return { type: 'other', ...common, target: `${status.mode >> 12}:${status.rdev}` };
  const whole = readFileSync(place);
  const bytes = rules.reduce<Buffer>((content, rule) => rule.normalises?.(path, content) ?? content, whole);
  const mode = rules.reduce((found, rule) => rule.normalisesMode?.(path, whole) ?? found, common.mode);
  return { type: 'file', ...common, mode, content: hash('sha256', bytes, 'hex') };
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
