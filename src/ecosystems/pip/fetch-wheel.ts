import type { LockedWheel } from '../../lock/lock.ts';
import { type FetchPackageOptions, fetchPackage } from '../fetch-package.ts';

/** A file to fetch, and how it is known to be the right one. */
export type WantedWheel = Pick<LockedWheel, 'filename' | 'url' | 'sha256' | 'sizeBytes'>;

/** Puts a wheel into the file unless it is there, see `fetchPackage`. */
export function fetchWheel(wheel: WantedWheel, file: string, options: FetchPackageOptions): Promise<void> {
  return fetchPackage({ ...wheel, title: `wheel ${wheel.filename}` }, file, options);
}
