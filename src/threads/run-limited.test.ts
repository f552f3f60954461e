import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { runLimited } from './run-limited.ts';

const never = new AbortController().signal;

describe('runLimited', () => {
  it('gives results in order and never runs more than the limit', async () => {
    let running = 0;
    let most = 0;
    const results = await runLimited([5, 1, 3, 2, 4], { limit: 2, signal: never }, async (item) => {
      most = Math.max(most, ++running);
      await sleep(item);
      running -= 1;
      return item * 10;
    });
    expect(results).toEqual([50, 10, 30, 20, 40]);
    expect(most).toBe(2);
  });

  it('throws the first failure, after telling the others to stop and waiting for them', async () => {
    const stopped: number[] = [];
    const running = runLimited([0, 1, 2], { limit: 2, signal: never }, async (item, signal) => {
      if (item === 0) throw new Error('first');
      await sleep(10_000, undefined, { signal }).catch(() => stopped.push(item));
      throw new Error('second');
    });
    await expect(running).rejects.toThrow('first');
    expect(stopped).toEqual([1]);
  });

  it('starts nothing more once the caller has given up', async () => {
    const controller = new AbortController();
    const started: number[] = [];
    const running = runLimited([0, 1, 2], { limit: 1, signal: controller.signal }, async (item) => {
      started.push(item);
      controller.abort(new Error('given up'));
    });
    await expect(running).rejects.toThrow('given up');
    expect(started).toEqual([0]);
  });
});
