import { join } from 'node:path';
import type { PrepareOptions } from '../layers/layer-source.ts';
import { type FetchPackageOptions, fetchPackage, type WantedPackage } from './fetch-package.ts';

/** A file of an index or a channel, and how it is known to be the right one. */
export interface WantedFile extends Pick<WantedPackage, 'url' | 'sha256' | 'sizeBytes'> {
  readonly filename: string;
}

/** The packages of one kind on this machine, as files named by their hash. */
export interface PackageStore extends Disposable {
  fileOf(wanted: Pick<WantedFile, 'sha256'>): string;
  /** Puts a package there unless it is, see `fetchPackage`; one that is being prefetched is waited for. */
  fetch(wanted: WantedFile, options: PrepareOptions): Promise<void>;
  /** Begins to fetch what will likely be asked for. What goes wrong is for `fetch` to tell. */
  prefetch(wanted: readonly WantedFile[]): void;
  /** Stops prefetching what is not among these. */
  keepOnly(wanted: readonly Pick<WantedFile, 'sha256'>[]): void;
}

export interface PackageStoreOptions extends Pick<FetchPackageOptions, 'http' | 'credentialsFor'> {
  readonly directory: string;
  /** Of the files' names: `.whl`. */
  readonly extension: string;
  /** What such a package is called: `wheel`. */
  readonly kind: string;
}

interface Prefetch {
  readonly stop: AbortController;
  /** True when the package is there. */
  readonly done: Promise<boolean>;
  receivedBytes: number;
  onBytes?: ((bytes: number) => void) | undefined;
}

/** Opens the place where such packages are kept; its directory is made when the first one comes. */
export function openPackageStore({ directory, extension, kind, ...options }: PackageStoreOptions): PackageStore {
  const fileOf = ({ sha256 }: Pick<WantedFile, 'sha256'>) => join(directory, `${sha256}${extension}`);
  const underWay = new Map<string, Prefetch>();
  const fetch = (wanted: WantedFile, more: PrepareOptions) =>
    fetchPackage({ ...wanted, title: `${kind} ${wanted.filename}` }, fileOf(wanted), { ...options, ...more });

  function begin(wanted: WantedFile): Prefetch {
    const stop = new AbortController();
    const onBytes = (bytes: number) => {
      prefetch.receivedBytes += bytes;
      prefetch.onBytes?.(bytes);
    };
    const fetched = fetch(wanted, { signal: stop.signal, onBytes });
    const done = fetched.then(
      () => true,
      () => false,
    );
    const prefetch: Prefetch = { stop, done, receivedBytes: 0 };
    void done.then(() => underWay.delete(wanted.sha256));
    return prefetch;
  }

  return {
    fileOf,
    async fetch(wanted, { signal, onBytes }) {
      const prefetch = underWay.get(wanted.sha256);
      if (prefetch !== undefined) {
        onBytes?.(prefetch.receivedBytes);
        prefetch.onBytes = onBytes;
        const stop = () => prefetch.stop.abort(signal.reason);
        signal.addEventListener('abort', stop, { once: true });
        const isThere = await prefetch.done;
        signal.removeEventListener('abort', stop);
        if (isThere) return;
        onBytes?.(-prefetch.receivedBytes);
      }
      await fetch(wanted, { signal, ...(onBytes && { onBytes }) });
    },
    prefetch(wanted) {
      for (const each of wanted) {
        if (!underWay.has(each.sha256)) underWay.set(each.sha256, begin(each));
      }
    },
    keepOnly(wanted) {
      const kept = new Set(wanted.map(({ sha256 }) => sha256));
      for (const [sha256, { stop }] of underWay) if (!kept.has(sha256)) stop.abort();
    },
    [Symbol.dispose]() {
      this.keepOnly([]);
    },
  };
}
