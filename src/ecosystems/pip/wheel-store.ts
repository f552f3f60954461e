import { join } from 'node:path';
import type { PrepareOptions } from '../../layers/layer-source.ts';
import type { FetchPackageOptions } from '../fetch-package.ts';
import { fetchWheel, type WantedWheel } from './fetch-wheel.ts';

/** The wheels on this machine, as files `<sha256>.whl`. */
export interface WheelStore extends Disposable {
  fileOf(wheel: Pick<WantedWheel, 'sha256'>): string;
  /** Puts a wheel there unless it is, see `fetchWheel`; one that is being prefetched is waited for. */
  fetch(wheel: WantedWheel, options: PrepareOptions): Promise<void>;
  /** Begins to fetch what will likely be asked for. What goes wrong is for `fetch` to tell. */
  prefetch(wheels: readonly WantedWheel[]): void;
  /** Stops prefetching what is not among these. */
  keepOnly(wheels: readonly Pick<WantedWheel, 'sha256'>[]): void;
}

export type WheelStoreOptions = { readonly wheelDir: string } & Pick<FetchPackageOptions, 'http' | 'credentialsFor'>;

interface Prefetch {
  readonly stop: AbortController;
  /** True when the wheel is there. */
  readonly done: Promise<boolean>;
  receivedBytes: number;
  onBytes?: ((bytes: number) => void) | undefined;
}

/** Opens a directory of wheels; it is made when the first one comes. */
export function openWheelStore({ wheelDir, ...options }: WheelStoreOptions): WheelStore {
  const underWay = new Map<string, Prefetch>();
  const fileOf = ({ sha256 }: Pick<WantedWheel, 'sha256'>) => join(wheelDir, `${sha256}.whl`);

  function begin(wheel: WantedWheel): Prefetch {
    const stop = new AbortController();
    const onBytes = (bytes: number) => {
      prefetch.receivedBytes += bytes;
      prefetch.onBytes?.(bytes);
    };
    const fetched = fetchWheel(wheel, fileOf(wheel), { ...options, signal: stop.signal, onBytes });
    const done = fetched.then(
      () => true,
      () => false,
    );
    const prefetch: Prefetch = { stop, done, receivedBytes: 0 };
    void done.then(() => underWay.delete(wheel.sha256));
    return prefetch;
  }

  return {
    fileOf,
    async fetch(wheel, { signal, onBytes }) {
      const prefetch = underWay.get(wheel.sha256);
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
      await fetchWheel(wheel, fileOf(wheel), { ...options, signal, ...(onBytes && { onBytes }) });
    },
    prefetch(wheels) {
      for (const wheel of wheels) {
        if (!underWay.has(wheel.sha256)) underWay.set(wheel.sha256, begin(wheel));
      }
    },
    keepOnly(wheels) {
      const kept = new Set(wheels.map(({ sha256 }) => sha256));
      for (const [sha256, { stop }] of underWay) if (!kept.has(sha256)) stop.abort();
    },
    [Symbol.dispose]() {
      this.keepOnly([]);
    },
  };
}
