import { BuilderError } from '../errors.ts';
import type { Sentence } from '../sentence.ts';
import { say } from '../sentence.ts';
import type { RootfsEntry } from './entry.ts';
import type { LayerIndex } from './layer-index.ts';
import { isWithin, joinPath, nameOf, parentOf } from './paths.ts';

/**
 * Gathers one layer as unpacking it into an empty directory would: a later member replaces an earlier one of its path, what is no
 * directory replaces a directory with all below it, and links that the layer itself holds are followed on the way to a member.
 */
export interface LayerBuilder {
  /** Where a member of that name goes: links of the layer in its directory part followed. Throws `image-invalid`. */
  place(path: string): string;
  /** `place` is a path given by `place`. */
  add(place: string, entry: RootfsEntry, content?: Buffer): void;
  /** Adds another name of what stands at `target`; `fallback` is taken when the layer does not hold it. */
  addHardLink(place: string, target: string, fallback: RootfsEntry): void;
  addWhiteout(place: string): void;
  addOpaque(directory: string): void;
  build(): LayerIndex;
}

/** Symbolic links followed on the way to one member, as Linux has it. */
const maxLinks = 40;
/** Directories that a later member of the layer may replace; each costs a pass over all entries, and honest layers have none. */
const maxReplacedDirectories = 100;

export function createLayerBuilder(): LayerBuilder {
  const entries = new Map<string, RootfsEntry>();
  const contents = new Map<string, Buffer>();
  const whiteouts = new Set<string>();
  const opaques = new Set<string>();
  /** Directories, told of or implied by what stands in them. */
  const directories = new Set<string>(['/']);
  /** By directory as written, where it really is. Emptied when a directory in it is replaced. */
  const realDirectories = new Map<string, string>([['/', '/']]);
  let replacedDirectories = 0;

  const realDirectory = (path: string, links: number): string => {
    const known = realDirectories.get(path);
    if (known !== undefined) return known;
    const place = joinPath(realDirectory(parentOf(path), links), nameOf(path));
    const entry = entries.get(place);
    const real = entry?.type === 'symlink' ? followLink(place, entry.target, links) : place;
    const found = entries.get(real)?.type ?? 'directory';
    if (found !== 'directory') refuse(say`${path} is used as a directory and is none`);
    directories.add(real);
    realDirectories.set(path, real);
    return real;
  };

  const followLink = (link: string, target: string, links: number): string => {
    if (links >= maxLinks) refuse(say`the links at ${link} lead nowhere`);
    let real = target.startsWith('/') ? '/' : parentOf(link);
    for (const part of target.split('/')) {
      if (part === '..') real = parentOf(real);
      else if (part !== '' && part !== '.') real = realDirectory(joinPath(real, part), links + 1);
    }
    return real;
  };

  const removeBelow = (directory: string) => {
    if (++replacedDirectories > maxReplacedDirectories) refuse(say`it replaces its own directories again and again`);
    for (const paths of [entries, contents, whiteouts, opaques, directories]) {
      for (const path of paths.keys()) if (isWithin(path, directory)) paths.delete(path);
    }
  };

  const add = (place: string, entry: RootfsEntry, content?: Buffer) => {
    if (entry.type === 'directory') directories.add(place);
    else if (place === '/') refuse(say`its root is not a directory`);
    else if (directories.has(place)) removeBelow(place);
    const isLink = entry.type === 'symlink' || entries.get(place)?.type === 'symlink';
    if ((isLink || entry.type !== 'directory') && realDirectories.has(place)) {
      realDirectories.clear();
      realDirectories.set('/', '/');
    }
    entries.set(place, entry);
    contents.delete(place);
    if (content) contents.set(place, content);
  };

  return {
    place: (path) => (path === '/' ? path : joinPath(realDirectory(parentOf(path), 0), nameOf(path))),
    add,
    addHardLink(place, target, fallback) {
      const entry = entries.get(target);
      if (entry?.type === 'directory') refuse(say`${place} is a hard link to a directory`);
      add(place, entry ?? fallback, contents.get(target));
    },
    addWhiteout: (place) => whiteouts.add(place),
    addOpaque: (directory) => opaques.add(directory),
    build: () => ({ entries, contents, whiteouts: [...whiteouts], opaques: [...opaques] }),
  };
}

function refuse(why: Sentence): never {
  throw new BuilderError('image-invalid', say`a layer cannot be unpacked: ${why}`);
}
