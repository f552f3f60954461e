import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { answerLogEvents } from '../src/server/job-log-stream.ts';
import { openDiskLogStore } from '../src/store/logs/disk-log-store.ts';
import { followLog } from '../src/store/logs/follow-log.ts';
import type { LogStore } from '../src/store/logs/log-store.ts';
import { makeLog } from '../test/make-log.ts';
import { formatTable, keepTables } from './kept-table.ts';

/** How long the end of a large log takes, and what it costs when many follow one job. */

const logBytes = 1_000_000_000;
const tailCalls = 200;
const followers = 200;
const linesPerSecond = 1000;
const seconds = 5;

const directory = await mkdtemp(join(tmpdir(), 'imagewright-bench-'));
try {
  const store = await openDiskLogStore(directory);
  const tails = [await measureTail(store, 'small-log', 1_000_000), await measureTail(store, 'large-log', logBytes)];
  const follows = [await measureFollowers(store), await measureEvents(store)];
  await keepTables('log-tail', [
    formatTable(['tail(2000)', 'p50', 'p95', 'max'], tails),
    formatTable([`${followers} followers, ${linesPerSecond} lines/s`, 'lines each', 'complete', 'CPU'], follows),
  ]);
} finally {
  await rm(directory, { recursive: true, force: true });
}

async function measureTail(store: LogStore, job: string, sizeBytes: number): Promise<string[]> {
  await makeLog(join(directory, job.slice(0, 2), job), sizeBytes);
  const times: number[] = [];
  for (let call = 0; call < tailCalls; call++) {
    const started = performance.now();
    const { lines } = await store.tail(job, 2000);
    times.push(performance.now() - started);
    if (lines.length !== 2000) throw new Error(`${lines.length} lines`);
  }
  times.sort((a, b) => a - b);
  const at = (part: number) => `${times[Math.min(Math.floor(times.length * part), times.length - 1)]!.toFixed(1)} ms`;
  return [`of ${sizeBytes / 1e6} MB`, at(0.5), at(0.95), at(1)];
}

async function measureFollowers(store: LogStore): Promise<string[]> {
  return whileWriting(store, 'followed', async (isEnded) => {
    let lines = 0;
    for await (const chunk of followLog(store, 'followed', { isEnded })) lines += chunk.lines.length;
    return lines;
  });
}

/** The same over HTTP; what the clients use is counted, too. */
async function measureEvents(store: LogStore): Promise<string[]> {
  let hasEnded = () => false;
  const app = new Hono().get('/', (c) => answerLogEvents(c, { store, jobId: 'streamed', isEnded: () => hasEnded() }));
  const server = createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const row = await whileWriting(store, 'streamed', async (isEnded) => {
    hasEnded = isEnded;
    let lines = 0;
    let pending = '';
    for await (const text of (await fetch(url)).body!.pipeThrough(new TextDecoderStream())) {
      const events = (pending + text).split('\n\n');
      pending = events.pop()!;
      for (const event of events) {
        if (event.startsWith('event: lines')) lines += JSON.parse(/^data: (.*)$/m.exec(event)![1]!).length;
      }
    }
    return lines;
  });
  server.close();
  return row;
}

/** Writes a log while it is followed, and gives a row: what, lines that each got, how many got all, processor time. */
async function whileWriting(
  store: LogStore,
  job: string,
  follow: (isEnded: () => boolean) => Promise<number>,
): Promise<string[]> {
  let hasEnded = false;
  const before = process.cpuUsage();
  const following = Array.from({ length: followers }, () => follow(() => hasEnded));
  const writer = await store.openWriter(job, 1);
  const started = performance.now();
  let written = 0;
  while (written < linesPerSecond * seconds) {
    await sleep(10);
    const due = Math.min(((performance.now() - started) / 1000) * linesPerSecond, linesPerSecond * seconds);
    for (; written < due; written++) writer.write(`${written} Unpacking package ${'x'.repeat(written % 150)}`);
  }
  await writer.end();
  hasEnded = true;
  const counts = await Promise.all(following);
  const { user, system } = process.cpuUsage(before);
  const complete = counts.filter((count) => count === written).length;
  return [job, String(written), `${complete} of ${followers}`, `${((user + system) / 1e6).toFixed(1)} s`];
}
