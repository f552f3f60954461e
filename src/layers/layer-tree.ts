import { BuilderError } from '../errors.ts';
import { joinPath, nameOf, parentOf } from '../rootfs/paths.ts';
import type { Sentence } from '../sentence.ts';
import { say } from '../sentence.ts';
import { type AskedDirectory, type BaseSurvey, withAncestors } from './base-survey.ts';
import type { OpenedLayerSource } from './layer-source.ts';

/** A source that has said what it will give. */
export interface TitledSource extends Pick<OpenedLayerSource, 'paths'> {
  readonly title: string;
}

/** Where everything of a layer goes: which source gives each real path. */
export interface Placement {
  /** The real path of an entry of a source, or `undefined` when a later source gives that path. */
  place(source: number, path: string): string | undefined;
}

/** The directories that the sources put something into, with all ancestors but the root, each once. Throws `package-corrupt`. */
export function askedDirectories(sources: readonly TitledSource[]): AskedDirectory[] {
  const directories = new Map<string, Set<string>>();
  const addDirectory = (path: string): Set<string> => {
    let names = directories.get(path);
    if (names === undefined) {
      names = new Set();
      for (const each of withAncestors(path)) {
        if (!directories.has(each)) directories.set(each, each === path ? names : new Set());
      }
      if (path === '/') directories.set(path, names);
    }
    return names;
  };
  for (const source of sources) {
    for (const { path, isDirectory } of source.paths) {
      checkPath(path, source.title);
      if (isDirectory) addDirectory(path);
      else addDirectory(parentOf(path)).add(nameOf(path));
    }
  }
  return [...directories].map(([path, names]) => ({ path, names: [...names] }));
}

/**
 * Follows the base's links for every path. Where two sources give one real path the later wins.
 * Throws `package-conflict` when a file and a directory meet, `package-corrupt` when one source gives a path twice.
 */
export function placeEntries(
  sources: readonly TitledSource[],
  asked: readonly AskedDirectory[],
  survey: BaseSurvey,
): Placement {
  const realPaths = new Map(asked.map(({ path }, i) => [path, survey.realPaths[i]!]));
  const realOf = (path: string) => {
    const parent = parentOf(path);
    return joinPath(parent === '/' ? '/' : realPaths.get(parent)!, nameOf(path));
  };
  const [clash] = survey.clashes;
  if (clash !== undefined) throw conflict(titleOf(sources, clash.path), clash.path, clash.because);

  const directories = new Set(survey.directories.map(({ path }) => path));
  const winners = new Map<string, number>();
  sources.forEach((source, index) => {
    for (const { path, isDirectory } of source.paths) {
      if (isDirectory) continue;
      const real = realOf(path);
      if (directories.has(real)) throw conflict(source.title, path, say`the same layer has a directory there`);
      if (winners.get(real) === index) throw corrupt(source.title, say`it has "${path}" twice`);
      winners.set(real, index);
    }
  });
  return {
    place(source, path) {
      const real = realOf(path);
      return winners.get(real) === source ? real : undefined;
    },
  };
}

/** Refuses a path that is not absolute and normal, or would be read as a deletion (image-spec layer.md "Whiteouts"). */
function checkPath(path: string, title: string): void {
  const parts = path.split('/').slice(1);
  const isNormal = path.startsWith('/') && parts.every((part) => part !== '' && part !== '.' && part !== '..');
  if (!isNormal || path.includes('\0')) throw corrupt(title, say`"${path}" is not a proper path`);
  if (parts.some((part) => part.startsWith('.wh.')))
    throw corrupt(title, say`"${path}" would delete files of the base`);
}

function titleOf(sources: readonly TitledSource[], path: string): string {
  const isAtOrBelow = (each: string) => each === path || each.startsWith(`${path}/`);
  return sources.find((source) => source.paths.some((each) => isAtOrBelow(each.path)))?.title ?? 'a package';
}

function conflict(title: string, path: string, why: Sentence): BuilderError {
  return new BuilderError('package-conflict', say`${title} cannot be laid down: it needs "${path}", but ${why}`, {
    hint: say`Leave one of the two out, or take another version of it.`,
  });
}

function corrupt(title: string, why: Sentence): BuilderError {
  return new BuilderError('package-corrupt', say`${title} cannot be laid down: ${why}`, {
    hint: say`Take another version of the package, or tell its makers.`,
  });
}
