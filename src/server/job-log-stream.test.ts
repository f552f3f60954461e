import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { openDiskLogStore } from '../store/logs/disk-log-store.ts';
import type { LogStore, LogWriter } from '../store/logs/log-store.ts';
import { answerError } from './answer-error.ts';
import { answerLogDownload, answerLogEvents, readJobLog } from './job-log-stream.ts';

const jobId = '7d0f5ad2-55a5-4a8b-9b0e-0c6c8f7f1a11';

let parent: string;
let server: Server;
let url: string;
let store: LogStore;
let writer: LogWriter;
let hasEnded: boolean;
let watchers: number;
let reads: number;
let closing: AbortController;

const app = new Hono();
app.onError((error, c) => answerError(error, c, () => {}));
app.get('/events', (c) => answerLogEvents(c, { store, jobId, isEnded: () => hasEnded, signal: closing.signal }));
app.get('/download', (c) => answerLogDownload(c, { store, jobId, filename: 'a "name"/é.log' }));

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'job-log-'));
  server = createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await rm(parent, { recursive: true, force: true });
});
beforeEach(async () => {
  const disk = await openDiskLogStore(await mkdtemp(join(parent, 'root-')));
  [hasEnded, watchers, reads, closing] = [false, 0, 0, new AbortController()];
  store = {
    ...disk,
    read(...args) {
      reads++;
      return disk.read(...args);
    },
    watch(...args) {
      watchers++;
      const stop = disk.watch(...args);
      return () => {
        watchers--;
        stop();
      };
    },
  };
  writer = await store.openWriter(jobId, 1);
});
afterEach(async () => {
  await writer.end();
});

interface Event {
  readonly event?: string;
  readonly id?: string;
  readonly data?: string;
}

/** Events as they come; comments have no fields. */
async function* eventsOf(response: Response): AsyncGenerator<Event> {
  let pending = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    const parts = (pending + chunk).split('\n\n');
    pending = parts.pop()!;
    for (const part of parts) yield Object.fromEntries(part.split('\n').map((line) => line.split(/: ?(.*)/s)));
  }
}

/** Lines and last id of a stream that ends by itself. */
async function readEvents(
  headers: Record<string, string> = {},
  query = '',
): Promise<{ lines: string[]; ids: string[] }> {
  const lines: string[] = [];
  const ids: string[] = [];
  let last: Event = {};
  for await (const event of eventsOf(await fetch(`${url}/events${query}`, { headers }))) {
    if (event.event === 'lines') lines.push(...JSON.parse(event.data!));
    if (event.id !== undefined) ids.push(event.id);
    last = event;
  }
  expect(last.event).toBe('end');
  return { lines, ids };
}

describe('answerLogEvents', () => {
  it('sends lines as they come, and the end', async () => {
    const response = await fetch(`${url}/events`);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const events = eventsOf(response);
    expect((await events.next()).value).toEqual({ retry: '1000' });
    writer.write('one');
    writer.write('"zwei"\t\u{1f600}');
    const data = JSON.stringify(['one', '"zwei"\t\u{1f600}']);
    expect((await events.next()).value).toEqual({ event: 'lines', id: '16', data });
    await writer.end();
    hasEnded = true;
    expect((await events.next()).value).toEqual({ event: 'end', id: '16', data: '{}' });
    expect((await events.next()).done).toBe(true);
    expect(watchers).toBe(0);
  });

  it('goes on after any of its events, without gap or repeat', async () => {
    const lines = Array.from({ length: 30_000 }, (_, index) => `line ${index} ${'é'.repeat(index % 40)}`);
    for (const line of lines) writer.write(line);
    await writer.end();
    hasEnded = true;
    const whole = await readEvents();
    expect(whole.lines).toEqual(lines);
    expect(whole.ids.length).toBeGreaterThan(3);
    for (const id of whole.ids) {
      const rest = await readEvents({ 'last-event-id': id }, '?from=0');
      expect(rest.lines).toEqual(lines.slice(lines.length - rest.lines.length));
      expect(await readEvents({}, `?from=${id}`)).toEqual(rest);
      const bytes = rest.lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
      expect(Number(id) + bytes).toBe(Number(whole.ids.at(-1)));
    }
  });

  it.each(['?from=x', '?from=-1', '?from=1e3', `?from=${'9'.repeat(30)}`])('refuses %s', async (query) => {
    const response = await fetch(`${url}/events${query}`);
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([400, 'request-invalid']);
  });

  it('stops when the client goes', async () => {
    const leave = new AbortController();
    const response = await fetch(`${url}/events`, { signal: leave.signal });
    writer.write('one');
    const events = eventsOf(response);
    await events.next();
    await events.next();
    expect(watchers).toBe(1);
    leave.abort();
    await events.next().catch(() => {});
    await expect.poll(() => watchers).toBe(0);
  });

  it('stops without an end when the server closes', async () => {
    const response = await fetch(`${url}/events`);
    const events = eventsOf(response);
    await events.next();
    closing.abort();
    expect(await events.next()).toEqual({ done: true, value: undefined });
    await expect.poll(() => watchers).toBe(0);
  });

  it('reads no faster than the client takes, and stops when it goes', async () => {
    for (let line = 0; line < 400_000; line++) writer.write('x'.repeat(99));
    await writer.end();
    hasEnded = true;
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.pause();
    socket.write('GET /events HTTP/1.1\r\nHost: x\r\n\r\n');
    await expect.poll(() => reads).toBeGreaterThan(1);
    await sleep(500);
    // 40 MB are 153 readings; the buffers of the connection hold some.
    expect(reads).toBeLessThan(80);
    expect(watchers).toBe(1);
    socket.destroy();
    await expect.poll(() => watchers).toBe(0);
  });

  it('gives a sign of life when there is nothing to say', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const response = await app.request('/events');
      const reader = response.body!.getReader();
      await reader.read();
      const waiting = reader.read();
      await vi.advanceTimersByTimeAsync(15_000);
      expect(new TextDecoder().decode((await waiting).value)).toBe(': ping\n\n');
      await reader.cancel();
    } finally {
      vi.useRealTimers();
    }
    await expect.poll(() => watchers).toBe(0);
  });
});

describe('answerLogDownload', () => {
  it('sends the whole log as a file', async () => {
    for (let line = 0; line < 10_000; line++) writer.write(`line ${line} ${'é'.repeat(50)}`);
    await writer.end();
    const next = await store.openWriter(jobId, 2);
    next.write('last');
    await next.end();
    const response = await fetch(`${url}/download`);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="a__name___.log"');
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(response.headers.get('content-length')).toBe(String(bytes.length));
    const lines = bytes.toString().trimEnd().split('\n');
    expect([lines.length, lines[0], lines.at(-1)]).toEqual([10_001, `line 0 ${'é'.repeat(50)}`, 'last']);
    const head = await fetch(`${url}/download`, { method: 'HEAD' });
    expect([head.headers.get('content-length'), await head.text()]).toEqual([String(bytes.length), '']);
  });

  it('sends an empty file of a job that has no log', async () => {
    const response = await fetch(`${url}/download`);
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([200, '0', '']);
  });
});

describe('readJobLog', () => {
  it('gives the last lines, or those from a place on, and says when that is all', async () => {
    for (const line of Array.from({ length: 3000 }, (_, index) => `line ${index}`)) writer.write(line);
    await writer.end();
    const last = await readJobLog({ store, jobId }, { isEnded: false });
    expect([last.lines.length, last.lines.at(-1), last.isComplete]).toEqual([2000, 'line 2999', false]);
    expect(await readJobLog({ store, jobId }, { tail: 1, isEnded: true })).toEqual({
      lines: ['line 2999'],
      from: last.to - 10,
      to: last.to,
      isComplete: true,
    });
    const from = { from: last.to - 20, isEnded: true };
    expect(await readJobLog({ store, jobId }, from)).toMatchObject({
      lines: ['line 2998', 'line 2999'],
      isComplete: true,
    });
  });

  it('does not call complete what has a rest', async () => {
    for (let line = 0; line < 20_000; line++) writer.write('x'.repeat(99));
    await writer.end();
    const first = await readJobLog({ store, jobId }, { from: 0, isEnded: true });
    expect([first.lines.length, first.isComplete]).toEqual([10_485, false]);
    const second = await readJobLog({ store, jobId }, { from: first.to, isEnded: true });
    expect([first.lines.length + second.lines.length, second.isComplete]).toEqual([20_000, true]);
  });
});
