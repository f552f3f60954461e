import { openPackageStore, type PackageStore, type PackageStoreOptions } from '../package-store.ts';

/** The wheels on this machine, as files `<sha256>.whl`. */
export type WheelStore = PackageStore;

export type WheelStoreOptions = { readonly wheelDir: string } & Pick<PackageStoreOptions, 'http' | 'credentialsFor'>;

/** Opens a directory of wheels; it is made when the first one comes. */
export function openWheelStore({ wheelDir, ...options }: WheelStoreOptions): WheelStore {
  return openPackageStore({ kind: 'wheel', directory: wheelDir, extension: '.whl', ...options });
}
