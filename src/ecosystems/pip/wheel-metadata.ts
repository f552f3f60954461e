import type { LockedWheel } from '../../lock/lock.ts';
import { normalisedName } from '../../rootfs/normalised-name.ts';
import { say } from '../../sentence.ts';
import { compareVersions, parseVersion } from './version.ts';
import { WheelFormatError } from './wheel-format-error.ts';

/** What a wheel's `.dist-info` says that the way of installing depends on. */
export interface WheelMetadata {
  /** `numpy-2.4.6.dist-info` */
  readonly distInfo: string;
  /** Normalised name (PEP 503): `scikit-learn`. */
  readonly name: string;
  readonly isPurelib: boolean;
}

/** What a wheel must be. */
export type ExpectedWheel = Pick<LockedWheel, 'name' | 'version' | 'filename'>;

/**
 * Reads WHEEL and METADATA, given what reads a member as text. Throws `WheelFormatError` that says why the wheel cannot be installed, or is
 * not the expected one.
 */
export function readWheelMetadata(
  names: readonly string[],
  readText: (name: string) => string,
  expected: ExpectedWheel,
): WheelMetadata {
  checkFilename(expected);
  const distInfo = findDistInfo(names, expected);
  const wheel = parseHeaders(readText(`${distInfo}/WHEEL`));
  checkWheelVersion(wheel.get('wheel-version'));
  const metadata = parseHeaders(readText(`${distInfo}/METADATA`));
  const name = metadata.get('name') ?? '';
  const version = metadata.get('version') ?? '';
  if (!isExpected(name, version, expected)) {
    throw new WheelFormatError(say`its METADATA says that it is "${name} ${version}"`);
  }
  return { distInfo, name: normalisedName(name), isPurelib: wheel.get('root-is-purelib')?.toLowerCase() === 'true' };
}

/** The file name says name and version, binary distribution format "File name convention". */
function checkFilename(expected: ExpectedWheel): void {
  const parts = expected.filename.replace(/\.whl$/, '').split('-');
  const isName = expected.filename.endsWith('.whl') && (parts.length === 5 || parts.length === 6);
  if (!isName || !isExpected(parts[0]!, parts[1]!, expected)) {
    throw new WheelFormatError(say`its file name "${expected.filename}" is another's`);
  }
}

function findDistInfo(names: readonly string[], expected: ExpectedWheel): string {
  const tops = new Set(names.map((name) => name.split('/', 1)[0]!));
  const [distInfo, ...others] = [...tops].filter((top) => top.endsWith('.dist-info'));
  if (distInfo === undefined) throw new WheelFormatError(say`it has no .dist-info directory`);
  if (others.length > 0)
    throw new WheelFormatError(say`it has several .dist-info directories: ${[distInfo, ...others].join(', ')}`);
  const stem = distInfo.slice(0, -'.dist-info'.length);
  const cut = stem.indexOf('-');
  if (cut < 0 || !isExpected(stem.slice(0, cut), stem.slice(cut + 1), expected)) {
    throw new WheelFormatError(say`its metadata directory is "${distInfo}"`);
  }
  return distInfo;
}

function isExpected(name: string, version: string, expected: ExpectedWheel): boolean {
  return normalisedName(name) === normalisedName(expected.name) && isSameVersion(version, expected.version);
}

/** In file and directory names `_` stands for `-`, and one release has many spellings (PEP 440 "Normalization"). */
function isSameVersion(a: string, b: string): boolean {
  const left = parseVersion(a.replaceAll('_', '-'));
  const right = parseVersion(b.replaceAll('_', '-'));
  return left !== undefined && right !== undefined ? compareVersions(left, right) === 0 : a === b;
}

function checkWheelVersion(text: string | undefined): void {
  const version = text?.trim();
  if (version === undefined || !/^\d+(\.\d+)*$/.test(version))
    throw new WheelFormatError(say`its WHEEL file tells no format version`);
  if (Number(version.split('.')[0]) > 1)
    throw new WheelFormatError(say`it is made in version ${version} of the wheel format, and only 1 is known`);
}

/** The first value of each header, names in lower case; the body after the first empty line is left out. */
function parseHeaders(text: string): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (line === '') break;
    const match = /^([\x21-\x39\x3b-\x7e]+):(.*)$/.exec(line);
    if (match && !headers.has(match[1]!.toLowerCase())) headers.set(match[1]!.toLowerCase(), match[2]!.trim());
  }
  return headers;
}
