import { setTimeout as sleep } from 'node:timers/promises';
import { pruneCache } from '../build/prune-cache.ts';

export interface PruningOptions {
  readonly cacheDir: string;
  readonly maxBytes: number;
  readonly onBug: (error: unknown) => void;
}

const everyMs = 60 * 60_000;

/** Keeps the cache within its bound, from now on and every hour, until it is disposed. */
export function startPruningCache({ cacheDir, maxBytes, onBug }: PruningOptions): AsyncDisposable {
  const stop = new AbortController();
  const isTime = () => sleep(everyMs, true, { signal: stop.signal, ref: false }).catch(() => false);
  const work = async () => {
    do await pruneCache(cacheDir, { maxBytes, signal: stop.signal }).catch(onBug);
    while (await isTime());
  };
  const working = work();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await working;
    },
  };
}
