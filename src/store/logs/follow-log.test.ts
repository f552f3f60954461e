import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDiskLogStore } from './disk-log-store.ts';
import { type FollowOptions, followLog, type LogChunk, type LogEnding } from './follow-log.ts';
import type { LogStore } from './log-store.ts';

const job = '7d0f5ad2-55a5-4a8b-9b0e-0c6c8f7f1a11';

let parent: string;
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'follow-'));
});
afterAll(() => rm(parent, { recursive: true, force: true }));

const freshRoot = () => mkdtemp(join(parent, 'root-'));

async function linesOf(chunks: AsyncIterable<LogChunk>): Promise<string[]> {
  const lines: string[] = [];
  for await (const chunk of chunks) lines.push(...chunk.lines);
  return lines;
}

/** Counts what reaches the store. */
function counting(store: LogStore) {
  const counts = { reads: 0, watchers: 0 };
  const counted: LogStore = {
    ...store,
    read(jobId, range) {
      counts.reads++;
      return store.read(jobId, range);
    },
    watch(jobId, onChange) {
      counts.watchers++;
      const stop = store.watch(jobId, onChange);
      return () => {
        counts.watchers--;
        stop();
      };
    },
  };
  return { store: counted, counts };
}

describe('followLog', () => {
  it('gives lines as they come, from wherever it begins, and ends with the job', async () => {
    const { store, counts } = counting(await openDiskLogStore(await freshRoot()));
    const writer = await store.openWriter(job, 1);
    writer.write('one');
    let hasEnded = false;
    const follow = (from: number) => linesOf(followLog(store, job, { from, isEnded: () => hasEnded }));
    const followers = [follow(0), follow(4), follow(8), follow(2)];
    for (const line of ['two', 'three', 'four']) {
      await sleep(130);
      writer.write(line);
    }
    await writer.end();
    hasEnded = true;
    expect(await Promise.all(followers)).toEqual([
      ['one', 'two', 'three', 'four'],
      ['two', 'three', 'four'],
      ['three', 'four'],
      ['two', 'three', 'four'],
    ]);
    expect(counts.watchers).toBe(0);
  });

  it('gives at once all of a job that ended before', async () => {
    const store = await openDiskLogStore(await freshRoot());
    const writer = await store.openWriter(job, 1);
    const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index} ${'x'.repeat(50)}`);
    for (const line of lines) writer.write(line);
    await writer.end();
    let asked = 0;
    const isEnded = () => ++asked > 0;
    expect(await linesOf(followLog(store, job, { isEnded }))).toEqual(lines);
    expect(asked).toBe(1);
  });

  it('tells where to go on', async () => {
    const store = await openDiskLogStore(await freshRoot());
    const writer = await store.openWriter(job, 1);
    for (let line = 0; line < 20_000; line++) writer.write(`line ${line} ${'é'.repeat(20)}`);
    await writer.end();
    const seen: string[] = [];
    for (let from = 0, lines = ['']; lines.length > 0; ) {
      lines = [];
      // Whoever follows leaves after every chunk.
      for await (const chunk of followLog(store, job, { from, isEnded: () => true })) {
        lines = [...chunk.lines];
        from = chunk.offset;
        break;
      }
      seen.push(...lines);
    }
    expect(seen.map((line) => line.split(' ')[1])).toEqual(Array.from({ length: 20_000 }, (_, line) => String(line)));
  });

  it('sees what other processes write', async () => {
    const root = await freshRoot();
    const [here, there] = [await openDiskLogStore(root), await openDiskLogStore(root)];
    const writer = await there.openWriter(job, 1);
    let hasEnded = false;
    const following = linesOf(followLog(here, job, { isEnded: async () => hasEnded }));
    writer.write('one');
    await sleep(700);
    // A line that was begun when its writer was killed.
    await appendFile(join(root, '7d', job, '1.log'), 'half');
    await sleep(700);
    const next = await there.openWriter(job, 2);
    next.write('two');
    await next.end();
    hasEnded = true;
    expect(await following).toEqual(['one', 'half', 'two']);
    await writer.end();
  });

  it('waits for the last words of a job that ends', async () => {
    const store = await openDiskLogStore(await freshRoot());
    const writer = await store.openWriter(job, 1);
    let asked = 0;
    let spoken: Promise<unknown> | undefined;
    const isEnded = () => {
      if (asked++ < 2) return false;
      spoken ??= sleep(150).then(() => {
        writer.write('cancelled');
        return writer.end();
      });
      return true;
    };
    writer.write('at work');
    expect(await linesOf(followLog(store, job, { isEnded }))).toEqual(['at work', 'cancelled']);
    await spoken;
  });

  it('ends as soon as it hears that a job and its log are whole', async () => {
    const store = await openDiskLogStore(await freshRoot());
    const writer = await store.openWriter(job, 1);
    let ending: LogEnding = false;
    const tells = new Set<() => void>();
    const watchEnd = (tell: () => void) => {
      tells.add(tell);
      return () => tells.delete(tell);
    };
    const following = linesOf(followLog(store, job, { isEnded: () => ending, watchEnd }));
    writer.write('one');
    await sleep(150);
    await writer.end();
    ending = 'whole';
    const toldAt = performance.now();
    for (const tell of tells) tell();
    expect(await following).toEqual(['one']);
    expect(performance.now() - toldAt).toBeLessThan(400);
    expect(tells.size).toBe(0);
  });

  it('ends when it is told to, and when nobody listens any more', async () => {
    const { store, counts } = counting(await openDiskLogStore(await freshRoot()));
    const stop = new AbortController();
    const options: FollowOptions = { isEnded: () => false, signal: stop.signal };
    const following = linesOf(followLog(store, job, options));
    const unheard = followLog(store, job, { isEnded: () => false });
    const writer = await store.openWriter(job, 1);
    writer.write('one');
    expect((await unheard.next()).value).toEqual({ offset: 4, lines: ['one'] });
    await unheard.return();
    expect(counts.watchers).toBe(1);
    stop.abort();
    expect(await following).toEqual(['one']);
    expect(counts.watchers).toBe(0);
    expect(await linesOf(followLog(store, job, options))).toEqual([]);
    await writer.end();
  });

  it('asks and reads once for all who follow', async () => {
    const { store, counts } = counting(await openDiskLogStore(await freshRoot()));
    const writer = await store.openWriter(job, 1);
    let asked = 0;
    let hasEnded = false;
    const isEnded = () => {
      asked++;
      return hasEnded;
    };
    const followers = Array.from({ length: 200 }, () => linesOf(followLog(store, job, { isEnded })));
    for (let line = 0; line < 10; line++) {
      writer.write(`line ${line}`);
      await sleep(50);
    }
    await writer.end();
    hasEnded = true;
    const expected = Array.from({ length: 10 }, (_, line) => `line ${line}`);
    expect(await Promise.all(followers)).toEqual(followers.map(() => expected));
    expect(counts.reads).toBeLessThan(60);
    expect(asked).toBeLessThan(30);
  });

  it('fails when it cannot know whether the job has ended', async () => {
    const { store, counts } = counting(await openDiskLogStore(await freshRoot()));
    const isEnded = () => Promise.reject(new Error('no database'));
    await expect(linesOf(followLog(store, job, { isEnded }))).rejects.toThrow('no database');
    expect(counts.watchers).toBe(0);
  });
});
