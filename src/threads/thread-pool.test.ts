import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ListedJob } from './testdata/listed-job.ts';
import { createThreadPool, type ThreadJob, type ThreadPool } from './thread-pool.ts';

const module = new URL('./testdata/listed-job.ts', import.meta.url).href;

let threads: ThreadPool;
beforeEach(() => {
  threads = createThreadPool(2);
});
afterEach(() => threads[Symbol.asyncDispose]());

/** Gives the number of the thread. */
function run(behaviour: ListedJob['behaviour'], more: Partial<ThreadJob<string, string>> = {}): Promise<number> {
  const { signal } = new AbortController();
  return threads.run({ module, input: { behaviour } satisfies ListedJob, weight: 1, signal, ...more });
}

describe('threads', () => {
  it('do what comes one after another', async () => {
    const first = await run('answer');
    expect(await run('answer')).toBe(first);
  });

  it('are no more than a few small jobs are worth, and no more than allowed', async () => {
    const used = async (count: number, weight: number) =>
      new Set(await Promise.all(Array.from({ length: count }, () => run('answer', { weight })))).size;
    expect(await used(4, 10_000)).toBe(1);
    expect(await used(4, 10_000_000)).toBe(2);
  });

  it('begin with the largest, and of equal ones with those that came first', async () => {
    await using one = createThreadPool(1);
    const begun: string[] = [];
    const { signal } = new AbortController();
    const answer = (name: string, weight: number) =>
      one.run<number, string, string>({
        ...{ module, input: { behaviour: 'answer' } satisfies ListedJob, weight, signal },
        converse() {
          begun.push(name);
          return () => {};
        },
      });
    await Promise.all([answer('first', 1), answer('a', 1), answer('b', 1), answer('large', 2), answer('c', 1)]);
    expect(begun).toEqual(['first', 'large', 'a', 'b', 'c']);
  });

  it('hear and say while they work', async () => {
    const said: string[] = [];
    await run('echo', {
      converse(tell) {
        tell('one');
        return (message) => {
          said.push(message);
          tell('two');
        };
      },
    });
    expect(said).toEqual(['one!', 'two!']);
  });

  it('do not hand what one job was told to the next', async () => {
    const tooMuch = (tell: (message: string) => void) => {
      for (const message of ['one', 'two', 'left over']) tell(message);
      return () => {};
    };
    await run('echo', { converse: tooMuch });
    const said: string[] = [];
    const converse = (tell: (message: string) => void) => {
      tell('three');
      tell('four');
      return (message: string) => void said.push(message);
    };
    await run('echo', { converse });
    expect(said).toEqual(['three!', 'four!']);
  });

  it('hand on errors with code and hint, and go on', async () => {
    await expect(run('refuse')).rejects.toMatchObject({ code: 'package-corrupt', hint: 'Take another.' });
    await expect(run('answer')).resolves.toEqual(expect.any(Number));
  });

  it("end with a failure that is nobody's refusal: what it leaves in them is not known", async () => {
    const first = await run('answer');
    await expect(run('break')).rejects.toThrow('unreachable');
    expect(await run('answer')).not.toBe(first);
  });

  it('end when nothing was wanted of them for a while', async () => {
    await using short = createThreadPool(1, { idleMs: 20 });
    const { signal } = new AbortController();
    const answer = () => short.run<number, never, never>({ module, input: { behaviour: 'answer' }, weight: 1, signal });
    short.warm([module]);
    const first = await answer();
    await sleep(300);
    // No other was started meanwhile.
    expect(await answer()).toBe(first + 1);
  });

  it('are replaced when they die', async () => {
    await expect(run('exit')).rejects.toThrow('ended with 7 in the middle of its work');
    await expect(run('answer')).resolves.toEqual(expect.any(Number));
  });

  it('end with what is thrown on the way, or with the signal', async () => {
    const converse = (tell: (message: string) => void) => {
      tell('one');
      return () => {
        throw new Error('not what we thought');
      };
    };
    await expect(run('echo', { converse })).rejects.toThrow('not what we thought');
    const controller = new AbortController();
    const waiting = run('echo', { signal: controller.signal });
    setImmediate(() => controller.abort());
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    await expect(run('answer', { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' });
    await expect(run('answer')).resolves.toEqual(expect.any(Number));
  });
});
