/** A record of repodata (CEP-36), as far as it is needed; read from what anybody may write. */
export interface RepodataRecord {
  readonly name: string;
  readonly version: string;
  readonly build: string;
  readonly build_number: number;
  readonly depends: readonly string[];
  readonly constrains: readonly string[];
  readonly sha256?: string;
  readonly md5?: string;
  readonly size?: number;
  readonly noarch?: 'python' | 'generic';
  readonly license?: string;
  readonly timestamp?: number;
  readonly features?: string;
  readonly track_features?: string | readonly string[];
  readonly python_site_packages_path?: string;
}

/** Checks a record; `undefined` for one that is none, or not of the file. Unknown members are left out. */
export function readRecord(filename: string, value: unknown): RepodataRecord | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const record = value as Readonly<Record<string, unknown>>;
  const { name, version, build, build_number, depends = [], constrains = [] } = record;
  if (!isText(name) || !isText(version) || !isText(build)) return undefined;
  if (stemOf(filename) !== `${name}-${version}-${build}`) return undefined;
  if (!Number.isSafeInteger(build_number) || !isTexts(depends) || !isTexts(constrains)) return undefined;
  // The solver cannot read a requirement that is a URL.
  if (depends.some((each) => each.includes('://'))) return undefined;
  const { sha256, md5, size, noarch, license, timestamp, features, track_features, python_site_packages_path } = record;
  return {
    name,
    version,
    build,
    build_number: build_number as number,
    depends,
    constrains,
    ...(isText(sha256) && { sha256: sha256.toLowerCase() }),
    ...(isText(md5) && { md5: md5.toLowerCase() }),
    ...(Number.isSafeInteger(size) && { size: size as number }),
    // `true` is what is written of generic ones of old.
    ...((noarch === 'python' || noarch === 'generic' || noarch === true) && {
      noarch: noarch === 'python' ? ('python' as const) : ('generic' as const),
    }),
    ...(isText(license) && { license }),
    ...(typeof timestamp === 'number' && timestamp > 0 && { timestamp: milliseconds(timestamp) }),
    ...(isText(features) && { features }),
    ...((isText(track_features) || isTexts(track_features)) && { track_features }),
    ...(isText(python_site_packages_path) && { python_site_packages_path }),
  };
}

/** Old records count in seconds. */
function milliseconds(timestamp: number): number {
  return Math.floor(timestamp < 253_402_300_799 ? timestamp * 1000 : timestamp);
}

/** `numpy-1.26.4-py312_0.conda` without its ending; `undefined` for what is no package. */
export function stemOf(filename: string): string | undefined {
  if (filename.endsWith('.conda')) return filename.slice(0, -'.conda'.length);
  return filename.endsWith('.tar.bz2') ? filename.slice(0, -'.tar.bz2'.length) : undefined;
}

/** The name of the package that a file is of: all before the last two `-`. */
export function nameOfFile(filename: string): string | undefined {
  return /^(.+)-[^-]+-[^-]+$/.exec(stemOf(filename) ?? '')?.[1];
}

/** The name of the package that a match spec of a record asks for: `python >=3.12,<3.13.0a0`. */
export function nameOfSpec(spec: string): string {
  return /^\s*(?:[^\s]*::)?([^\s=<>!~[(,]*)/.exec(spec)![1]!.toLowerCase();
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
