import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogPart, LogStore, LogWriterOptions } from './log-store.ts';

const job = '7d0f5ad2-55a5-4a8b-9b0e-0c6c8f7f1a11';

async function writeLog(
  store: LogStore,
  lines: readonly string[],
  { jobId = job, attempt = 1, ...options }: LogWriterOptions & { jobId?: string; attempt?: number } = {},
) {
  const writer = await store.openWriter(jobId, attempt, options);
  for (const line of lines) writer.write(line);
  return writer.end();
}

const wholeLog = async (store: LogStore, jobId = job) => text((await store.stream(jobId)).content);

/** All lines from a place on, read piece by piece. */
async function readFrom(store: LogStore, from: number, maxBytes: number): Promise<string[]> {
  const lines: string[] = [];
  for (let part: LogPart = { lines: [], from, to: from, isAtEnd: false }; !part.isAtEnd; ) {
    part = await store.read(job, { from: part.to, maxBytes });
    lines.push(...part.lines);
  }
  return lines;
}

/** What every `LogStore` must do. */
export function describeLogStore(
  name: string,
  openStore: (options?: { readonly maxJobBytes: number }) => Promise<LogStore>,
): void {
  describe(`${name} as a LogStore`, () => {
    it('forgets a log, and no other', async () => {
      const store = await openStore();
      const other = `1${job.slice(1)}`;
      for (const jobId of [job, other]) await writeLog(store, [`of ${jobId}`], { jobId });
      for (let times = 0; times < 2; times++) await store.delete(job);
      expect(await wholeLog(store)).toBe('');
      expect(await wholeLog(store, other)).toBe(`of ${other}\n`);
    });

    it('has an empty log of a job of which nothing was written', async () => {
      const store = await openStore();
      const empty = { lines: [], from: 0, to: 0, isAtEnd: true };
      expect(await store.tail(job, 10)).toEqual(empty);
      expect(await store.read(job, { from: 5 })).toEqual({ lines: [], from: 5, to: 5, isAtEnd: true });
      expect([(await store.stream(job)).sizeBytes, await wholeLog(store)]).toEqual([0, '']);
      await (await store.openWriter(job, 1)).end();
      expect(await store.tail(job, 10, { isEnded: true })).toEqual(empty);
    });

    it('gives back lines whole, from wherever and however many are asked for', async () => {
      const line = fc.string({ unit: fc.constantFrom('a', 'é', '😀', ' ', '\t'), maxLength: 12 });
      const logs = fc.array(fc.array(line, { maxLength: 12 }), { minLength: 1, maxLength: 3 });
      await fc.assert(
        fc.asyncProperty(logs, fc.nat(40), fc.integer({ min: 1, max: 50 }), async (attempts, count, maxBytes) => {
          const store = await openStore();
          for (const [index, lines] of attempts.entries()) await writeLog(store, lines, { attempt: index + 1 });
          const all = attempts.flat();
          const sizes = all.map((each) => Buffer.byteLength(each) + 1);
          const sizeBytes = sizes.reduce((sum, size) => sum + size, 0);
          expect(await readFrom(store, 0, maxBytes)).toEqual(all);
          const last = count === 0 ? [] : all.slice(-count);
          const from = sizeBytes - last.reduce((sum, each) => sum + Buffer.byteLength(each) + 1, 0);
          expect(await store.tail(job, count)).toEqual({ lines: last, from, to: sizeBytes, isAtEnd: true });
          // From within a line, the next one is the first.
          const place = Math.min(count, sizeBytes);
          const starts = sizes.map((_, index) => sizes.slice(0, index).reduce((sum, size) => sum + size, 0));
          expect(await readFrom(store, place, maxBytes)).toEqual(all.filter((_, index) => starts[index]! >= place));
          expect(await wholeLog(store)).toBe(all.map((each) => `${each}\n`).join(''));
          expect((await store.stream(job)).sizeBytes).toBe(sizeBytes);
        }),
        { numRuns: 40 },
      );
    });

    it('shows what was written before the writer ends, in order', async () => {
      const store = await openStore();
      const writer = await store.openWriter(job, 1);
      writer.write('one');
      await expect.poll(() => wholeLog(store), { interval: 10, timeout: 1000 }).toBe('one\n');
      const big = Array.from({ length: 3000 }, (_, index) => `${index} ${'x'.repeat(100)}`);
      for (const line of big) writer.write(line);
      await expect.poll(async () => (await store.tail(job, 1)).lines).toEqual([big.at(-1)]);
      writer.write('last');
      expect(await writer.end()).toEqual({ lines: 3002, droppedLines: 0 });
      expect(await readFrom(store, 0, 10_000)).toEqual(['one', ...big, 'last']);
    });

    it('tells when something was stored, as long as one wants to know', async () => {
      const store = await openStore();
      let told = 0;
      const stop = store.watch(job, () => told++);
      const writer = await store.openWriter(job, 1);
      const before = told;
      writer.write('one');
      await expect.poll(() => told).toBeGreaterThan(before);
      stop();
      const after = told;
      writer.write('two');
      await writer.end();
      expect(told).toBe(after);
    });

    it('has no more of an earlier attempt than it had when the next one began', async () => {
      const store = await openStore();
      const asleep = await store.openWriter(job, 1);
      asleep.write('one');
      await expect.poll(() => wholeLog(store)).toBe('one\n');
      const writer = await store.openWriter(job, 3);
      writer.write('three');
      asleep.write('too late');
      await Promise.all([asleep.end(), writer.end()]);
      expect(await wholeLog(store)).toBe('one\nthree\n');
      expect(await store.tail(job, 1)).toEqual({ lines: ['three'], from: 4, to: 10, isAtEnd: true });
    });

    it('does not let an attempt begin after a later one, be it its first time or not', async () => {
      const store = await openStore();
      await writeLog(store, ['one']);
      await writeLog(store, ['three'], { attempt: 3 });
      for (const attempt of [1, 2]) {
        await expect(store.openWriter(job, attempt)).rejects.toMatchObject({ code: 'conflict' });
      }
      expect(await wholeLog(store)).toBe('one\nthree\n');
    });

    it('goes on with an attempt', async () => {
      const store = await openStore();
      await writeLog(store, ['one']);
      await writeLog(store, ['two']);
      expect(await wholeLog(store)).toBe('one\ntwo\n');
    });

    it('keeps the logs of jobs apart', async () => {
      const store = await openStore();
      const other = job.replace(/1$/, '2');
      await Promise.all([writeLog(store, ['ours']), writeLog(store, ['theirs'], { jobId: other })]);
      expect([await wholeLog(store), await wholeLog(store, other)]).toEqual(['ours\n', 'theirs\n']);
    });

    it('stores no secret, no control character and no endless line', async () => {
      const store = await openStore();
      const lines = ['token hunter22', 'bell\x07 \x1b[31mred\x1b[0m', 'two\r\nlines\n', 'x'.repeat(100_000)];
      await writeLog(store, lines, { secrets: ['hunter22'] });
      const cut = `${'x'.repeat(65_536)} [line cut after 64 KiB]`;
      const expected = ['token ***', 'bell\\x07 \x1b[31mred\x1b[0m', 'two', 'lines', cut];
      expect(await readFrom(store, 0, 100)).toEqual(expected);
    });

    it('keeps so much of a job and no more', async () => {
      const store = await openStore({ maxJobBytes: 100 });
      await writeLog(store, ['x'.repeat(59)]);
      expect(await writeLog(store, ['y'.repeat(39), 'z', ''], { attempt: 2 })).toEqual({ lines: 3, droppedLines: 2 });
      const note = '[the log is full: it holds 100 bytes, and lines from here on are not kept]';
      expect((await store.tail(job, 2)).lines).toEqual(['y'.repeat(39), note]);
    });

    it('ends once, and takes nothing after', async () => {
      const store = await openStore();
      const writer = await store.openWriter(job, 1);
      writer.write('one');
      await Promise.all([writer.end(), writer.end()]);
      writer.write('two');
      await sleep(150);
      expect(await writer.end()).toEqual({ lines: 1, droppedLines: 0 });
      expect(await wholeLog(store)).toBe('one\n');
    });

    it.each(['', '..', '../../etc', 'a/b', 'a'.repeat(100)])('knows no job %j', async (jobId) => {
      const store = await openStore();
      await expect(store.tail(jobId, 1)).rejects.toMatchObject({ code: 'not-found' });
      await expect(store.openWriter(jobId, 1)).rejects.toMatchObject({ code: 'not-found' });
    });
  });
}
