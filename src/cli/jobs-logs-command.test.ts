import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logLine } from './job-text.ts';
import { runWords } from './run-cli.fixture.ts';

const id = '00000000-0000-4000-8000-000000000001';
const job = { id, image: 'research', number: 1, state: 'Running', failure: null };

/** A server whose one job goes on for ever; its log is longer than what a stream holds back. */
let url: string;
const longLog = Array.from({ length: 50_000 }, (_, index) => `line ${index} é`);
const server = createServer((request, response) => {
  if (request.url?.endsWith('/events')) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`event: lines\nid: 4\ndata: ["one"]\n\n`);
  } else if (request.url?.endsWith('/log/download')) response.end(longLog.map((line) => `${line}\n`).join(''));
  else if (request.url?.endsWith('/cancel')) response.end(JSON.stringify({ ...job, state: 'Cancelled' }));
  else response.end(JSON.stringify(request.method === 'POST' ? { ...job, number: 2 } : { ...job, name: 'research' }));
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const env = () => ({ HOME: '/nowhere', IMAGEWRIGHT_SERVER: url, IMAGEWRIGHT_TOKEN: 'token' });

describe('imagewright jobs logs', () => {
  it('prints a long log whole', async () => {
    const { exit, stdout } = await runWords(['jobs', 'logs', id], { env: env() });
    expect(exit).toBe(0);
    expect(stdout === longLog.map((line) => `${line}\n`).join('')).toBe(true);
  });

  it('stops following on Ctrl-C and says that the job goes on', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 200);
    const run = await runWords(['jobs', 'logs', '-f', id], { env: env(), signal: stop.signal });
    expect(run).toMatchObject({ exit: 130, stdout: 'one\n' });
    expect(run.stderr).toMatch(/research#1, which goes on\nhint: .*imagewright jobs cancel research#1/);
  });

  it('stops waiting for a build on Ctrl-C in the same way', async () => {
    const stop = new AbortController();
    const options = { env: env(), signal: stop.signal, onStderr: (text: string) => text === 'one\n' && stop.abort() };
    const run = await runWords(['images', 'rebuild', 'research', '--wait'], options);
    expect(run).toMatchObject({ exit: 130, stdout: '', stderr: expect.stringContaining('one\n') });
    expect(run.stderr).toContain('research#2, which goes on');
  });
});

describe('imagewright images delete', () => {
  it.each([
    ['y\n', 0, 'Deleted research'],
    ['Yes\n', 0, 'Deleted research'],
    ['\n', 130, 'Nothing was changed'],
    ['no\n', 130, 'Nothing was changed'],
  ])('asks on a terminal, and heeds %j', async (typed, exit, told) => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true });
    terminal.write(typed);
    const run = await runWords(['images', 'delete', 'research'], { env: env(), input: terminal });
    expect(run).toMatchObject({ exit, stderr: expect.stringContaining('Delete the image research? [y/N]') });
    expect(run.stderr).toContain(told);
  });
});

describe('logLine', () => {
  it('lets colours act on a terminal and nothing else', () => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true });
    const line = '\x1b[31mred\x1b[0m \x1b]0;title\x07 \u202e';
    expect(logLine(line, terminal)).toBe('\x1b[31mred\x1b[0m \\u001b]0;title\\u0007 \\u202e');
    expect(logLine(line, new PassThrough())).toBe(line);
  });
});
