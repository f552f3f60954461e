import { describe, expect, it } from 'vitest';
import { everyHour } from './every-hour.ts';

describe('everyHour', () => {
  it('works at once and goes on after a failure, until it is disposed', async () => {
    const failures: unknown[] = [];
    let times = 0;
    const first = Promise.withResolvers<void>();
    const signals: AbortSignal[] = [];
    const going = everyHour(
      async (signal) => {
        times++;
        signals.push(signal);
        first.resolve();
        throw new Error('not today');
      },
      { onFailure: (error) => failures.push(error) },
    );
    await first.promise;
    await going[Symbol.asyncDispose]();
    expect(times).toBe(1);
    expect(failures).toEqual([new Error('not today')]);
    expect(signals[0]!.aborted).toBe(true);
  });

  it('waits for the work that is under way', async () => {
    const begun = Promise.withResolvers<void>();
    let isDone = false;
    const going = everyHour(
      async (signal) => {
        begun.resolve();
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => setImmediate(resolve)));
        isDone = true;
      },
      { onFailure() {} },
    );
    await begun.promise;
    await going[Symbol.asyncDispose]();
    expect(isDone).toBe(true);
  });

  it('waits an hour first when told to', async () => {
    const work = async () => expect.unreachable();
    await everyHour(work, { onFailure: () => expect.unreachable(), isAtOnce: false })[Symbol.asyncDispose]();
  });
});
