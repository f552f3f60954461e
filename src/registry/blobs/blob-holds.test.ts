import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../oci/digest.ts';
import { createBlobHolds } from './blob-holds.ts';

const [digest, other] = [digestOf('a'), digestOf('b')];

describe('createBlobHolds', () => {
  it('collects nothing that is held, by however many', async () => {
    const holds = createBlobHolds();
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const held = [holds.hold(digest, () => first.promise), holds.hold(digest, () => second.promise)];
    const collect = (which = digest) => holds.collect(which, async () => 'done');
    expect(await collect()).toBeUndefined();
    expect(await collect(other)).toBe('done');
    first.resolve();
    await held[0];
    expect(await collect()).toBeUndefined();
    second.resolve();
    await held[1];
    expect(await collect()).toBe('done');
  });

  it('lets nobody hold what is being collected', async () => {
    const holds = createBlobHolds();
    const removal = Promise.withResolvers<void>();
    const order: string[] = [];
    const collected = holds.collect(digest, () => removal.promise.then(() => order.push('removed')));
    const held = holds.hold(digest, async () => order.push('held'));
    await turn();
    expect(order).toEqual([]);
    removal.resolve();
    await Promise.all([collected, held]);
    expect(order).toEqual(['removed', 'held']);
  });

  it('lets go when the work fails', async () => {
    const holds = createBlobHolds();
    const failing = () => Promise.reject(new Error('no'));
    await expect(holds.hold(digest, failing)).rejects.toThrow('no');
    await expect(holds.collect(digest, failing)).rejects.toThrow('no');
    expect(await holds.collect(digest, async () => 'done')).toBe('done');
  });
});
