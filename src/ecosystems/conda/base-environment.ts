import { environmentVariable, type ImageConfig } from '../../oci/image-config.ts';
import { joinPath, parentOf } from '../../rootfs/paths.ts';
import type { Rootfs } from '../../rootfs/rootfs.ts';
import { defaultPath } from '../../rootfs/search-path.ts';
import { parseMatchSpec, solverSpec } from './match-spec.ts';
import { readRecord, stemOf } from './repodata/record.ts';
import type { InstalledRecord } from './solve/solve-task.ts';

/** The conda environment of a base, or the one that is to be made. */
export interface BaseEnvironment {
  /** `/opt/conda` */
  readonly path: string;
  readonly isNew: boolean;
  readonly installed: readonly InstalledPackage[];
  /** What whoever made the base wants to hold always, `conda-meta/pinned`; in the solver's spelling. */
  readonly pinned: readonly string[];
}

/** A package of the base's environment. */
export interface InstalledPackage extends InstalledRecord {
  /** `/opt/conda/conda-meta/numpy-1.26.4-py312heda63a1_0.json` */
  readonly recordPath: string;
  /** Where it came from, without credentials, where the record says. */
  readonly url?: string;
}

/** Where packages go when the base has no environment. */
const newPrefix = '/opt/conda';

/** The environment whose programs the image's PATH starts, else one that its variables name; else a new one. */
export function findBaseEnvironment(rootfs: Rootfs, config: ImageConfig): BaseEnvironment {
  const onPath = (environmentVariable(config, 'PATH') ?? defaultPath)
    .split(':')
    .filter((directory) => /^\/.*[^/]\/bin\/*$/.test(directory))
    .map((directory) => parentOf(directory.replace(/\/+$/, '')));
  const named = ['CONDA_PREFIX', 'CONDA_DIR', 'MAMBA_ROOT_PREFIX'].flatMap(
    (variable) => environmentVariable(config, variable)?.replace(/\/+$/, '') ?? [],
  );
  const path = [...onPath, ...named, newPrefix].find((prefix) => isEnvironment(rootfs, prefix));
  if (path === undefined) return { path: newPrefix, isNew: true, installed: [], pinned: [] };
  return { path, isNew: false, installed: readInstalled(rootfs, path), pinned: readPinned(rootfs, path) };
}

function isEnvironment(rootfs: Rootfs, prefix: string): boolean {
  return (
    prefix.startsWith('/') && rootfs.list(joinPath(prefix, 'conda-meta')).some((name) => /\.json$|^history$/.test(name))
  );
}

function readInstalled(rootfs: Rootfs, prefix: string): readonly InstalledPackage[] {
  const directory = joinPath(prefix, 'conda-meta');
  return rootfs.list(directory).flatMap((name): InstalledPackage[] => {
    if (!name.endsWith('.json')) return [];
    const recordPath = joinPath(directory, name);
    const value = parseJson(rootfs.read(recordPath));
    // What conda itself needs not write there: the name of the record says the same.
    const filename =
      typeof value.fn === 'string' && stemOf(value.fn) !== undefined ? value.fn : `${name.slice(0, -5)}.conda`;
    const record = readRecord(filename, value);
    if (record === undefined) return [];
    const subdir = typeof value.subdir === 'string' ? value.subdir : 'noarch';
    return [{ filename, subdir, record, recordPath, ...(typeof value.url === 'string' && { url: value.url }) }];
  });
}

function readPinned(rootfs: Rootfs, prefix: string): readonly string[] {
  const text = rootfs.read(joinPath(prefix, 'conda-meta/pinned'))?.toString('utf8') ?? '';
  return text.split(/\r?\n/).flatMap((line) => {
    const bare = line.replace(/#.*/, '').trim();
    if (bare === '') return [];
    const answer = parseMatchSpec(bare);
    return 'spec' in answer ? [solverSpec(answer.spec)] : [];
  });
}

function parseJson(content: Buffer | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(content?.toString('utf8') ?? '');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
