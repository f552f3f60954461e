import type { Attributes } from '../rootfs/entry.ts';
import { joinPath, parentOf } from '../rootfs/paths.ts';
import type { Rootfs } from '../rootfs/rootfs.ts';
import { type Sentence, say } from '../sentence.ts';

/** A directory that a layer puts something into, as its sources call it. */
export interface AskedDirectory {
  /** Absolute, links of the base not followed: `/usr/local/bin`. */
  readonly path: string;
  /** Names of the files and links that go directly into it. */
  readonly names: readonly string[];
}

/** What the base says to a layer's directories. */
export interface BaseSurvey {
  /** Real path of each asked directory, in their order. */
  readonly realPaths: readonly string[];
  /** The real directories and all their ancestors but the root, parents first; the attributes are absent for new ones. */
  readonly directories: readonly { readonly path: string; readonly attributes: Attributes | undefined }[];
  /** Asked paths that cannot be laid down because something of another kind stands there in the base. */
  readonly clashes: readonly Clash[];
  /** What has to hold for another base so that the same layer is right for it. */
  readonly conditions: readonly BaseCondition[];
}

export interface Clash {
  /** A directory asked for, or a file in one. */
  readonly path: string;
  readonly because: Sentence;
}

/** One fact about a base that a layer was made with. */
export interface BaseCondition {
  readonly path: string;
  readonly realPath: string;
  /** `null` for a directory that the base does not have. */
  readonly attributes: Attributes | null;
  /** Names of files that the layer puts into it, and so must be no directories in the base. */
  readonly names: readonly string[];
}

/** Asks the base about the directories of a layer: parents first, with all ancestors of each but the root. */
export function surveyBase(rootfs: Rootfs, asked: readonly AskedDirectory[]): BaseSurvey {
  const realPaths: string[] = [];
  const directories = new Map<string, Attributes | undefined>();
  const clashes: Clash[] = [];
  const conditions = new Map<string, BaseCondition>();
  const existing = new Set(['/']);
  for (const { path, names } of asked) {
    const realPath = rootfs.realPath(path);
    realPaths.push(realPath ?? path);
    if (realPath === undefined || !isDirectoryOrNothing(rootfs, realPath)) {
      clashes.push({ path, because: say`the base has no directory there, but a file or a broken link` });
      continue;
    }
    const attributes = attributesOf(rootfs, realPath);
    addWithAncestors(rootfs, realPath, directories);
    if (attributes !== undefined) {
      for (const name of names.filter((each) => isDirectory(rootfs, joinPath(realPath, each)))) {
        clashes.push({ path: joinPath(path, name), because: say`the base has a directory there` });
      }
    }
    if (attributes !== undefined) existing.add(path);
    // Below a directory that the base does not have there is nothing more to say.
    if (path === '/' || existing.has(parentOf(path))) {
      conditions.set(path, { path, realPath, attributes: attributes ?? null, names: attributes ? names : [] });
    }
  }
  for (const [path, attributes] of directories) {
    if (attributes !== undefined && !conditions.has(path)) {
      conditions.set(path, { path, realPath: path, attributes, names: [] });
    }
  }
  const sorted = [...directories].sort(([a], [b]) => compareText(a, b));
  return {
    realPaths,
    directories: sorted.map(([path, attributes]) => ({ path, attributes })),
    clashes,
    conditions: [...conditions.values()],
  };
}

/** True when a layer that was made under the condition is right for this base too. */
export function holds(rootfs: Rootfs, condition: BaseCondition): boolean {
  const { path, realPath, attributes, names } = condition;
  if (rootfs.realPath(path) !== realPath || !isDirectoryOrNothing(rootfs, realPath)) return false;
  const found = attributesOf(rootfs, realPath);
  if (found === undefined || attributes === null) return found === undefined && attributes === null;
  return sameAttributes(found, attributes) && !names.some((name) => isDirectory(rootfs, joinPath(realPath, name)));
}

/** Orders texts by code unit: the same on every machine, parents before what they hold. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The directory and its ancestors but the root, lowest last: `/usr`, `/usr/local`. */
export function withAncestors(path: string): string[] {
  const found: string[] = [];
  for (let at = path; at !== '/'; at = parentOf(at)) found.unshift(at);
  return found;
}

function addWithAncestors(rootfs: Rootfs, realPath: string, directories: Map<string, Attributes | undefined>): void {
  for (const path of withAncestors(realPath)) {
    if (!directories.has(path)) directories.set(path, attributesOf(rootfs, path));
  }
}

function isDirectoryOrNothing(rootfs: Rootfs, path: string): boolean {
  return path === '/' || (rootfs.entry(path)?.type ?? 'directory') === 'directory';
}

function isDirectory(rootfs: Rootfs, path: string): boolean {
  return path === '/' || rootfs.entry(path)?.type === 'directory';
}

function attributesOf(rootfs: Rootfs, path: string): Attributes | undefined {
  const entry = rootfs.entry(path);
  if (entry?.type !== 'directory') return path === '/' ? { mode: 0o755, uid: 0, gid: 0 } : undefined;
  const { mode, uid, gid, xattrs } = entry;
  return { mode, uid, gid, ...(xattrs !== undefined && { xattrs }) };
}

function sameAttributes(a: Attributes, b: Attributes): boolean {
  if (a.mode !== b.mode || a.uid !== b.uid || a.gid !== b.gid) return false;
  const [ours, theirs] = [a.xattrs ?? {}, b.xattrs ?? {}];
  const names = Object.keys(ours);
  return names.length === Object.keys(theirs).length && names.every((name) => ours[name] === theirs[name]);
}
