import { isLoopbackHost } from '../../../http/loopback.ts';
import { normalisedName } from '../../../rootfs/normalised-name.ts';
import { makeSpecifier, satisfies } from '../specifier.ts';
import { chooseWheel, parseWheelFilename, type TaggedPython } from '../tags.ts';
import { formatVersion, parseVersion } from '../version.ts';
import type { ProjectFile } from './project-files.ts';

/** A version of a package that comes as source. */
export interface SdistRelease {
  /** Normalised. */
  readonly name: string;
  /** Canonical (PEP 440). */
  readonly version: string;
  readonly file: ProjectFile;
}

/** The versions that a Python can have only from source: those that list a source archive and no wheel that fits. */
export function sdistReleases(
  name: string,
  files: readonly ProjectFile[],
  python: TaggedPython,
): readonly SdistRelease[] {
  const fitting = files.filter((file) => !file.isYanked && allowsPython(file, python));
  const withWheel = new Set(
    fitting.flatMap((file) => {
      const wheel = parseWheelFilename(file.filename);
      const version = wheel === undefined ? undefined : parseVersion(wheel.version.replaceAll('_', '-'));
      return version !== undefined && chooseWheel([file], python) !== undefined ? [formatVersion(version)] : [];
    }),
  );
  const releases = new Map<string, SdistRelease>();
  for (const file of fitting) {
    const version = sdistVersion(file.filename, name);
    if (version === undefined || withWheel.has(version) || !isFetched(file)) continue;
    // Where a version has both, the tar archive is the one that PEP 625 knows.
    if (releases.has(version) && !file.filename.endsWith('.tar.gz')) continue;
    releases.set(version, { name, version, file });
  }
  return [...releases.values()];
}

/** The canonical version in `odfpy-1.4.1.tar.gz`; `undefined` for what is no source archive of the project. */
function sdistVersion(filename: string, name: string): string | undefined {
  const stem = /^[A-Za-z0-9][A-Za-z0-9_.+!-]*(?=\.(?:tar\.gz|zip)$)/.exec(filename)?.[0].replace(/\.tar$/, '');
  if (stem === undefined) return undefined;
  for (const { index } of stem.matchAll(/-/g)) {
    if (normalisedName(stem.slice(0, index)) !== name) continue;
    const version = parseVersion(stem.slice(index + 1));
    if (version !== undefined) return formatVersion(version);
  }
  return undefined;
}

function allowsPython({ requiresPython = '' }: ProjectFile, { version }: TaggedPython): boolean {
  const clauses = requiresPython.split(',').filter((clause) => clause.trim() !== '');
  const specifiers = clauses.map((clause) => {
    const [, operator, operand] = /^\s*(===|[=~!<>]=|[<>])\s*(\S+)\s*$/.exec(clause) ?? [];
    return operator === undefined ? '' : makeSpecifier(operator as Parameters<typeof makeSpecifier>[0], operand!);
  });
  // What cannot be read forbids nothing, as with pip.
  return satisfies(
    version,
    specifiers.filter((specifier) => typeof specifier !== 'string'),
  );
}

function isFetched({ url }: ProjectFile): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || (protocol === 'http:' && isLoopbackHost(hostname));
}
