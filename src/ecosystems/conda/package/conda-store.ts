import { join } from 'node:path';
import { digestOf, hexOf } from '../../../oci/digest.ts';
import { openPackageStore, type PackageStore, type PackageStoreOptions } from '../../package-store.ts';

/** The conda packages on this machine, of both formats, as files `<sha256>`. */
export interface CondaStore extends PackageStore {
  /** Where the record of a package in `conda-meta` is kept besides, by the key of its layer's source. */
  recordFileOf(key: string): string;
}

export type CondaStoreOptions = { readonly directory: string } & Pick<PackageStoreOptions, 'http' | 'credentialsFor'>;

/** Opens a directory of conda packages (`packages`) and their records (`records`); it is made when the first one comes. */
export function openCondaStore({ directory, ...options }: CondaStoreOptions): CondaStore {
  const packages = join(directory, 'packages');
  return {
    ...openPackageStore({ kind: 'conda package', directory: packages, extension: '', ...options }),
    recordFileOf: (key) => join(directory, 'records', hexOf(digestOf(key))),
  };
}
