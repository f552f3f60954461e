import { BuilderError } from '../errors.ts';
import { isDigest } from '../oci/digest.ts';
import { parsePlatform } from '../oci/platform.ts';
import { parseReference } from '../oci/reference.ts';
import { say } from '../sentence.ts';
import type {
  Lock,
  LockedBase,
  LockedDeb,
  LockedFile,
  LockedPackage,
  LockedPython,
  LockedSdist,
  LockedWheel,
  Replacement,
} from './lock.ts';
import { downloadUrl, list, matching, members, parseFile, path, refuse, text } from './lock-fields.ts';
import { byEcosystemAndName } from './lock-spec.ts';
import { parseLockedConda, parseLockedPrefix } from './parse-locked-conda.ts';

/** Largest lock that is read, in bytes. */
export const maxLockBytes = 32 * 1024 * 1024;

/** Reads a lock file from untrusted bytes. Throws `lock-invalid` that names the field. */
export function parseLock(bytes: Uint8Array): Lock {
  if (bytes.byteLength > maxLockBytes) return refuse('', say`it has more than ${maxLockBytes} bytes`);
  return parseLockObject(parseJson(bytes));
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return refuse('', say`it is not JSON in UTF-8`);
    throw error;
  }
}

/** Checks a lock that was read from JSON. Throws `lock-invalid` that names the field, e.g. `packages[3].url`. */
export function parseLockObject(value: unknown): Lock {
  const lock = members(value, '', ['lockVersion', 'base', 'packages'], ['python', 'conda']);
  if (lock.lockVersion !== 1) refuse('lockVersion', say`only version 1 is known`);
  const python = lock.python === undefined ? undefined : parsePython(lock.python);
  const conda = lock.conda === undefined ? undefined : parseLockedPrefix(lock.conda);
  const packages = list(lock.packages, 'packages').map((item, index) => parsePackage(item, `packages[${index}]`));
  const unsorted = packages.findIndex(
    (locked, index) => index > 0 && byEcosystemAndName(packages[index - 1]!, locked) >= 0,
  );
  if (unsorted >= 0) refuse(`packages[${unsorted}]`, say`packages must be sorted by ecosystem and name, each once`);
  if (packages.some(({ ecosystem }) => ecosystem === 'pip') && python === undefined)
    refuse('python', say`it is missing, though there are pip packages`);
  if (packages.some(({ ecosystem }) => ecosystem === 'conda') && conda === undefined)
    refuse('conda', say`it is missing, though there are conda packages`);
  return {
    lockVersion: 1,
    base: parseBase(lock.base),
    ...(python !== undefined && { python }),
    ...(conda !== undefined && { conda }),
    packages,
  };
}

function parseBase(value: unknown): LockedBase {
  const base = members(value, 'base', ['reference', 'digest', 'platform']);
  const reference = text(base.reference, 'base.reference');
  const digest = text(base.digest, 'base.digest');
  const platform = text(base.platform, 'base.platform');
  reading('base.reference', () => parseReference(reference));
  reading('base.platform', () => parsePlatform(platform));
  if (!isDigest(digest)) return refuse('base.digest', say`it is not a sha256 or sha512 digest`);
  return { reference, digest, platform };
}

function parsePython(value: unknown): LockedPython {
  const python = members(value, 'python', ['executable', 'version', 'scheme'], ['compileBytecode']);
  const keys = ['purelib', 'platlib', 'scripts', 'headers', 'data'] as const;
  const scheme = members(python.scheme, 'python.scheme', keys);
  const [purelib, platlib, scripts, headers, data] = keys.map((key) => path(scheme[key], `python.scheme.${key}`));
  const version = matching(python.version, 'python.version', /^\d{1,3}\.\d{1,4}[\w.+]{0,40}$/, 'a version of Python');
  const { compileBytecode } = python;
  if (compileBytecode !== undefined && compileBytecode !== true)
    refuse('python.compileBytecode', say`it can only be true`);
  return {
    executable: path(python.executable, 'python.executable'),
    version,
    scheme: { purelib: purelib!, platlib: platlib!, scripts: scripts!, headers: headers!, data: data! },
    ...(compileBytecode === true && { compileBytecode }),
  };
}

function parsePackage(value: unknown, at: string): LockedPackage {
  const ecosystem = typeof value === 'object' && value !== null && 'ecosystem' in value ? value.ecosystem : undefined;
  if (ecosystem === 'apt') return parseDeb(value, at);
  if (ecosystem === 'conda') return parseLockedConda(value, at);
  return ecosystem === 'pip'
    ? parseDistribution(value, at)
    : refuse(`${at}.ecosystem`, say`only "apt" and "pip" are known`);
}

const debFields = [
  ...['ecosystem', 'name', 'version', 'architecture', 'url'],
  ...['sha256', 'sizeBytes', 'requestedBy', 'requiredBy'],
];
const debNamePattern = /^[a-z0-9][a-z0-9+.-]{1,199}$/;
const debVersionPattern = /^[A-Za-z0-9][A-Za-z0-9.+:~-]{0,199}$/;

function parseDeb(value: unknown, at: string): LockedDeb {
  const deb = members(value, at, debFields);
  return {
    ecosystem: 'apt',
    name: matching(deb.name, `${at}.name`, debNamePattern, 'the name of a Debian package'),
    version: matching(deb.version, `${at}.version`, debVersionPattern, 'a version'),
    architecture: matching(deb.architecture, `${at}.architecture`, /^[a-z0-9][a-z0-9-]{0,30}$/, 'an architecture'),
    // Debian's mirrors speak plain HTTP: the hash says whether what comes is right.
    url: downloadUrl(deb.url, `${at}.url`, { plainHttp: true }),
    ...parseFile(deb, at),
    requestedBy: list(deb.requestedBy, `${at}.requestedBy`).map((item, index) =>
      text(item, `${at}.requestedBy[${index}]`),
    ),
    requiredBy: list(deb.requiredBy, `${at}.requiredBy`).map((item, index) =>
      matching(item, `${at}.requiredBy[${index}]`, debNamePattern, 'the name of a Debian package'),
    ),
  };
}

const fileFields = ['name', 'version', 'filename', 'url', 'sha256', 'sizeBytes'];
const distributionFields = [...fileFields, 'ecosystem', 'requestedBy', 'requiredBy'];
const namePattern = /^(?=.{1,200}$)[a-z0-9](?:-?[a-z0-9])*$/;
const versionPattern = /^[a-z0-9][a-z0-9.+!_-]{0,199}$/;
const wheelPattern =
  /^[A-Za-z0-9_.]+-[A-Za-z0-9_.+!]+(?:-\d[A-Za-z0-9_.]*)?-[A-Za-z0-9_.]+-[A-Za-z0-9_.]+-[A-Za-z0-9_.]+\.whl$/;
const sdistPattern = /^[A-Za-z0-9][A-Za-z0-9_.+!-]{0,250}\.(?:tar\.gz|zip)$/;
const maxBuildRequires = 500;

function parseDistribution(value: unknown, at: string): LockedWheel | LockedSdist {
  const distribution = members(value, at, distributionFields, ['directUrl', 'replaces', 'buildRequires']);
  const { directUrl, replaces } = distribution;
  const common = {
    ecosystem: 'pip' as const,
    requestedBy: list(distribution.requestedBy, `${at}.requestedBy`).map((item, index) =>
      text(item, `${at}.requestedBy[${index}]`),
    ),
    requiredBy: list(distribution.requiredBy, `${at}.requiredBy`).map((item, index) =>
      matching(item, `${at}.requiredBy[${index}]`, namePattern, 'a normalised name (PEP 503)'),
    ),
    ...(directUrl !== undefined && { directUrl: downloadUrl(directUrl, `${at}.directUrl`) }),
    ...(replaces !== undefined && { replaces: parseReplacement(replaces, `${at}.replaces`) }),
  };
  if (distribution.buildRequires === undefined) return { ...parseIndexedFile(distribution, at, wheel), ...common };
  const buildRequires = parseBuildRequires(distribution.buildRequires, `${at}.buildRequires`);
  return { ...parseIndexedFile(distribution, at, sdist), ...common, buildRequires };
}

function parseBuildRequires(value: unknown, at: string): readonly LockedFile[] {
  const files = list(value, at).map((item, index) => {
    const file = members(item, `${at}[${index}]`, fileFields);
    return parseIndexedFile(file, `${at}[${index}]`, wheel);
  });
  if (files.length > maxBuildRequires) refuse(at, say`it has more than ${maxBuildRequires} items`);
  const unsorted = files.findIndex(({ name }, index) => index > 0 && files[index - 1]!.name >= name);
  return unsorted < 0 ? files : refuse(`${at}[${unsorted}]`, say`they must be sorted by name, each once`);
}

interface FileKind {
  readonly pattern: RegExp;
  readonly what: string;
  /** The part of a file name before the version may hold `-` itself. */
  readonly names: (filename: string) => readonly string[];
}

const wheel: FileKind = { pattern: wheelPattern, what: 'wheel', names: (filename) => [filename.split('-')[0]!] };
const sdist: FileKind = {
  pattern: sdistPattern,
  what: 'source archive',
  names: (filename) => [...filename.matchAll(/-/g)].map(({ index }) => filename.slice(0, index)),
};

function parseIndexedFile(file: Readonly<Record<string, unknown>>, at: string, kind: FileKind): LockedFile {
  const name = matching(file.name, `${at}.name`, namePattern, 'a normalised name (PEP 503)');
  const filename = matching(file.filename, `${at}.filename`, kind.pattern, `the file name of a ${kind.what}`);
  const normal = (text: string) => text.replace(/[-_.]+/g, '-').toLowerCase();
  if (!kind.names(filename).some((each) => normal(each) === name)) {
    refuse(`${at}.filename`, say`it is not a ${kind.what} of ${name}`);
  }
  return {
    name,
    version: matching(file.version, `${at}.version`, versionPattern, 'a version'),
    filename,
    url: downloadUrl(file.url, `${at}.url`),
    ...parseFile(file, at),
  };
}

function parseReplacement(value: unknown, at: string): Replacement {
  const { version, metadataPath, broughtBy } = members(value, at, ['version', 'metadataPath'], ['broughtBy']);
  if (broughtBy !== undefined && broughtBy !== 'conda') refuse(`${at}.broughtBy`, say`it is not conda`);
  return {
    version: text(version, `${at}.version`),
    metadataPath: path(metadataPath, `${at}.metadataPath`),
    ...(broughtBy === 'conda' && { broughtBy }),
  };
}

function reading(at: string, read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof BuilderError)) throw error;
    refuse(at, error.message);
  }
}
