import { BuilderError } from '../errors.ts';
import { say } from '../sentence.ts';

/** Lets one at a time do what has the same key. */
export interface Turns {
  /** Runs `work` when all who asked before with that key are done, whatever came of them. Throws `cancelled` while it waits. */
  take<T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>();
  return {
    async take(key, signal, work) {
      const before = last.get(key);
      const { promise: done, resolve: finish } = Promise.withResolvers<void>();
      const mine = Promise.all([before, done]);
      last.set(key, mine);
      try {
        if (before !== undefined) await orCancelled(before, signal);
        return await work();
      } finally {
        finish();
        if (last.get(key) === mine) last.delete(key);
      }
    },
  };
}

async function orCancelled(waitedFor: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const cancel = () => reject(new BuilderError('cancelled', say`The build was cancelled`, { cause: signal.reason }));
  if (signal.aborted) cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    await Promise.race([waitedFor, promise]);
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}
