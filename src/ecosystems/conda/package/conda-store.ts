import { openPackageStore, type PackageStore, type PackageStoreOptions } from '../../package-store.ts';

/** The conda packages on this machine, of both formats, as files `<sha256>`. */
export type CondaStore = PackageStore;

export type CondaStoreOptions = { readonly packageDir: string } & Pick<PackageStoreOptions, 'http' | 'credentialsFor'>;

/** Opens a directory of conda packages; it is made when the first one comes. */
export function openCondaStore({ packageDir, ...options }: CondaStoreOptions): CondaStore {
  return openPackageStore({ kind: 'conda package', directory: packageDir, extension: '', ...options });
}
