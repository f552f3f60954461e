/** Work that nobody waits for, one of each kind at a time. What failed is not tried again for a while; the end of the process ends it. */
export interface BackgroundWork extends AsyncDisposable {
  /** Begins, unless that is under way or has failed a moment ago. Says whether it is under way. */
  start(key: string, work: (signal: AbortSignal) => Promise<void>): boolean;
}

export interface BackgroundWorkOptions {
  /** Told of what nobody will see otherwise. */
  readonly onFailure: (key: string, error: unknown) => void;
  /** How long what failed is left alone, a minute unless told. */
  readonly restMs?: number;
}

const longestMs = 10 * 60_000;
/** More would be in the way of builds. */
const mostAtOnce = 4;

export function createBackgroundWork({ onFailure, restMs = 60_000 }: BackgroundWorkOptions): BackgroundWork {
  const closing = new AbortController();
  const running = new Map<string, Promise<void>>();
  const failedAtMs = new Map<string, number>();

  async function run(key: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    try {
      await work(AbortSignal.any([closing.signal, AbortSignal.timeout(longestMs)]));
      failedAtMs.delete(key);
    } catch (error) {
      failedAtMs.set(key, Date.now());
      if (!closing.signal.aborted) onFailure(key, error);
    } finally {
      running.delete(key);
    }
  }
  return {
    start(key, work) {
      for (const [each, at] of failedAtMs) if (Date.now() - at >= restMs) failedAtMs.delete(each);
      if (running.has(key)) return true;
      if (closing.signal.aborted || failedAtMs.has(key)) return false;
      if (running.size < mostAtOnce) running.set(key, run(key, work));
      return true;
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      await Promise.all(running.values());
    },
  };
}
