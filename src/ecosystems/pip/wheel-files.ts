import { posix } from 'node:path';
import type { LockedPython } from '../../lock/lock.ts';
import { say } from '../../sentence.ts';
import type { ZipMember } from '../archives/zip-archive.ts';
import { checkNotInterpreter, isWrapper, type ScriptEntryPoints } from './scripts.ts';
import { WheelFormatError } from './wheel-format-error.ts';
import type { WheelMetadata } from './wheel-metadata.ts';

/** Where a member of a wheel goes. */
export interface WheelFile {
  readonly member: ZipMember;
  /** `/usr/local/bin/black` */
  readonly path: string;
  /** In RECORD: `../../../bin/black`. */
  readonly recordPath: string;
  /** True for what stands in `.data/scripts`, whose first line may have to be changed. */
  readonly isScript: boolean;
}

export interface WheelPlace {
  readonly metadata: WheelMetadata;
  readonly scheme: LockedPython['scheme'];
}

/** What the installer writes itself, whatever the wheel brings along. */
export const installerFiles = ['INSTALLER', 'REQUESTED', 'direct_url.json', 'RECORD'] as const;

/** The directory that modules and the `.dist-info` go to. */
export function libraryDirectory({ metadata, scheme }: WheelPlace): string {
  return metadata.isPurelib ? scheme.purelib : scheme.platlib;
}

/** A path of the image as RECORD tells it. */
export function recordPathOf(path: string, place: WheelPlace): string {
  return posix.relative(libraryDirectory(place), path);
}

/** What of a wheel is installed and where, without what the installer writes. Throws `WheelFormatError`. */
export function wheelFiles(members: readonly ZipMember[], place: WheelPlace, points: ScriptEntryPoints): WheelFile[] {
  const replaced = new Set(installerFiles.map((name) => `${place.metadata.distInfo}/${name}`));
  return members.flatMap((member) => {
    if (replaced.has(member.name)) return [];
    const { path, isScript } = destinationOf(member.name, place);
    const name = posix.basename(path);
    if (isScript && isWrapper(name, points)) return [];
    if (isScript) checkNotInterpreter(name);
    return [{ member, path, recordPath: recordPathOf(path, place), isScript }];
  });
}

/** Binary distribution format, "The .data directory". As pip does, any top directory that ends with `.data` counts as one. */
function destinationOf(name: string, place: WheelPlace): { path: string; isScript: boolean } {
  const [top, key, ...rest] = name.split('/');
  if (!top!.endsWith('.data')) return { path: `${libraryDirectory(place)}/${name}`, isScript: false };
  if (rest.length === 0) throw new WheelFormatError(say`"${name}" is in no part of its data directory`);
  const { purelib, platlib, headers, scripts, data } = place.scheme;
  const directories = new Map([
    ['purelib', purelib],
    ['platlib', platlib],
    ['headers', `${headers}/${place.metadata.name}`],
    ['scripts', scripts],
    ['data', data],
  ]);
  const directory = directories.get(key!);
  if (directory === undefined) {
    throw new WheelFormatError(
      say`"${name}" is for "${key}", and only ${[...directories.keys()].join(', ')} are known`,
    );
  }
  return { path: `${directory}/${rest.join('/')}`, isScript: key === 'scripts' };
}
