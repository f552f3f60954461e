import { setTimeout as sleep } from 'node:timers/promises';
import { isBuilderError } from '../errors.ts';
import type { EmbeddedRegistry } from './open-registry.ts';

export interface CollectingOptions {
  readonly registry: Pick<EmbeddedRegistry, 'collect'>;
  readonly log: (line: string) => void;
  readonly onBug: (error: unknown) => void;
}

const everyMs = 60 * 60_000;

/** Collects the garbage of the registry every hour until it is disposed. */
export function startCollecting({ registry, log, onBug }: CollectingOptions): AsyncDisposable {
  const stop = new AbortController();
  const isTime = () => sleep(everyMs, true, { signal: stop.signal, ref: false }).catch(() => false);
  const tell = (error: unknown) =>
    isBuilderError(error) ? log(`collecting garbage: ${error.message}. ${error.hint ?? ''}`) : onBug(error);
  const work = async () => {
    while (await isTime()) await registry.collect({ isDryRun: false }).catch(tell);
  };
  const working = work();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await working;
    },
  };
}
