import { fork } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDiskLogStore } from './disk-log-store.ts';
import { describeLogStore } from './log-store.contract.ts';
import type { LogStore } from './log-store.ts';

const job = '7d0f5ad2-55a5-4a8b-9b0e-0c6c8f7f1a11';

let parent: string;
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'logs-'));
});
afterAll(() => rm(parent, { recursive: true, force: true }));

const freshRoot = () => mkdtemp(join(parent, 'root-'));
const fileOf = (root: string, attempt: number) => join(root, '7d', job, `${attempt}.log`);
const wholeLog = async (store: LogStore) => text((await store.stream(job)).content);

async function putFile(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

describeLogStore('disk', async (options) => openDiskLogStore(join(await freshRoot(), 'made', 'on', 'demand'), options));

describe('openDiskLogStore', () => {
  it('holds back a line that may still be written, until the job has ended', async () => {
    const root = await freshRoot();
    const store = await openDiskLogStore(root);
    await putFile(fileOf(root, 1), 'one\nhalf \u{1f600}');
    expect(await store.read(job, { from: 0 })).toEqual({ lines: ['one'], from: 0, to: 4, isAtEnd: true });
    expect(await store.tail(job, 5)).toEqual({ lines: ['one'], from: 0, to: 4, isAtEnd: true });
    expect(await store.read(job, { from: 4 })).toEqual({ lines: [], from: 4, to: 4, isAtEnd: true });
    const rest = { lines: ['half \u{1f600}'], from: 4, to: 13, isAtEnd: true };
    expect(await store.read(job, { from: 4, isEnded: true })).toEqual(rest);
    expect(await store.tail(job, 1, { isEnded: true })).toEqual(rest);
    await appendFile(fileOf(root, 1), '!\n');
    expect((await store.read(job, { from: 4 })).lines).toEqual(['half \u{1f600}!']);
  });

  it('ends the last line of an attempt that was killed, whatever its writer does later', async () => {
    const root = await freshRoot();
    const store = await openDiskLogStore(root);
    await putFile(fileOf(root, 1), 'one\nhalf');
    const writer = await store.openWriter(job, 2);
    expect((await store.read(job, { from: 4 })).lines).toEqual(['half']);
    await appendFile(fileOf(root, 1), ' of it\ntoo late\n');
    writer.write('two');
    await writer.end();
    expect(await wholeLog(store)).toBe('one\nhalf\ntwo\n');
    expect(await store.tail(job, 2)).toEqual({ lines: ['half', 'two'], from: 4, to: 13, isAtEnd: true });
    for (let from = 4; from <= 9; from++) {
      const { lines } = await store.read(job, { from, maxBytes: 2 });
      expect(lines).toEqual([from === 4 ? 'half' : 'two']);
    }
  });

  it('ends the last line of its own attempt when it goes on', async () => {
    const root = await freshRoot();
    const store = await openDiskLogStore(root);
    await putFile(fileOf(root, 1), 'half');
    const writer = await store.openWriter(job, 1);
    writer.write('more');
    await writer.end();
    expect(await wholeLog(store)).toBe('half\nmore\n');
  });

  it('seals where the one who began the attempt had no time to', async () => {
    const root = await freshRoot();
    const store = await openDiskLogStore(root);
    await putFile(fileOf(root, 2), 'two\nhalf');
    await putFile(fileOf(root, 5), '');
    expect(await wholeLog(store)).toBe('two\nhalf\n');
    await appendFile(fileOf(root, 2), 'too late\n');
    // One that was never seen cannot come before what was.
    await putFile(fileOf(root, 1), 'too late\n');
    await putFile(fileOf(root, 4), 'too late\n');
    expect(await wholeLog(await openDiskLogStore(root))).toBe('two\nhalf\n');
    expect((await readdir(join(root, '7d', job))).sort()).toEqual(
      ['1.log', '2.earlier.json', '2.log', '4.log', '5.earlier.json', '5.log'].sort(),
    );
  });

  it('never changes what was read, while old writers go on and new attempts begin', async () => {
    const root = await freshRoot();
    let hasEnded = false;
    const readAll = async () => {
      const store = await openDiskLogStore(root);
      const seen: string[] = [];
      for (let from = 0; ; ) {
        const isLast = hasEnded;
        const part = await store.read(job, { from });
        seen.push(...part.lines.map((line) => `${line}\n`));
        from = part.to;
        if (isLast && part.lines.length === 0) return seen.join('');
      }
    };
    const haunt = async (attempt: number) => {
      for (let line = 0; !hasEnded && line < 300; line++) {
        await appendFile(fileOf(root, attempt), line % 3 === 0 ? 'half ' : `line ${line} of ${attempt}\n`);
      }
    };
    const readers = Array.from({ length: 6 }, readAll);
    const store = await openDiskLogStore(root);
    const ghosts: Promise<void>[] = [];
    for (let attempt = 1; attempt <= 40; attempt++) {
      const writer = await store.openWriter(job, attempt);
      writer.write(`${attempt} begins`);
      await writer.end();
      ghosts.push(haunt(attempt));
      await sleep(5);
    }
    const last = await store.openWriter(job, 41);
    await Promise.all(ghosts);
    last.write('41 begins');
    await last.end();
    hasEnded = true;
    const whole = await wholeLog(store);
    expect(whole.match(/begins$/gm)).toHaveLength(41);
    for (const seen of await Promise.all(readers)) expect(seen === whole).toBe(true);
  });

  it('loses no line that it has shown when its process is killed', async () => {
    const root = await freshRoot();
    const store = await openDiskLogStore(root);
    const program = join(root, 'write.ts');
    const module = join(import.meta.dirname, 'disk-log-store.ts');
    await writeFile(
      program,
      `import { openDiskLogStore } from ${JSON.stringify(module)};
       const writer = await (await openDiskLogStore(${JSON.stringify(root)})).openWriter('${job}', 1);
       for (let line = 0; ; line++) {
         writer.write('line ' + line);
         if (line % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
       }`,
    );
    const child = fork(program, { stdio: 'ignore' });
    await expect.poll(async () => (await store.tail(job, 1)).lines.length, { timeout: 10_000 }).toBe(1);
    const shown = await store.tail(job, 10_000);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const writer = await store.openWriter(job, 2);
    writer.write('taken over');
    await writer.end();
    const lines = (await wholeLog(store)).trimEnd().split('\n');
    expect(lines.at(-1)).toBe('taken over');
    expect(lines.slice(0, -1).every((line, index) => `line ${index}`.startsWith(line))).toBe(true);
    expect(lines).toContain(shown.lines.at(-1));
  });

  it('finds the end of a large log as quickly as that of a small one', async () => {
    const root = await freshRoot();
    const store = await openDiskLogStore(root);
    await putFile(fileOf(root, 1), 'x'.repeat(99).concat('\n').repeat(600_000));
    const { lines, from, to } = await store.tail(job, 2000);
    expect([lines.length, to - from, to]).toEqual([2000, 200_000, 60_000_000]);
    // More is not given, however long lines are.
    const huge = await store.tail(job, 20_000_000);
    expect(huge.lines.length).toBe(10_000);
  });

  it('counts lines from the end however they lie in what is read at a time', async () => {
    const root = await freshRoot();
    const store = await openDiskLogStore(root);
    await putFile(fileOf(root, 1), `${'x'.repeat(299)}\n`.repeat(3000));
    for (const around of [874, 1748, 2622]) {
      for (let count = around - 4; count < around + 4; count++) {
        const { lines, from } = await store.tail(job, count);
        expect([lines.length, from]).toEqual([count, (3000 - count) * 300]);
      }
    }
  });

  it('says that the disk is full', async () => {
    const root = await freshRoot();
    const store = await openDiskLogStore(join(root, 'logs'));
    await mkdir(dirname(fileOf(join(root, 'logs'), 1)), { recursive: true });
    await symlink('/dev/full', fileOf(join(root, 'logs'), 1));
    const opened = store.openWriter(job, 1).then(async (writer) => {
      writer.write('one');
      return writer.end();
    });
    await expect(opened).rejects.toMatchObject({ code: 'disk-full', hint: expect.any(String) });
  });
});
