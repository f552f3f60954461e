import { setTimeout as sleep } from 'node:timers/promises';

export interface EveryHourOptions {
  /** Told what the work threw; it is done again all the same. */
  readonly onFailure: (error: unknown) => void;
  /** False: for the first time in an hour. */
  readonly isAtOnce?: boolean;
}

const hourMs = 60 * 60_000;

/** Does the work now and every hour until it is disposed; work that is under way then sees the signal, and is awaited. */
export function everyHour(
  work: (signal: AbortSignal) => Promise<unknown>,
  { onFailure, isAtOnce = true }: EveryHourOptions,
): AsyncDisposable {
  const stop = new AbortController();
  const { signal } = stop;
  const hour = () => sleep(hourMs, undefined, { signal, ref: false }).catch(() => {});
  const go = async () => {
    if (!isAtOnce) await hour();
    for (; !signal.aborted; await hour()) await work(signal).catch(onFailure);
  };
  const going = go();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await going;
    },
  };
}
