import { extname } from 'node:path';
import type { LayerSource } from '../../../layers/layer-source.ts';
import type { LockedConda, LockedPrefix } from '../../../lock/lock.ts';
import { canonicalJson } from '../../../oci/canonical-json.ts';
import type { CondaInput } from './conda-layer.ts';
import type { CondaStore } from './conda-store.ts';
import type { EnvironmentPython } from './target-path.ts';

/** What opens a conda package in a worker thread. */
export const condaLayerModule = new URL(`./conda-layer${extname(import.meta.url)}`, import.meta.url).href;

/** Raised whenever a package would be laid down otherwise than before. */
const condaLayoutVersion = 1;

/** The source of a layer of a conda package. */
export interface CondaSource extends LayerSource {
  /** Where the package's record is kept besides, once the layer is made: see `recordPath`. */
  readonly recordFile: string;
}

/** What a locked conda package puts into an image with that environment. */
export function createCondaSource(locked: LockedConda, prefix: LockedPrefix, store: CondaStore): CondaSource {
  // Who asked for it is not of the package: the same layer is right for all environments there.
  const { ecosystem: _, requestedBy: __, requiredBy: ___, replaces: ____, ...pkg } = locked;
  const python = locked.noarch === 'python' ? environmentPython(prefix) : undefined;
  const described = { prefix: prefix.path, ...(python !== undefined && { python: { ...python } }), pkg };
  const key = canonicalJson({ conda: condaLayoutVersion, ...described });
  const recordFile = store.recordFileOf(key);
  const input: CondaInput = { ...described, file: store.fileOf(locked), recordFile };
  return {
    key,
    recordFile,
    title: `${locked.name} ${locked.version}`,
    module: condaLayerModule,
    input,
    downloadBytes: locked.sizeBytes,
    prepare: (options) => store.fetch(locked, options),
  };
}

/** The Python that noarch packages of an environment are for; nothing in them depends on its patch release. */
export function environmentPython({ python, sitePackages }: LockedPrefix): EnvironmentPython | undefined {
  if (python === undefined) return undefined;
  const version = python.split('.').slice(0, 2).join('.');
  return { version, sitePackages: sitePackages ?? `lib/python${version}/site-packages` };
}
