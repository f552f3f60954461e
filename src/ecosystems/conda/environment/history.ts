import { extname } from 'node:path';
import type { LayerSource } from '../../../layers/layer-source.ts';
import { fixedMtime } from '../../../layers/tar-header.ts';
import type { LockedConda, LockedPrefix } from '../../../lock/lock.ts';
import { canonicalJson } from '../../../oci/canonical-json.ts';
import type { TextInput } from './environment-layer.ts';

export interface HistoryRequest {
  readonly prefix: LockedPrefix;
  /** Sorted by name. */
  readonly packages: readonly LockedConda[];
  /** What `conda-meta/history` of the base holds. */
  readonly before: string;
}

/** The environment's `conda-meta/history`, one more entry at its end. */
export function createHistorySource(request: HistoryRequest): LayerSource {
  const input: TextInput = { path: historyPath(request.prefix), text: formatHistory(request) };
  return {
    key: canonicalJson({ condaHistory: 1, ...input }),
    title: 'conda-meta/history',
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
export function formatHistory({ packages, before }: Omit<HistoryRequest, 'prefix'>): string {
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
