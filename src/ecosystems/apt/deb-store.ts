import { randomUUID } from 'node:crypto';
import { copyFile, link, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { PrepareOptions } from '../../layers/layer-source.ts';
import type { LockedDeb } from '../../lock/lock.ts';
import { runLimited } from '../../threads/run-limited.ts';
import { type FetchPackageOptions, fetchPackage } from '../fetch-package.ts';

/** The Debian packages on this machine, as files `<sha256>.deb`. */
export interface DebStore {
  /** Fetches what is not there, verified by size and hash, and shows exactly these packages in a directory until it is disposed. */
  show(debs: readonly LockedDeb[], options: PrepareOptions): Promise<ShownDebs>;
}

export interface ShownDebs extends AsyncDisposable {
  readonly directory: string;
  /** In the order of the packages: `jq_1.6-2_amd64.deb`. */
  readonly names: readonly string[];
}

const downloadsAtOnce = 6;

export function openDebStore(
  cacheDir: string,
  fetching: Pick<FetchPackageOptions, 'http' | 'credentialsFor'>,
): DebStore {
  const store = join(cacheDir, 'debs');
  const fileOf = ({ sha256 }: LockedDeb) => join(store, `${sha256}.deb`);

  async function fetchAll(debs: readonly LockedDeb[], { signal, ...options }: PrepareOptions): Promise<void> {
    await runLimited(debs, { limit: downloadsAtOnce, signal }, async (deb, signal) => {
      const title = `package ${deb.name} ${deb.version}`;
      await fetchPackage({ ...deb, title, plainHttp: true }, fileOf(deb), { ...options, ...fetching, signal });
    });
  }

  return {
    async show(debs, options) {
      await fetchAll(debs, options);
      const directory = join(cacheDir, 'tmp', `debs-${randomUUID()}`);
      await mkdir(directory, { recursive: true });
      const names = debs.map(nameOf);
      for (const [index, deb] of debs.entries()) await linkOrCopy(fileOf(deb), join(directory, names[index]!));
      return { directory, names, [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) };
    },
  };
}

/** As apt names what it downloads: an epoch's colon is escaped. */
function nameOf({ name, version, architecture }: LockedDeb): string {
  return `${name}_${version.replaceAll(':', '%3a')}_${architecture}.deb`;
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!['EXDEV', 'EPERM', 'EMLINK'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await copyFile(from, to);
  }
}
