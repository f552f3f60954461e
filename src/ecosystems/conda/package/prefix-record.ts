import type { LockedConda } from '../../../lock/lock.ts';

/** A file of a package as it stands in the environment, in the words of conda's records. */
export interface RecordedPath {
  readonly _path: string;
  readonly path_type: 'hardlink' | 'softlink' | 'directory' | 'unix_python_entry_point';
  readonly no_link?: true;
  /** As the package tells it, before the prefix was put in. */
  readonly sha256?: string;
  readonly sha256_in_prefix?: string;
  readonly size_in_bytes?: number;
  readonly file_mode?: 'text' | 'binary';
  readonly prefix_placeholder?: string;
}

/** What the record tells of the package itself, for all environments alike: data that goes to another thread, and part of the layer's key. */
export type RecordedPackage = Omit<LockedConda, 'ecosystem' | 'requestedBy' | 'requiredBy' | 'replaces'>;

/** `conda-meta/numpy-2.1.0-py312h58c1407_0.json` */
export function recordPath({ name, version, build }: Pick<LockedConda, 'name' | 'version' | 'build'>): string {
  return `conda-meta/${name}-${version}-${build}.json`;
}

/**
 * The record of an installed package as conda writes it, as if nobody had asked for it. Dependencies are those of the channel's repodata,
 * which may have been corrected since the package was made. Nothing of it names this machine.
 */
export function formatPrefixRecord(pkg: RecordedPackage, paths: readonly RecordedPath[]): Buffer {
  const { channel, subdir } = pkg;
  const record = {
    build: pkg.build,
    build_number: pkg.buildNumber,
    channel: `${channel}${channel.endsWith('/') ? '' : '/'}${subdir}`,
    constrains: pkg.constrains,
    depends: pkg.depends,
    ...(pkg.features !== undefined && { features: pkg.features }),
    files: paths.filter(({ path_type }) => path_type !== 'directory').map(({ _path }) => _path),
    fn: pkg.filename,
    ...(pkg.license !== undefined && { license: pkg.license }),
    // Neither a hard nor a soft link into a cache of packages: there is none.
    link: { source: '', type: 3 },
    ...(pkg.md5 !== undefined && { md5: pkg.md5 }),
    name: pkg.name,
    ...(pkg.noarch !== undefined && { noarch: pkg.noarch }),
    paths_data: { paths, paths_version: 1 },
    requested_specs: [],
    sha256: pkg.sha256,
    size: pkg.sizeBytes,
    subdir,
    ...(pkg.timestamp !== undefined && { timestamp: pkg.timestamp }),
    ...(pkg.trackFeatures !== undefined && { track_features: pkg.trackFeatures.join(' ') }),
    url: pkg.url,
    version: pkg.version,
  };
  return Buffer.from(`${JSON.stringify(record, undefined, 2)}\n`);
}

/** As `formatPrefixRecord` writes it, and nowhere else: within a text of JSON there is no line break. */
const nobodyAsked = '\n  "requested_specs": [],\n';

/** A record of `formatPrefixRecord` that tells what was asked for (CEP-32), the older member for older readers. */
export function withRequestedSpecs(record: Buffer, specs: readonly string[]): string {
  const older = specs.length === 1 ? `\n  "requested_spec": ${JSON.stringify(specs[0])},` : '';
  // Records are large: what is in its place is put in without reading the rest.
  return record
    .toString('utf8')
    .replace(nobodyAsked, () => `${older}\n  "requested_specs": ${JSON.stringify(specs)},\n`);
}
