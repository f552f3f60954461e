import { say } from '../sentence.ts';
import type { LockedConda, LockedPrefix, ReplacedRecord } from './lock.ts';
import { downloadUrl, list, matching, members, parseFile, path, refuse, text } from './lock-fields.ts';

const required = [
  ...['ecosystem', 'name', 'version', 'build', 'buildNumber', 'subdir', 'channel', 'filename', 'url'],
  ...['sha256', 'sizeBytes', 'depends', 'constrains', 'requestedBy', 'requiredBy'],
];
const optional = ['md5', 'noarch', 'license', 'timestamp', 'features', 'trackFeatures', 'replaces'];

const namePattern = /^[a-z0-9_][a-z0-9_.-]{0,199}$/;
const versionPattern = /^[A-Za-z0-9_][A-Za-z0-9_.+!]{0,199}$/;
const buildPattern = /^[A-Za-z0-9_.+]{1,200}$/;
const latestTimestamp = 8.64e15;

/** Reads a conda package of a lock. Throws `lock-invalid` that names the field. */
export function parseLockedConda(value: unknown, at: string): LockedConda {
  const conda = members(value, at, required, optional);
  const texts = (member: string) =>
    list(conda[member], `${at}.${member}`).map((item, index) => text(item, `${at}.${member}[${index}]`));
  const kept = <K extends string>(member: K) =>
    (conda[member] === undefined ? {} : { [member]: text(conda[member], `${at}.${member}`) }) as {
      [key in K]?: string;
    };
  return {
    ecosystem: 'conda',
    ...parseFileName(conda, at),
    buildNumber: count(conda.buildNumber, `${at}.buildNumber`),
    subdir: matching(conda.subdir, `${at}.subdir`, /^(?:noarch|linux-64|linux-aarch64)$/, 'a subdirectory for Linux'),
    channel: withoutToken(conda.channel, `${at}.channel`),
    url: withoutToken(conda.url, `${at}.url`),
    ...parseFile(conda, at),
    ...(conda.md5 !== undefined && {
      md5: matching(conda.md5, `${at}.md5`, /^[0-9a-f]{32}$/, '32 lower-case hexadecimal digits'),
    }),
    depends: texts('depends'),
    constrains: texts('constrains'),
    ...(conda.noarch !== undefined && { noarch: parseNoarch(conda.noarch, `${at}.noarch`) }),
    ...kept('license'),
    ...(conda.timestamp !== undefined && { timestamp: count(conda.timestamp, `${at}.timestamp`, latestTimestamp) }),
    ...kept('features'),
    ...(conda.trackFeatures !== undefined && { trackFeatures: texts('trackFeatures') }),
    requestedBy: texts('requestedBy'),
    requiredBy: list(conda.requiredBy, `${at}.requiredBy`).map((item, index) =>
      matching(item, `${at}.requiredBy[${index}]`, namePattern, 'the name of a conda package'),
    ),
    ...(conda.replaces !== undefined && { replaces: parseReplacedRecord(conda.replaces, `${at}.replaces`) }),
  };
}

/** The name of the file says name, version and build, as conda has it. */
function parseFileName(conda: Readonly<Record<string, unknown>>, at: string) {
  const name = matching(conda.name, `${at}.name`, namePattern, 'the name of a conda package');
  const version = matching(conda.version, `${at}.version`, versionPattern, 'a version');
  const build = matching(conda.build, `${at}.build`, buildPattern, 'a build');
  const filename = text(conda.filename, `${at}.filename`);
  if (!['.conda', '.tar.bz2'].some((ending) => filename === `${name}-${version}-${build}${ending}`)) {
    refuse(`${at}.filename`, say`it is not the file name of ${name} ${version} ${build}`);
  }
  return { name, version, build, filename };
}

/** Servers of conda channels take a token as the first part of the path: `https://conda.example.com/t/SECRET/conda-forge/`. */
function withoutToken(value: unknown, at: string): string {
  const address = downloadUrl(value, at);
  return /^\/t\/[^/]/.test(new URL(address).pathname) ? refuse(at, say`it holds a token`) : address;
}

function parseNoarch(value: unknown, at: string): 'python' | 'generic' {
  return value === 'python' || value === 'generic' ? value : refuse(at, say`it is neither "python" nor "generic"`);
}

function parseReplacedRecord(value: unknown, at: string): ReplacedRecord {
  const replaced = members(value, at, ['version', 'build', 'recordPath']);
  return {
    version: matching(replaced.version, `${at}.version`, versionPattern, 'a version'),
    build: matching(replaced.build, `${at}.build`, buildPattern, 'a build'),
    recordPath: path(replaced.recordPath, `${at}.recordPath`),
  };
}

/** Reads the environment of a lock. Throws `lock-invalid` that names the field. */
export function parseLockedPrefix(value: unknown): LockedPrefix {
  const prefix = members(value, 'conda', ['path', 'isNew'], ['python', 'sitePackages']);
  const { isNew, python, sitePackages } = prefix;
  if (typeof isNew !== 'boolean') return refuse('conda.isNew', say`it is neither true nor false`);
  return {
    path: path(prefix.path, 'conda.path'),
    isNew,
    ...(python !== undefined && { python: matching(python, 'conda.python', versionPattern, 'a version') }),
    ...(sitePackages !== undefined && { sitePackages: parseSitePackages(sitePackages) }),
  };
}

function parseSitePackages(value: unknown): string {
  const at = 'conda.sitePackages';
  return path(`/${text(value, at)}`, at).slice(1);
}

function count(value: unknown, at: string, max = Number.MAX_SAFE_INTEGER): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0 || (value as number) > max) {
    refuse(at, say`it is not a whole number up to ${max}`);
  }
  return value as number;
}
