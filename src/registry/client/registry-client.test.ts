import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { answer, type ScriptedServer, type SeenRequest, serveRaw, serveScript } from '../../../test/scripted-server.ts';
import { createHttpClient } from '../../http/create-http-client.ts';
import { digestOf } from '../../oci/digest.ts';
import { mediaTypes } from '../../oci/media-types.ts';
import { type Credential, noCredentials } from './credentials.ts';
import { ensureBlob } from './push-image.ts';
import { createRegistryClient, type RegistryClientOptions } from './registry-client.ts';

const sleep = async () => {};
const me: Credential = { kind: 'password', username: 'me', password: 'canary-password' };
const basic = `Basic ${btoa('me:canary-password')}`;

function client(options: Partial<RegistryClientOptions> & { credential?: Credential } = {}) {
  const { credential, ...rest } = options;
  return createRegistryClient({
    http: createHttpClient({ env: {}, sleep }),
    credentials: credential ? { lookup: async () => credential } : noCredentials,
    sleep,
    ...rest,
  });
}

const at = (server: { readonly host: string }, name = 'team/image') => ({ registry: server.host, name });

function blobOf(text: string | Buffer) {
  const bytes = Buffer.from(text);
  const descriptor = { mediaType: mediaTypes.ociLayer, digest: digestOf(bytes), size: bytes.length };
  return {
    bytes,
    descriptor,
    open: () => Readable.from([bytes.subarray(0, 3), bytes.subarray(3)], { objectMode: false }),
  };
}

const toBytes = async (stream: Readable) => Buffer.concat(await stream.toArray());
const lines = (server: ScriptedServer) => server.seen.map(({ method, path }) => `${method} ${path}`);

describe('manifests', () => {
  const bytes = Buffer.from('{"schemaVersion":2}');
  const digest = digestOf(bytes);
  const type = mediaTypes.ociManifest;

  it('gets by tag and by digest, asking for all types that we read', async () => {
    await using server = await serveScript((_, response) =>
      answer(response, 200, { 'content-type': `${type}; charset=utf-8`, 'docker-content-digest': digest }, bytes),
    );
    for (const name of ['3.11', digest]) {
      expect(await client().getManifest(at(server), name)).toEqual({ bytes, digest, mediaType: type });
    }
    expect(lines(server)).toEqual(['GET /v2/team/image/manifests/3.11', `GET /v2/team/image/manifests/${digest}`]);
    expect(server.seen[0]!.headers.accept).toContain(mediaTypes.dockerIndex);
  });

  it('verifies: the digest asked for, and the digest told', async () => {
    await using server = await serveScript(({ path }, response) =>
      answer(
        response,
        200,
        { 'content-type': type, ...(path.endsWith('/tag') && { 'docker-content-digest': digest }) },
        'other',
      ),
    );
    for (const name of ['tag', digest]) {
      await expect(client().getManifest(at(server), name)).rejects.toMatchObject({ code: 'content-mismatch' });
    }
  });

  it('computes the digest that a registry does not tell, on GET and on HEAD', async () => {
    await using server = await serveScript((_, response) => answer(response, 200, { 'content-type': type }, bytes));
    expect((await client().getManifest(at(server), 'tag'))?.digest).toBe(digest);
    expect(await client().headManifest(at(server), 'tag')).toEqual({ digest, mediaType: type, size: bytes.length });
  });

  it('gives undefined when there is none', async () => {
    await using server = await serveScript((_, response) => answer(response, 404));
    expect(await client().getManifest(at(server), 'tag')).toBeUndefined();
    expect(await client().headManifest(at(server), 'tag')).toBeUndefined();
  });

  it('asks by HEAD for what is in its headers', async () => {
    const headers = { 'content-type': type, 'docker-content-digest': digest, 'content-length': '19' };
    await using server = await serveScript((_, response) => answer(response, 200, headers));
    expect(await client().headManifest(at(server), 'tag')).toEqual({ digest, mediaType: type, size: 19 });
    const other = digestOf('other');
    await expect(client().headManifest(at(server), other)).rejects.toMatchObject({ code: 'content-mismatch' });
  });

  it('reads no more than 4 MiB, and no schema 1', async () => {
    await using server = await serveScript(({ path }, response) => {
      if (path.endsWith('/large')) return answer(response, 200, { 'content-type': type }, Buffer.alloc((4 << 20) + 1));
      answer(response, 200, { 'content-type': 'application/vnd.docker.distribution.manifest.v1+prettyjws' }, '{}');
    });
    await expect(client().getManifest(at(server), 'large')).rejects.toMatchObject({ code: 'limit-exceeded' });
    await expect(client().getManifest(at(server), 'old')).rejects.toMatchObject({ code: 'base-unsupported' });
  });

  it('puts, and does not believe another digest', async () => {
    await using server = await serveScript(({ path }, response) =>
      answer(response, 201, { 'docker-content-digest': path.endsWith('/bad') ? digestOf('x') : digest }),
    );
    expect(await client().putManifest(at(server), '1', { bytes, mediaType: type })).toBe(digest);
    expect(server.seen[0]).toMatchObject({ method: 'PUT', body: bytes, headers: { 'content-type': type } });
    const bad = client().putManifest(at(server), 'bad', { bytes, mediaType: type });
    await expect(bad).rejects.toMatchObject({ code: 'content-mismatch' });
  });
});

describe('downloads', () => {
  const blob = blobOf('the content of a layer');

  it('gives the content, as a stream and as a whole', async () => {
    await using server = await serveScript((_, response) => answer(response, 200, {}, blob.bytes));
    expect(await toBytes(await client().getBlob(at(server), blob.descriptor))).toEqual(blob.bytes);
    expect(await client().readBlob(at(server), blob.descriptor, { maxBytes: 22 })).toEqual(blob.bytes);
    await expect(client().readBlob(at(server), blob.descriptor, { maxBytes: 21 })).rejects.toMatchObject({
      code: 'limit-exceeded',
    });
    expect(server.seen).toHaveLength(2);
  });

  it.each([
    ['other content', Buffer.from('the content of a Layer'), true],
    ['less', blob.bytes.subarray(1), true],
    ['less, of unknown length', blob.bytes.subarray(1), false],
    ['more', Buffer.concat([blob.bytes, Buffer.from('x')]), true],
    ['more, of unknown length', Buffer.concat([blob.bytes, Buffer.from('x')]), false],
  ])('fails for %s, and never gives more than the size', async (_, served, announced) => {
    await using server = await serveScript((_, response) => {
      if (announced) response.setHeader('content-length', served.length);
      response.write(served.subarray(0, 4));
      response.end(served.subarray(4));
    });
    let given = 0;
    const read = async () => {
      for await (const chunk of await client().getBlob(at(server), blob.descriptor)) given += chunk.length;
    };
    await expect(read()).rejects.toMatchObject({ code: 'content-mismatch' });
    expect(given).toBeLessThanOrEqual(blob.descriptor.size);
  });

  it('goes on where the connection broke', async () => {
    const breakAfter = (response: ServerResponse, part: Buffer) =>
      response.write(part, () => response.socket!.destroy());
    await using server = await serveScript(({ headers }, response) => {
      const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
      const rest = blob.bytes.subarray(from);
      const range = { 'content-range': `bytes ${from}-${blob.bytes.length - 1}/${blob.bytes.length}` };
      response.writeHead(from === 0 ? 200 : 206, { 'content-length': rest.length, ...(from > 0 && range) });
      if (rest.length > 5) breakAfter(response, rest.subarray(0, 5));
      else response.end(rest);
    });
    expect(await toBytes(await client().getBlob(at(server), blob.descriptor))).toEqual(blob.bytes);
    expect(server.seen.map(({ headers }) => headers.range)).toEqual([
      undefined,
      ...['bytes=5-', 'bytes=10-', 'bytes=15-', 'bytes=20-'],
    ]);
  });

  it('gives up a connection that breaks again and again at the same byte', async () => {
    await using server = await serveScript((_, response) => {
      response.writeHead(200, { 'content-length': '22' }).flushHeaders();
      setImmediate(() => response.socket!.destroy());
    });
    const read = async () => toBytes(await client().getBlob(at(server), blob.descriptor));
    await expect(read()).rejects.toMatchObject({ code: 'registry-unavailable' });
    expect(server.seen).toHaveLength(6);
  });

  it('tells a blob that is not there', async () => {
    await using server = await serveScript((_, response) => answer(response, 404));
    await expect(client().getBlob(at(server), blob.descriptor)).rejects.toMatchObject({ code: 'not-found' });
    expect(await client().hasBlob(at(server), blob.descriptor.digest)).toBe(false);
  });

  it('carries no credentials to the storage it is sent to', async () => {
    await using storage = await serveScript((_, response) => answer(response, 200, {}, blob.bytes));
    await using server = await serveScript(({ headers }, response) =>
      headers.authorization
        ? answer(response, 307, { location: `${storage.origin}/bucket?signature=x` })
        : answer(response, 401, { 'www-authenticate': 'Basic realm="r"' }),
    );
    expect(await toBytes(await client({ credential: me }).getBlob(at(server), blob.descriptor))).toEqual(blob.bytes);
    expect(storage.seen[0]!.headers.authorization).toBeUndefined();
  });

  it('lets go of the connection when the stream is not read', async () => {
    let closed = false;
    await using server = await serveRaw((_, response) => {
      response.on('close', () => {
        closed = true;
      });
      response.writeHead(200, { 'content-length': '22' }).write('the');
    });
    (await client().getBlob(at(server), blob.descriptor)).destroy();
    await expect.poll(() => closed).toBe(true);
  });
});

describe('uploads', () => {
  const blob = blobOf('the content of a layer');

  it.each([
    ['relative', () => '/v2/team/image/blobs/uploads/1?_state=a%2Fb%3D%3D'],
    ['absolute', (origin: string) => `${origin}/v2/team/image/blobs/uploads/1?_state=a%2Fb%3D%3D`],
    ['without a query', () => '/v2/team/image/blobs/uploads/1'],
  ])('goes on where the registry says: %s', async (_, locate) => {
    await using server = await serveScript(({ method }, response) =>
      method === 'POST' ? answer(response, 202, { location: locate(server.origin) }) : answer(response, 201),
    );
    const told: number[] = [];
    await client().uploadBlob(at(server), blob, { onBytes: (count) => told.push(count) });
    const path = locate('');
    expect(lines(server)).toEqual([
      'POST /v2/team/image/blobs/uploads/',
      `PUT ${path}${path.includes('?') ? '&' : '?'}digest=${encodeURIComponent(blob.descriptor.digest)}`,
    ]);
    expect(server.seen[1]).toMatchObject({ body: blob.bytes, headers: { 'content-length': '22' } });
    expect(told).toEqual([3, 19]);
  });

  it('starts anew with a new upload after the connection broke', async () => {
    let uploads = 0;
    const whole: SeenRequest[] = [];
    await using server = await serveRaw(async (request, response) => {
      request.on('error', () => {});
      if (request.method === 'POST') return answer(response, 202, { location: `/upload/${++uploads}` });
      if (request.method === 'DELETE') return answer(response, 204);
      if (uploads < 3) return request.once('data', () => request.socket.destroy());
      const body = Buffer.concat(await request.toArray());
      whole.push({ method: 'PUT', path: request.url!, headers: request.headers, body });
      answer(response, 201);
    });
    await client().uploadBlob(at(server), blob);
    expect(whole).toMatchObject([{ path: expect.stringMatching(/^\/upload\/3\?/), body: blob.bytes }]);
  });

  it.each([500, 503, 429, 404])('starts anew after %i', async (status) => {
    let uploads = 0;
    await using server = await serveScript(({ method }, response) => {
      if (method === 'POST') return answer(response, 202, { location: `/upload/${++uploads}` });
      answer(response, uploads < 2 ? status : 201);
    });
    await client().uploadBlob(at(server), blob);
    expect(uploads).toBe(2);
  });

  it('gives up when it is of no use', async () => {
    await using server = await serveScript(({ method }, response) =>
      method === 'POST'
        ? answer(response, 202, { location: '/upload' })
        : answer(response, 413, {}, '{"errors":[{"code":"SIZE_INVALID","message":"too\\u001b[31m\\nlarge"}]}'),
    );
    await expect(client().uploadBlob(at(server), blob)).rejects.toMatchObject({
      code: 'registry-refused',
      message: expect.stringContaining('413 (SIZE_INVALID too [31m large)'),
    });
    expect(server.seen).toHaveLength(2);
  });

  it.each([
    ['other content', 'the content of a Layer'],
    ['less', 'the content'],
    ['more', 'the content of a layer and more'],
  ])('does not finish an upload of %s than its descriptor says', async (_, content) => {
    await using server = await serveScript(({ method }, response) =>
      answer(response, method === 'POST' ? 202 : 201, { location: '/upload/1' }),
    );
    const source = { ...blob, open: () => Readable.from([Buffer.from(content)], { objectMode: false }) };
    await expect(client().uploadBlob(at(server), source)).rejects.toMatchObject({ code: 'content-mismatch' });
    expect(lines(server)).toEqual(['POST /v2/team/image/blobs/uploads/', 'DELETE /upload/1']);
  });

  it('sends an empty blob', async () => {
    await using server = await serveScript(({ method }, response) =>
      answer(response, method === 'POST' ? 202 : 201, { location: '/upload/1' }),
    );
    const empty = blobOf('');
    await client().uploadBlob(at(server), { ...empty, open: () => Readable.from([]) });
    expect(server.seen[1]!.headers['content-length']).toBe('0');
  });

  it('sends content but no credentials to another host', async () => {
    await using storage = await serveScript((_, response) =>
      answer(response, 401, { 'www-authenticate': 'Basic realm="give me"' }),
    );
    await using server = await serveScript(({ headers }, response) =>
      headers.authorization
        ? answer(response, 202, { location: `${storage.origin}/upload` })
        : answer(response, 401, { 'www-authenticate': 'Basic realm="r"' }),
    );
    const upload = client({ credential: me }).uploadBlob(at(server), blob);
    await expect(upload).rejects.toMatchObject({ code: 'unauthorized' });
    expect(storage.seen.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  it.each(['http://registry.example.com/upload', 'ftp://127.0.0.1/', '', 'http://['])(
    'does not follow the location %j',
    async (location) => {
      await using server = await serveScript((_, response) => answer(response, 202, location ? { location } : {}));
      await expect(client().uploadBlob(at(server), blob)).rejects.toMatchObject({ code: 'registry-invalid-response' });
    },
  );
});

describe('ensureBlob', () => {
  const blob = blobOf('the content of a layer');

  function registry(mounts: Record<string, number>, has = false) {
    return serveScript(({ method, path }, response) => {
      if (method === 'HEAD') return answer(response, has ? 200 : 404);
      if (method === 'DELETE') return answer(response, 204);
      if (method === 'PUT') return answer(response, 201);
      const from = new URLSearchParams(path.split('?')[1]).get('from');
      answer(response, from ? (mounts[from] ?? 202) : 202, { location: `/upload/${from ?? 'new'}` });
    });
  }

  it('does nothing for a blob that is there', async () => {
    await using server = await registry({}, true);
    expect(await ensureBlob(client(), at(server), blob)).toBe('present');
    expect(lines(server)).toEqual([`HEAD /v2/team/image/blobs/${blob.descriptor.digest}`]);
  });

  it('mounts from the first that will, and gives up the uploads that others opened', async () => {
    await using server = await registry({ 'a/two': 403, 'a/three': 201 });
    const mountFrom = ['a/one', 'a/two', 'a/three', 'a/four'].map((name) => at(server, name));
    const elsewhere = { registry: 'registry.example.com', name: 'a/zero' };
    expect(await ensureBlob(client(), at(server), blob, { mountFrom: [elsewhere, ...mountFrom] })).toBe('mounted');
    const mount = `POST /v2/team/image/blobs/uploads/?mount=${encodeURIComponent(blob.descriptor.digest)}&from=a%2F`;
    expect(lines(server).slice(1)).toEqual([`${mount}one`, 'DELETE /upload/a/one', `${mount}two`, `${mount}three`]);
  });

  it('uploads when nobody has it', async () => {
    await using server = await registry({});
    expect(await ensureBlob(client(), at(server), blob, { mountFrom: [at(server, 'a/one')] })).toBe('pushed');
    expect(server.seen.at(-1)!.body).toEqual(blob.bytes);
  });
});

describe('authentication', () => {
  /** A registry that takes the tokens of its token service only, each once per scope. */
  async function tokenRegistry(options: { readonly realmHost?: string; readonly expiresIn?: number } = {}) {
    const asked: SeenRequest[] = [];
    const server = await serveScript((request, response) => {
      const url = new URL(request.path, 'http://x');
      if (url.pathname === '/token') {
        asked.push(request);
        const form = new URLSearchParams(request.body.toString());
        const scopes = [...url.searchParams.getAll('scope'), ...(form.get('scope')?.split(' ') ?? [])];
        const allowed = request.headers.authorization === basic || form.get('refresh_token') === 'refresh';
        if (!allowed && scopes.some((scope) => scope.includes('push'))) return answer(response, 401);
        const token = `t${asked.length}:${scopes.join('+')}`;
        return answer(response, 200, {}, JSON.stringify({ access_token: token, expires_in: options.expiresIn ?? 300 }));
      }
      const [, repository] = /^\/v2\/(.+)\/(?:blobs|manifests)\//.exec(url.pathname) ?? [];
      const actions = request.method === 'GET' || request.method === 'HEAD' ? 'pull' : 'pull,push';
      if (request.headers.authorization?.includes(`:repository:${repository}:${actions}`)) {
        return answer(response, 200, { 'content-length': '0' });
      }
      const realm = `http://${options.realmHost ?? server.host}/token`;
      const scope = `repository:${repository}:${actions}`;
      answer(response, 401, { 'www-authenticate': `Bearer realm="${realm}",service="the registry",scope="${scope}"` });
    });
    return { ...server, asked };
  }
  const digest = digestOf('x');

  it('gets a token for a scope, keeps it, and gets one for the next scope without being told', async () => {
    await using server = await tokenRegistry();
    const registry = client({ credential: me });
    for (let i = 0; i < 3; i++) expect(await registry.hasBlob(at(server), digest)).toBe(true);
    expect(await registry.hasBlob(at(server, 'other'), digest)).toBe(true);
    expect(lines(server)).toEqual([
      `HEAD /v2/team/image/blobs/${digest}`,
      'GET /token?service=the+registry&scope=repository%3Ateam%2Fimage%3Apull',
      ...Array(3).fill(`HEAD /v2/team/image/blobs/${digest}`),
      'GET /token?service=the+registry&scope=repository%3Aother%3Apull',
      `HEAD /v2/other/blobs/${digest}`,
    ]);
    expect(server.asked[0]!.headers.authorization).toBe(basic);
  });

  it('asks once for many requests at the same time', async () => {
    await using server = await tokenRegistry();
    const registry = client();
    await registry.hasBlob(at(server), digest);
    await Promise.all(Array.from({ length: 8 }, () => registry.hasBlob(at(server, 'other'), digest)));
    expect(server.asked).toHaveLength(2);
    expect(server.asked[0]!.headers.authorization).toBeUndefined();
  });

  it('renews a token whose time is over', async () => {
    await using server = await tokenRegistry({ expiresIn: 0.000_001 });
    const registry = client();
    await registry.hasBlob(at(server), digest);
    await registry.hasBlob(at(server), digest);
    expect(server.asked).toHaveLength(2);
  });

  it('trades an identity token for access', async () => {
    await using server = await tokenRegistry();
    const registry = client({ credential: { kind: 'identity-token', token: 'refresh' } });
    expect(await registry.hasBlob(at(server), digest)).toBe(true);
    expect(server.asked[0]).toMatchObject({ method: 'POST', path: '/token' });
    expect(Object.fromEntries(new URLSearchParams(server.asked[0]!.body.toString()))).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'refresh',
      client_id: 'imagewright',
      service: 'the registry',
      scope: 'repository:team/image:pull',
    });
  });

  it('asks for both repositories of a mount', async () => {
    await using server = await tokenRegistry();
    const mount = client({ credential: me }).mountBlob(at(server), digest, at(server, 'base'));
    await expect(mount).rejects.toMatchObject({ code: 'registry-refused' }); // The script answers 200, which is no answer to a mount.
    expect(server.asked[0]!.path).toContain(
      'scope=repository%3Ateam%2Fimage%3Apull%2Cpush&scope=repository%3Abase%3Apull',
    );
  });

  it('sends no password to another host over plain HTTP', async () => {
    await using tokens = await serveScript((_, response) => answer(response, 200, {}, '{"token":"t"}'));
    const port = tokens.host.split(':')[1];
    await using server = await tokenRegistry({ realmHost: `localhost:${port}` });
    await expect(client({ credential: me }).getManifest(at(server), 'tag')).rejects.toMatchObject({
      code: 'unauthorized',
    });
    expect(tokens.seen.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  it.each(['http://auth.example.com/token', 'http://169.254.169.254/token', 'file:///etc/passwd', 'nonsense'])(
    'asks no token service at %s',
    async (realm) => {
      await using server = await serveScript((_, response) =>
        answer(response, 401, { 'www-authenticate': `Bearer realm="${realm}"` }),
      );
      await expect(client({ credential: me }).ping(server.host)).rejects.toMatchObject({
        code: 'registry-invalid-response',
      });
    },
  );

  it.each([
    ['{"token":""}', 'registry-invalid-response'],
    ['canary', 'registry-invalid-response'],
    ['{"token":"a\\r\\nX: y"}', 'registry-invalid-response'],
  ])('takes no token out of %s', async (body, code) => {
    await using server = await serveScript(({ path }, response) =>
      path.startsWith('/token')
        ? answer(response, 200, {}, body)
        : answer(response, 401, { 'www-authenticate': `Bearer realm="${server.origin}/token"` }),
    );
    const error = await client()
      .ping(server.host)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code });
    expect(inspect(error)).not.toContain('canary');
  });

  it.each([
    [undefined, /docker login .*--auth-file/],
    [me, /were sent/],
  ])('tries once with %j, then says how to give credentials', async (credential, hint) => {
    await using server = await serveScript((_, response) =>
      answer(
        response,
        401,
        { 'www-authenticate': 'Basic realm="r"' },
        '{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}',
      ),
    );
    const registry = credential ? client({ credential }) : client();
    const error = await registry.getManifest(at(server), 'tag').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'unauthorized', hint: expect.stringMatching(hint) });
    expect(inspect(error)).not.toMatch(/canary|bWU6Y/);
    expect(server.seen).toHaveLength(credential ? 2 : 1);
  });

  it.each([
    [403, 'forbidden'],
    [503, 'registry-unavailable'],
    [418, 'registry-refused'],
  ])('tells %i as %s with the reason of the registry', async (status, code) => {
    await using server = await serveScript((_, response) =>
      answer(response, status, {}, JSON.stringify({ errors: [{ code: 'DENIED', message: 'x'.repeat(1000) }] })),
    );
    const error = await client()
      .getManifest(at(server), 'tag')
      .catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code, message: expect.stringContaining('(DENIED xxx') });
    expect((error as Error).message.length).toBeLessThan(450);
  });

  it('keeps to plain HTTP where it may, and to TLS elsewhere', async () => {
    const urls: string[] = [];
    const http = { request: async ({ url }: { url: URL | string }) => void urls.push(String(url)) as never };
    const registry = client({ http, insecureRegistries: ['insecure.example.com:5000'] });
    for (const host of [
      '127.0.0.1:5000',
      'localhost',
      '[::1]:5000',
      'insecure.example.com:5000',
      'insecure.example.com',
      'docker.io',
    ]) {
      await registry.ping(host).catch(() => {});
    }
    expect(urls).toEqual([
      'http://127.0.0.1:5000/v2/',
      'http://localhost/v2/',
      'http://[::1]:5000/v2/',
      'http://insecure.example.com:5000/v2/',
      'https://insecure.example.com/v2/',
      'https://registry-1.docker.io/v2/',
    ]);
  });
});
