import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import https from 'node:https';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { answer, serveRaw, serveScript } from '../../test/scripted-server.ts';
import { createHttpClient } from './create-http-client.ts';
import type { RequestBody } from './http-client.ts';
import { isPublicAddress } from './public-address.ts';
import { readBody } from './read-body.ts';

const textOf = async (response: Parameters<typeof readBody>[0]) => (await readBody(response, 1000)).toString();

/** A client that does not wait, and tells how long it would have. */
function patientClient(options: Parameters<typeof createHttpClient>[0] = {}) {
  const waits: number[] = [];
  const client = createHttpClient({ env: {}, sleep: async (ms) => void waits.push(ms), ...options });
  return { client, waits };
}

function bodyOf(text: string): RequestBody & { readonly opened: () => number } {
  let count = 0;
  return {
    sizeBytes: text.length,
    opened: () => count,
    open() {
      count++;
      return Readable.from([Buffer.from(text)]);
    },
  };
}

describe('a request', () => {
  it('sends method, headers and a streamed body with its exact length', async () => {
    await using server = await serveScript((_, response) => answer(response, 201, { 'x-answer': 'yes' }, 'made'));
    const { client } = patientClient();
    const response = await client.request({
      method: 'PUT',
      url: `${server.origin}/a?b=c`,
      headers: { 'Content-Type': 'text/plain' },
      body: bodyOf('hello'),
    });
    expect([response.status, response.headers['x-answer'], await textOf(response)]).toEqual([201, 'yes', 'made']);
    const [request] = server.seen;
    expect(request).toMatchObject({ method: 'PUT', path: '/a?b=c', body: Buffer.from('hello') });
    expect(request!.headers).toMatchObject({ 'content-length': '5', 'accept-encoding': 'identity' });
    expect(request!.headers['transfer-encoding']).toBeUndefined();
  });

  it('turns credentials of the URL into a header and takes any status as an answer', async () => {
    await using server = await serveScript((_, response) => answer(response, 404));
    const { client } = patientClient();
    const response = await client.request({ url: server.origin.replace('//', '//us%20er:pw@') });
    expect([response.status, response.url.href]).toEqual([404, `${server.origin}/`]);
    expect(server.seen[0]!.headers.authorization).toBe(`Basic ${btoa('us er:pw')}`);
  });

  it('uses a connection again', async () => {
    const sockets = new Set<unknown>();
    await using server = await serveRaw((request, response) => {
      sockets.add(request.socket);
      answer(response, 200, {}, 'ok');
    });
    const { client } = patientClient();
    for (let i = 0; i < 3; i++) await textOf(await client.request({ url: server.origin }));
    expect(sockets.size).toBe(1);
  });

  it.each([
    ['less', 6],
    ['more', 4],
  ])('does not pass off a body with %s bytes than announced as whole', async (_, sizeBytes) => {
    await using server = await serveScript((_, response) => answer(response, 201));
    const { client, waits } = patientClient();
    const body = { sizeBytes, open: () => Readable.from([Buffer.from('hello')]) };
    await expect(client.request({ method: 'PUT', url: server.origin, body })).rejects.toThrow(
      `body of ${sizeBytes} bytes`,
    );
    expect([server.seen, waits]).toEqual([[], []]);
  });

  it('throws what the source of the body throws, untried again', async () => {
    await using server = await serveScript((_, response) => answer(response, 201));
    const failure = new Error('disk broke');
    const open = () =>
      new Readable({
        read() {
          this.destroy(failure);
        },
      });
    const { client, waits } = patientClient();
    await expect(client.request({ method: 'PUT', url: server.origin, body: { sizeBytes: 5, open } })).rejects.toBe(
      failure,
    );
    expect(waits).toEqual([]);
  });

  it('takes an answer that comes before the body is sent', async () => {
    await using server = await serveRaw((_, response) => answer(response, 413, { connection: 'close' }, 'too large'));
    const { client } = patientClient();
    const chunk = Buffer.alloc(64 * 1024);
    const open = () =>
      Readable.from(
        (async function* () {
          for (let i = 0; i < 100; i++) {
            yield chunk;
            await delay(5);
          }
        })(),
      );
    const response = await client.request({
      method: 'PUT',
      url: server.origin,
      body: { sizeBytes: 100 * chunk.length, open },
      attempts: 1,
    });
    expect([response.status, await textOf(response)]).toEqual([413, 'too large']);
  });
});

describe('retries', () => {
  it.each([429, 500, 502, 503, 504])('tries again after %i, with the body opened again', async (status) => {
    await using server = await serveScript((_, response, count) => answer(response, count < 3 ? status : 200));
    const { client, waits } = patientClient();
    const body = bodyOf('again');
    expect((await client.request({ method: 'PUT', url: server.origin, body })).status).toBe(200);
    expect(server.seen.map((request) => request.body.toString())).toEqual(['again', 'again', 'again']);
    expect(body.opened()).toBe(3);
    expect(waits).toHaveLength(2);
    expect(waits[0]).toBeLessThanOrEqual(100);
    expect(waits[1]).toBeGreaterThanOrEqual(100);
  });

  it.each([400, 401, 403, 404, 409, 416, 501])('does not try again after %i', async (status) => {
    await using server = await serveScript((_, response) => answer(response, status));
    const { client } = patientClient();
    expect((await client.request({ url: server.origin })).status).toBe(status);
    expect(server.seen).toHaveLength(1);
  });

  it('gives the last answer when all tries failed', async () => {
    await using server = await serveScript((_, response) => answer(response, 503, {}, 'down'));
    const { client } = patientClient();
    const response = await client.request({ url: server.origin, attempts: 3 });
    expect([response.status, await textOf(response), server.seen.length]).toEqual([503, 'down', 3]);
  });

  it('waits as long as the server asks for', async () => {
    await using server = await serveScript((_, response, count) =>
      answer(response, count === 1 ? 429 : 200, { 'retry-after': '7' }),
    );
    const { client, waits } = patientClient();
    await client.request({ url: server.origin });
    expect(waits).toEqual([7000]);
  });

  it('tries again after a connection that was cut off before the answer', async () => {
    await using server = await serveScript((_, response, count) =>
      count < 3 ? response.socket!.destroy() : answer(response, 200),
    );
    const { client } = patientClient();
    expect((await client.request({ method: 'POST', url: server.origin })).status).toBe(200);
  });

  it('says what is wrong when no connection is to be had', async () => {
    const server = await serveScript(() => {});
    await server[Symbol.asyncDispose]();
    const { client, waits } = patientClient();
    await expect(client.request({ url: server.origin.replace('//', '//user:secret@') })).rejects.toMatchObject({
      code: 'registry-unavailable',
      message: `${server.host} could not be reached: the connection was refused`,
    });
    expect(waits).toHaveLength(4);
  });
});

describe('redirects', () => {
  it('keeps method and body on 307, and credentials on the same origin', async () => {
    await using server = await serveScript(({ path }, response) =>
      path === '/a' ? answer(response, 307, { location: 'b?c=d' }) : answer(response, 200),
    );
    const { client } = patientClient();
    const headers = { authorization: 'Bearer x' };
    const response = await client.request({ method: 'PUT', url: `${server.origin}/a`, headers, body: bodyOf('hi') });
    expect(response.url.href).toBe(`${server.origin}/b?c=d`);
    expect(server.seen[1]).toMatchObject({ method: 'PUT', path: '/b?c=d', body: Buffer.from('hi') });
    expect(server.seen[1]!.headers.authorization).toBe('Bearer x');
  });

  it('carries no credentials to another origin, not even on the way back', async () => {
    await using far = await serveScript(({ headers }, response) =>
      answer(response, 302, { location: `http://user:pw@${headers['x-from'] ?? home.host}/end` }),
    );
    await using home = await serveScript(({ path }, response) =>
      path === '/' ? answer(response, 302, { location: `${far.origin}/x` }) : answer(response, 200),
    );
    const { client } = patientClient();
    const headers = { Authorization: 'Bearer x', Cookie: 'c=1', 'Private-Token': 't', Range: 'bytes=3-' };
    expect((await client.request({ url: home.origin, headers })).status).toBe(200);
    for (const { headers } of [far.seen[0]!, home.seen[1]!]) {
      expect(headers).toMatchObject({ range: 'bytes=3-' });
      expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['authorization']));
      expect([headers.cookie, headers['private-token']]).toEqual([undefined, undefined]);
    }
  });

  it('asks with GET after 303', async () => {
    await using server = await serveScript(({ path }, response) =>
      path === '/a' ? answer(response, 303, { location: '/b' }) : answer(response, 200),
    );
    const { client } = patientClient();
    await client.request({ method: 'POST', url: `${server.origin}/a`, body: bodyOf('hi') });
    expect(server.seen[1]).toMatchObject({ method: 'GET', body: Buffer.alloc(0) });
  });

  it('stops a loop, and gives the redirect itself when none may be followed', async () => {
    await using server = await serveScript((_, response) => answer(response, 302, { location: '/' }));
    const { client } = patientClient();
    await expect(client.request({ url: server.origin })).rejects.toMatchObject({ code: 'registry-invalid-response' });
    expect(server.seen).toHaveLength(6);
    expect((await client.request({ url: server.origin, maxRedirects: 0 })).status).toBe(302);
  });
});

describe('time and cancelling', () => {
  it('gives up a server that takes a request and says nothing', async () => {
    await using server = await serveScript(() => {});
    const { client } = patientClient({ stallTimeoutMs: 50 });
    await expect(client.request({ url: server.origin, attempts: 2 })).rejects.toMatchObject({
      code: 'registry-unavailable',
      message: expect.stringContaining('did not answer in time'),
    });
    expect(server.seen).toHaveLength(2);
  });

  it('gives up a body that stops', async () => {
    await using server = await serveScript((_, response) =>
      response.writeHead(200, { 'content-length': '9' }).write('half'),
    );
    const { client } = patientClient({ stallTimeoutMs: 50 });
    const response = await client.request({ url: server.origin });
    await expect(readBody(response, 100)).rejects.toMatchObject({ code: 'registry-unavailable' });
  });

  it('gives up a server that takes no more of the body', async () => {
    const server = createServer((socket) => socket.pause().on('error', () => {}));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const { client } = patientClient({ stallTimeoutMs: 50 });
    const chunk = Buffer.alloc(1 << 20);
    const body = { sizeBytes: 64 << 20, open: () => Readable.from(Array.from({ length: 64 }, () => chunk)) };
    await expect(
      client.request({ method: 'PUT', url: `http://127.0.0.1:${port}`, body, attempts: 1 }),
    ).rejects.toMatchObject({ code: 'registry-unavailable' });
    server.close();
  });

  it('does not blame the server for a slow reader', async () => {
    await using server = await serveScript((_, response) => answer(response, 200, {}, Buffer.alloc(8 << 20)));
    const { client } = patientClient({ stallTimeoutMs: 50 });
    const { body } = await client.request({ url: server.origin });
    await delay(200);
    let sizeBytes = 0;
    for await (const chunk of body) sizeBytes += chunk.length;
    expect(sizeBytes).toBe(8 << 20);
  });

  it('tells a body that was cut off', async () => {
    await using server = await serveScript((_, response) => {
      response.writeHead(200, { 'content-length': '9' }).write('half', () => response.socket!.destroy());
    });
    const { client } = patientClient();
    await expect(readBody(await client.request({ url: server.origin }), 100)).rejects.toMatchObject({
      code: 'registry-unavailable',
      message: expect.stringContaining('closed before the answer was complete'),
    });
  });

  it('stops at once when the signal fires: before, while waiting, between tries, in the body', async () => {
    await using server = await serveScript(({ path }, response) => {
      if (path === '/busy') answer(response, 503, { 'retry-after': '60' });
      if (path === '/half') response.writeHead(200).write('half');
    });
    const client = createHttpClient({ env: {} });
    const stop = new AbortController();
    const running = ['/silent', '/busy'].map((path) =>
      client.request({ url: server.origin + path, signal: stop.signal }).catch((error) => error.code),
    );
    const half = await client.request({ url: `${server.origin}/half`, signal: stop.signal });
    const reading = readBody(half, 100).catch((error) => error.code);
    await expect.poll(() => server.seen.length).toBe(3);
    stop.abort();
    expect(await Promise.all([...running, reading])).toEqual(['cancelled', 'cancelled', 'cancelled']);
    await expect(client.request({ url: server.origin, signal: stop.signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});

describe('TLS', () => {
  const testdata = (name: string) => join(import.meta.dirname, 'testdata', name);

  async function serveSecure(listener: RequestListener) {
    const server = https.createServer(
      { key: readFileSync(testdata('localhost-key.pem')), cert: readFileSync(testdata('localhost.pem')) },
      listener,
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return {
      origin: `https://127.0.0.1:${port}`,
      async [Symbol.asyncDispose]() {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  }

  it('trusts the certificates of SSL_CERT_FILE, and says how when it does not', async () => {
    await using server = await serveSecure((_, response) => answer(response, 200, {}, 'secret'));
    const { client } = patientClient({ env: { SSL_CERT_FILE: testdata('localhost.pem') } });
    expect(await textOf(await client.request({ url: server.origin }))).toBe('secret');
    const { client: stranger, waits } = patientClient();
    await expect(stranger.request({ url: server.origin })).rejects.toMatchObject({
      code: 'registry-unavailable',
      message: expect.stringContaining('authority'),
      hint: expect.stringContaining('SSL_CERT_FILE'),
    });
    expect(waits).toEqual([]);
  });

  it('goes through a tunnel of the proxy, and gives up a silent server behind it', async () => {
    await using server = await serveSecure(
      ({ url }, response) => url === '/silent' || answer(response, 200, {}, 'tunnel'),
    );
    const asked: string[] = [];
    const proxy = createHttpServer().on('connect', ({ url }, socket) => {
      asked.push(url!);
      const upstream = connect(Number(new URL(server.origin).port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
      for (const end of [socket, upstream]) end.on('error', () => {});
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as AddressInfo;
    const env = { HTTPS_PROXY: `http://localhost:${port}`, SSL_CERT_FILE: testdata('localhost.pem') };
    const { client } = patientClient({
      env,
      isAllowedAddress: isPublicAddress,
      stallTimeoutMs: 200,
      connectTimeoutMs: 5000,
    });
    expect(await textOf(await client.request({ url: 'https://registry.example.com/v2/' }))).toBe('tunnel');
    await expect(client.request({ url: 'https://registry.example.com/silent', attempts: 1 })).rejects.toMatchObject({
      message: expect.stringContaining('in time'),
    });
    expect(asked[0]).toBe('registry.example.com:443');
    proxy.close();
  });

  it('does not fall to plain HTTP on another machine', async () => {
    await using server = await serveSecure((_, response) => answer(response, 302, { location: 'http://example.com/' }));
    const { client } = patientClient({ env: { SSL_CERT_FILE: testdata('localhost.pem') } });
    await expect(client.request({ url: server.origin })).rejects.toMatchObject({ code: 'registry-invalid-response' });
  });

  it('says that a server speaks plain HTTP', async () => {
    await using server = await serveScript((_, response) => answer(response, 200));
    const { client } = patientClient();
    await expect(client.request({ url: server.origin.replace('http:', 'https:') })).rejects.toMatchObject({
      message: expect.stringContaining('does not speak TLS'),
    });
  });
});

describe('the ways out', () => {
  it('goes through the proxy for other hosts, never for this machine', async () => {
    await using proxy = await serveScript((_, response) => answer(response, 200, {}, 'by proxy'));
    await using local = await serveScript((_, response) => answer(response, 200, {}, 'direct'));
    const env = { HTTP_PROXY: proxy.origin, NO_PROXY: 'example.net' };
    // The proxy stands at a private address; only what was asked for is judged.
    const { client } = patientClient({ env, isAllowedAddress: (ip) => isPublicAddress(ip) || ip === '127.0.0.1' });
    expect(await textOf(await client.request({ url: 'http://registry.example.com/v2/' }))).toBe('by proxy');
    expect(proxy.seen[0]!.path).toBe('http://registry.example.com/v2/');
    expect(await textOf(await client.request({ url: local.origin }))).toBe('direct');
  });

  it('lets the administrator’s proxy stand at a private address', async () => {
    await using proxy = await serveScript((_, response) => answer(response, 200, {}, 'by proxy'));
    const env = { HTTP_PROXY: proxy.origin.replace('127.0.0.1', 'localhost') };
    const { client } = patientClient({ env, isAllowedAddress: isPublicAddress });
    expect(await textOf(await client.request({ url: 'http://registry.example.com/' }))).toBe('by proxy');
  });

  it('refuses addresses by policy: literal, by name, and after a redirect', async () => {
    await using server = await serveScript((_, response) =>
      answer(response, 302, { location: 'http://169.254.169.254/latest/meta-data' }),
    );
    const { client } = patientClient({ isAllowedAddress: isPublicAddress });
    const local = server.origin.replace('127.0.0.1', 'localhost');
    for (const url of [server.origin, local, 'http://[::ffff:10.0.0.1]/', 'http://0x7f.1/']) {
      await expect(client.request({ url })).rejects.toMatchObject({ code: 'forbidden' });
    }
    expect(server.seen).toEqual([]);
    const { client: loopbackToo } = patientClient({ isAllowedAddress: (ip) => ip === '127.0.0.1' });
    await expect(loopbackToo.request({ url: server.origin })).rejects.toMatchObject({ code: 'forbidden' });
    expect(server.seen).toHaveLength(1);
  });

  it('says which file of certificates is bad, and only when one is needed', async () => {
    await using server = await serveScript((_, response) => answer(response, 200));
    const { client } = patientClient({ env: { SSL_CERT_FILE: '/nowhere/ca.pem' } });
    expect((await client.request({ url: server.origin })).status).toBe(200);
    await expect(client.request({ url: 'https://127.0.0.1:1/' })).rejects.toMatchObject({ code: 'command-invalid' });
  });
});
