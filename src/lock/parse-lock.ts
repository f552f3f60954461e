import { BuilderError } from '../errors.ts';
import { isLoopbackHost } from '../http/loopback.ts';
import { isDigest } from '../oci/digest.ts';
import { parsePlatform } from '../oci/platform.ts';
import { parseReference } from '../oci/reference.ts';
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
import { byEcosystemAndName } from './lock-spec.ts';

/** Largest lock that is read, in bytes. */
export const maxLockBytes = 32 * 1024 * 1024;
const maxPackages = 10_000;
const maxPackageBytes = 64 * 1024 ** 3;

/** Reads a lock file from untrusted bytes. Throws `lock-invalid` that names the field. */
export function parseLock(bytes: Uint8Array): Lock {
  if (bytes.byteLength > maxLockBytes) return refuse('', `it has more than ${maxLockBytes} bytes`);
  return parseLockObject(parseJson(bytes));
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return refuse('', 'it is not JSON in UTF-8');
    throw error;
  }
}

/** Checks a lock that was read from JSON. Throws `lock-invalid` that names the field, e.g. `packages[3].url`. */
export function parseLockObject(value: unknown): Lock {
  const lock = members(value, '', ['lockVersion', 'base', 'packages'], ['python']);
  if (lock.lockVersion !== 1) refuse('lockVersion', 'only version 1 is known');
  const python = lock.python === undefined ? undefined : parsePython(lock.python);
  const packages = list(lock.packages, 'packages').map((item, index) => parsePackage(item, `packages[${index}]`));
  const unsorted = packages.findIndex(
    (locked, index) => index > 0 && byEcosystemAndName(packages[index - 1]!, locked) >= 0,
  );
  if (unsorted >= 0) refuse(`packages[${unsorted}]`, 'packages must be sorted by ecosystem and name, each once');
  if (packages.some(({ ecosystem }) => ecosystem === 'pip') && python === undefined)
    refuse('python', 'it is missing, though there are pip packages');
  return { lockVersion: 1, base: parseBase(lock.base), ...(python !== undefined && { python }), packages };
}

function parseBase(value: unknown): LockedBase {
  const base = members(value, 'base', ['reference', 'digest', 'platform']);
  const reference = text(base.reference, 'base.reference');
  const digest = text(base.digest, 'base.digest');
  const platform = text(base.platform, 'base.platform');
  reading('base.reference', () => parseReference(reference));
  reading('base.platform', () => parsePlatform(platform));
  if (!isDigest(digest)) return refuse('base.digest', 'it is not a sha256 or sha512 digest');
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
    refuse('python.compileBytecode', 'it can only be true');
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
  return ecosystem === 'pip'
    ? parseDistribution(value, at)
    : refuse(`${at}.ecosystem`, 'only "apt" and "pip" are known');
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

function parseFile({ sha256, sizeBytes }: Readonly<Record<string, unknown>>, at: string) {
  if (!Number.isSafeInteger(sizeBytes) || (sizeBytes as number) < 0 || (sizeBytes as number) > maxPackageBytes) {
    refuse(`${at}.sizeBytes`, `it is not a number of bytes up to ${maxPackageBytes}`);
  }
  return {
    sha256: matching(sha256, `${at}.sha256`, /^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits'),
    sizeBytes: sizeBytes as number,
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
  if (files.length > maxBuildRequires) refuse(at, `it has more than ${maxBuildRequires} items`);
  const unsorted = files.findIndex(({ name }, index) => index > 0 && files[index - 1]!.name >= name);
  return unsorted < 0 ? files : refuse(`${at}[${unsorted}]`, 'they must be sorted by name, each once');
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
    refuse(`${at}.filename`, `it is not a ${kind.what} of ${name}`);
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
  const replacement = members(value, at, ['version', 'metadataPath']);
  return {
    version: text(replacement.version, `${at}.version`),
    metadataPath: path(replacement.metadataPath, `${at}.metadataPath`),
  };
}

/** https, or http to this machine or where told; no credentials, for a lock is shown and kept. */
function downloadUrl(value: unknown, at: string, { plainHttp = false } = {}): string {
  const address = text(value, at);
  const url = URL.canParse(address) ? new URL(address) : refuse(at, 'it is not a URL');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && (plainHttp || isLoopbackHost(url.hostname)))) {
    refuse(at, 'only https URLs are taken (http to this machine only)');
  }
  if (url.username !== '' || url.password !== '') refuse(at, 'it holds a user name or password');
  return address;
}

function path(value: unknown, at: string): string {
  const name = text(value, at);
  const parts = name.split('/').slice(1);
  if (!name.startsWith('/') || parts.some((part) => part === '' || part === '.' || part === '..')) {
    refuse(at, 'it is not an absolute path without "." and ".."');
  }
  return name;
}

function matching(value: unknown, at: string, pattern: RegExp, what: string): string {
  const found = text(value, at);
  return pattern.test(found) ? found : refuse(at, `it is not ${what}`);
}

function text(value: unknown, at: string): string {
  if (typeof value !== 'string' || value === '') return refuse(at, 'it is not a text');
  if (value.length > 4096) refuse(at, 'it is longer than 4096 characters');
  if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(value)) refuse(at, 'it holds a control character');
  return value;
}

function list(value: unknown, at: string): readonly unknown[] {
  if (!Array.isArray(value)) return refuse(at, 'it is not a list');
  return value.length > maxPackages ? refuse(at, `it has more than ${maxPackages} items`) : value;
}

function members(
  value: unknown,
  at: string,
  required: readonly string[],
  optional: readonly string[] = [],
): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse(at, 'it is not an object');
  const prefix = at === '' ? '' : `${at}.`;
  const missing = required.find((member) => !Object.hasOwn(value, member));
  if (missing !== undefined) refuse(`${prefix}${missing}`, 'it is missing');
  const unknown = Object.keys(value).find((member) => !required.includes(member) && !optional.includes(member));
  if (unknown !== undefined) refuse(`${prefix}${unknown.slice(0, 60)}`, 'it is not a member of a lock');
  return value as Readonly<Record<string, unknown>>;
}

function reading(at: string, read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof BuilderError)) throw error;
    refuse(at, error.message);
  }
}

function refuse(at: string, why: string): never {
  throw new BuilderError('lock-invalid', `The lock cannot be used: ${at === '' ? '' : `${at}: `}${why}`, {
    hint: 'Make the lock anew from the spec, with --lock-out.',
  });
}
