import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf } from '../oci/digest.ts';
import { createMemoryRegistryIndex } from '../registry/server/memory-registry-index.ts';
import { openRegistry } from './open-registry.ts';
import { type RunningServer, startServer } from './start-server.ts';

let dataDir: string;
let server: RunningServer;
const logged: string[] = [];
const log = (line: string) => void logged.push(line);
const index = createMemoryRegistryIndex();
const start = async (port = 0) =>
  startServer({
    ...{ listen: { host: '127.0.0.1', port }, dataDir, log },
    registry: await openRegistry({ dataDir, log, index }),
  });

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'server-'));
  server = await start();
});
afterAll(async () => {
  await server.close();
  await rm(dataDir, { recursive: true, force: true });
});

/** Sends a request byte by byte as written, so that no client tidies it up. */
function sendRaw(head: string): Promise<string> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.end(`${head}\r\nHost: x\r\nConnection: close\r\n\r\n`));
    let answer = '';
    socket.on('data', (chunk) => (answer += String(chunk)));
    socket.on('end', () => resolve(answer));
    socket.on('error', reject);
  });
}

describe('startServer', () => {
  it('tells that it is well', async () => {
    const response = await fetch(`${server.url}/healthz`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: 'ok', version: expect.stringMatching(/^\d+\.\d+\.\d+/) });
  });

  it('keeps blobs over a restart', async () => {
    const bytes = randomBytes(2_000_000);
    const digest = digestOf(bytes);
    const push = await fetch(`${server.url}/v2/a/blobs/uploads/?digest=${digest}`, { method: 'POST', body: bytes });
    expect(push.status).toBe(201);
    const again = await start();
    const pull = await fetch(`${again.url}/v2/a/blobs/${digest}`);
    expect(bytes.equals(new Uint8Array(await pull.arrayBuffer()))).toBe(true);
    expect(pull.headers.get('x-content-type-options')).toBe('nosniff');
    const part = await fetch(`${again.url}/v2/a/blobs/${digest}`, { headers: { Range: 'bytes=5-9' } });
    expect([part.status, Buffer.from(await part.arrayBuffer())]).toEqual([206, bytes.subarray(5, 10)]);
    const head = await fetch(`${again.url}/v2/a/blobs/${digest}`, { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe(String(bytes.length));
    await again.close();
  });

  it('refuses a push whose digest is another and stays in use', async () => {
    const url = `${server.url}/v2/a/blobs/uploads/?digest=${digestOf('other')}`;
    expect((await fetch(url, { method: 'POST', body: randomBytes(500_000) })).status).toBe(400);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });

  it('keeps what a broken connection sent, to go on from there', async () => {
    const begun = await fetch(`${server.url}/v2/a/blobs/uploads/`, { method: 'POST' });
    const location = begun.headers.get('location')!;
    const answer = await sendRaw(`PATCH ${location} HTTP/1.1\r\nContent-Length: 100\r\nX-Never: sent`);
    expect(answer).not.toContain(' 202 ');
    expect((await fetch(server.url + location)).headers.get('range')).toBe('0-0');
    // The broken one may still be at its end.
    const append = async () =>
      (await fetch(server.url + location, { method: 'PATCH', body: 'hello' })).headers.get('range');
    await expect.poll(append).toBe('0-4');
    const put = await fetch(`${server.url}${location}?digest=${digestOf('hello')}`, { method: 'PUT' });
    expect(put.status).toBe(201);
  });

  it.each([
    '/v2/a/%2e%2e/b/tags/list',
    '/v2/a%2fb/tags/list',
    '/v2/a/../b/tags/list',
    '/v2/..%2f..%2fetc/passwd/tags/list',
    '/v2/a/blobs/sha256:%2e%2e%2f%2e%2e',
  ])('finds nothing behind %s', async (path) => {
    expect(await sendRaw(`GET ${path} HTTP/1.1`)).toMatch(/^HTTP\/1\.1 (400|404) /);
  });

  it('says so when the port is taken', async () => {
    await expect(start(Number(new URL(server.url).port))).rejects.toMatchObject({
      code: 'command-invalid',
      hint: expect.stringContaining('--listen'),
    });
  });

  it('lets what is under way end when it is closed', async () => {
    const closing = await start();
    const begun = await fetch(`${closing.url}/v2/a/blobs/uploads/`, { method: 'POST' });
    const { promise: rest, resolve: sendRest } = Promise.withResolvers<void>();
    const body = new ReadableStream({
      async start(controller) {
        controller.enqueue(Buffer.from('hello '));
        await rest;
        controller.enqueue(Buffer.from('world'));
        controller.close();
      },
    });
    const url = `${closing.url}${begun.headers.get('location')}?digest=${digestOf('hello world')}`;
    const put = fetch(url, { method: 'PUT', body, duplex: 'half' } as RequestInit);
    // Both calls reach the server in this order: the PUT opens its connection before the server stops accepting.
    await fetch(`${closing.url}/healthz`);
    const [first, second] = [closing.close(), closing.close()];
    sendRest();
    expect((await put).status).toBe(201);
    await Promise.all([first, second]);
    await expect(fetch(`${closing.url}/healthz`)).rejects.toThrow();
  });

  it('had nothing to complain about', () => {
    expect(logged).toEqual([]);
  });
});
