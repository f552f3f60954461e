import type { LockedPython } from '../../../lock/lock.ts';
import { prefixVariables, withVariables } from '../../../lock/prefix-variables.ts';
import type { BaseRooms, InstalledBase } from '../../base-rooms.ts';
import type { FetchPackageOptions } from '../../fetch-package.ts';
import type { WheelStore } from '../wheel-store.ts';

/** What builds are made with. */
export interface BuildTools extends Pick<FetchPackageOptions, 'http' | 'credentialsFor'> {
  readonly rooms: BaseRooms;
  readonly wheels: WheelStore;
  readonly cacheDir: string;
}

/** Where a build takes place. */
export interface BuildPlace {
  readonly below: InstalledBase;
  readonly python: Pick<LockedPython, 'executable'>;
}

/** The image's own variables, which `pip install` in a container would see too. */
export function environmentOf({ base, conda }: InstalledBase): Readonly<Record<string, string>> {
  const variables = conda === undefined ? [] : prefixVariables(conda, base.config);
  const pairs = (withVariables(base.config, variables).config?.Env ?? []).map((pair) =>
    /^([A-Za-z_]\w*)=(.*)$/s.exec(pair),
  );
  return Object.fromEntries(pairs.flatMap((match) => (match === null ? [] : [[match[1]!, match[2]!]])));
}

export function hasApt({ rootfs }: InstalledBase): boolean {
  const path = rootfs.realPath('/usr/bin/apt-get');
  return path !== undefined && rootfs.entry(path) !== undefined;
}
