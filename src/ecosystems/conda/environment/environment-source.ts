import { extname } from 'node:path';
import type { LayerSource } from '../../../layers/layer-source.ts';
import { fixedMtime } from '../../../layers/tar-header.ts';
import type { LockedConda, LockedPrefix } from '../../../lock/lock.ts';
import { canonicalJson } from '../../../oci/canonical-json.ts';
import { digestOf } from '../../../oci/digest.ts';
import type { TextsInput } from './environment-layer.ts';

export interface EnvironmentRequest {
  readonly prefix: LockedPrefix;
  /** Sorted by name. */
  readonly packages: readonly LockedConda[];
  /** What `conda-meta/history` of the base holds. */
  readonly before: string;
  /** Records of packages that lines ask for, by path; they take the place of those in the packages' own layers. */
  readonly records: Readonly<Record<string, string>>;
}

/** What is of a whole environment: its `conda-meta/history`, one more entry at its end, and who asked for what. */
export function createEnvironmentSource({ prefix, records, ...request }: EnvironmentRequest): LayerSource {
  const texts = { [historyPath(prefix)]: formatHistory(request), ...records };
  const input: TextsInput = { texts };
  // Records of large packages are megabytes.
  const digests = Object.fromEntries(Object.entries(texts).map(([path, text]) => [path, digestOf(text)]));
  return {
    key: canonicalJson({ condaEnvironment: 1, texts: digests }),
    title: 'the conda environment',
    module: new URL(`./environment-layer${extname(import.meta.url)}`, import.meta.url).href,
    input,
    downloadBytes: 0,
    async prepare() {},
  };
}

export function historyPath({ path }: LockedPrefix): string {
  return `${path}/conda-meta/history`;
}

/**
 * What conda reads to know what somebody asked for, and so must not take away: `+` and `-` lines of packages, and the specs as a list of
 * Python, which a list of JSON strings is too. Its times are told by nobody: the same lock gives the same text.
 */
export function formatHistory({ packages, before }: Pick<EnvironmentRequest, 'packages' | 'before'>): string {
  const time = new Date(fixedMtime * 1000).toISOString().slice(0, 19).replace('T', ' ');
  const requested = packages.flatMap(({ requestedBy }) => requestedBy);
  const removed = packages.flatMap(({ name, replaces }) =>
    replaces ? [`-${name}-${replaces.version}-${replaces.build}`] : [],
  );
  const added = packages.map(
    ({ channel, subdir, name, version, build }) =>
      `+${channel.replace(/\/$/, '')}/${subdir}::${name}-${version}-${build}`,
  );
  const lines = [
    `==> ${time} <==`,
    '# cmd: imagewright build',
    ...removed,
    ...added,
    ...(requested.length > 0 ? [`# update specs: ${JSON.stringify(requested)}`] : []),
    '',
  ];
  return `${before === '' || before.endsWith('\n') ? before : `${before}\n`}${lines.join('\n')}`;
}
