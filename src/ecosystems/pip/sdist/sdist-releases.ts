import { isLoopbackHost } from '../../../http/loopback.ts';
import { type ProjectFile, versionOfFile } from '../project-files.ts';
import { makeSpecifier, satisfies } from '../specifier.ts';
import { chooseWheel, type TaggedPython } from '../tags.ts';
import { formatVersion } from '../version.ts';

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
  const fitting = files
    .filter((file) => !file.isYanked && allowsPython(file, python))
    .flatMap((file) => {
      const version = versionOfFile(file.filename, name);
      return version === undefined ? [] : [{ file, version: formatVersion(version) }];
    });
  const withWheel = new Set(fitting.flatMap(({ file, version }) => (chooseWheel([file], python) ? [version] : [])));
  const releases = new Map<string, SdistRelease>();
  for (const { file, version } of fitting) {
    if (file.filename.endsWith('.whl') || withWheel.has(version) || !isFetched(file)) continue;
    // Where a version has both, the tar archive is the one that PEP 625 knows.
    if (releases.has(version) && !file.filename.endsWith('.tar.gz')) continue;
    releases.set(version, { name, version, file });
  }
  return [...releases.values()];
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
