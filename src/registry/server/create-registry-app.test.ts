import { describe, expect, it } from 'vitest';
import { type Digest, digestOf } from '../../oci/digest.ts';
import { maxManifestBytes } from '../../oci/manifest.ts';
import { mediaTypes } from '../../oci/media-types.ts';
import { createBlobHolds } from '../blobs/blob-holds.ts';
import { createMemoryBlobStore } from '../blobs/memory-blob-store.ts';
import { createMemoryBlobUploads } from '../blobs/memory-blob-uploads.ts';
import { createRegistryApp } from './create-registry-app.ts';
import { createMemoryRegistryIndex } from './memory-registry-index.ts';
import type { Registry } from './registry.ts';
import { RegistryError } from './registry-error.ts';

function startApp(options: Partial<Registry> = {}) {
  const blobs = createMemoryBlobStore();
  const uploads = createMemoryBlobUploads(blobs);
  const index = createMemoryRegistryIndex();
  const app = createRegistryApp({ blobs, uploads, index, holds: createBlobHolds(), ...options });
  const call = (method: string, path: string, init: RequestInit = {}) => app.request(path, { ...init, method });
  const codeOf = async (response: Response) =>
    ((await response.json()) as { errors: { code: string }[] }).errors.map(({ code }) => code);

  return {
    blobs,
    call,
    codeOf,
    pushBlob: async (repository: string, text: string) => {
      const digest = digestOf(text);
      const response = await call('POST', `/v2/${repository}/blobs/uploads/?digest=${digest}`, { body: text });
      expect(response.status).toBe(201);
      return { mediaType: mediaTypes.ociLayerGzip, digest, size: text.length };
    },
    pushManifest: (repository: string, reference: string, manifest: object, contentType?: string) =>
      call('PUT', `/v2/${repository}/manifests/${reference}`, {
        body: JSON.stringify(manifest),
        headers: { 'Content-Type': contentType ?? mediaTypes.ociManifest },
      }),
    begin: async (repository: string, query = '') => {
      const response = await call('POST', `/v2/${repository}/blobs/uploads/${query}`);
      expect(response.status).toBe(202);
      return response.headers.get('location')!;
    },
  };
}

type App = ReturnType<typeof startApp>;

async function pushImage({ pushBlob, pushManifest }: App, repository: string, tag: string, extra: object = {}) {
  const config = { ...(await pushBlob(repository, '{}')), mediaType: mediaTypes.ociConfig };
  const layer = await pushBlob(repository, 'layer');
  const manifest = { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config, layers: [layer], ...extra };
  const response = await pushManifest(repository, tag, manifest);
  expect(response.status).toBe(201);
  const digest = response.headers.get('docker-content-digest') as Digest;
  return { manifest, digest, text: JSON.stringify(manifest), response };
}

describe('the version check', () => {
  it.each(['/v2', '/v2/'])('answers %s', async (path) => {
    const response = await startApp().call('GET', path);
    expect(response.status).toBe(200);
    expect(response.headers.get('docker-distribution-api-version')).toBe('registry/2.0');
  });
});

describe('blobs', () => {
  it('are pulled whole, in part and by HEAD', async () => {
    const { call, pushBlob } = startApp();
    const { digest } = await pushBlob('team/a', '0123456789');
    const path = `/v2/team/a/blobs/${digest}`;
    const whole = await call('GET', path);
    expect(await whole.text()).toBe('0123456789');
    expect(whole.headers.get('docker-content-digest')).toBe(digest);
    expect(whole.headers.get('x-content-type-options')).toBe('nosniff');
    const part = await call('GET', path, { headers: { Range: 'bytes=2-4' } });
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([206, 'bytes 2-4/10', '234']);
    const past = await call('GET', path, { headers: { Range: 'bytes=10-' } });
    expect([past.status, past.headers.get('content-range')]).toEqual([416, 'bytes */10']);
    const head = await call('HEAD', path);
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '10', '']);
  });

  it('are read only from a repository that has them', async () => {
    const { call, codeOf, pushBlob, blobs } = startApp();
    const { digest } = await pushBlob('ours', 'secret');
    const elsewhere = await call('GET', `/v2/theirs/blobs/${digest}`);
    expect([elsewhere.status, await codeOf(elsewhere)]).toEqual([404, ['BLOB_UNKNOWN']]);
    expect((await call('HEAD', `/v2/theirs/blobs/${digest}`)).status).toBe(404);
    expect((await call('DELETE', `/v2/theirs/blobs/${digest}`)).status).toBe(404);
    expect((await call('DELETE', `/v2/ours/blobs/${digest}`)).status).toBe(202);
    expect((await call('GET', `/v2/ours/blobs/${digest}`)).status).toBe(404);
    // Another repository may still have it.
    expect(await blobs.stat(digest)).toBeDefined();
  });

  it.each(['sha256', 'sha512'] as const)('come by POST and PUT with a %s', async (algorithm) => {
    const { call, begin } = startApp();
    const digest = digestOf('content', algorithm);
    const location = await begin('a');
    const put = await call('PUT', `${location}?digest=${digest}`, { body: 'content' });
    expect([put.status, put.headers.get('location')]).toEqual([201, `/v2/a/blobs/${digest}`]);
    expect(await (await call('GET', put.headers.get('location')!)).text()).toBe('content');
    expect((await call('GET', location)).status).toBe(404);
  });

  it('come in chunks, in order only', async () => {
    const { call, codeOf, begin } = startApp();
    const location = await begin('a');
    const patch = (range: string, body: string) =>
      call('PATCH', location, { body, headers: { 'Content-Range': range, 'Content-Length': String(body.length) } });
    const first = await patch('0-3', '0123');
    expect([first.status, first.headers.get('range')]).toEqual([202, '0-3']);
    for (const range of ['0-3', '3-6', '5-8', 'bytes 4-7/8', '7-4', '-1', '9'.repeat(20)]) {
      const wrong = await patch(range, '4567');
      expect([range, wrong.status, wrong.headers.get('range')]).toEqual([range, 416, '0-3']);
      expect(await codeOf(wrong)).toEqual(['BLOB_UPLOAD_INVALID']);
    }
    expect((await patch('4-9', '4567')).status).toBe(400);
    const state = await call('GET', location);
    expect([state.status, state.headers.get('range'), state.headers.get('location')]).toEqual([204, '0-3', location]);
    expect((await patch('4-7', '4567')).status).toBe(202);
    expect((await call('PUT', `${location}?digest=${digestOf('01234567')}`)).status).toBe(201);
  });

  it('do not stay when their digest is another', async () => {
    const { call, codeOf, begin } = startApp();
    const digest = digestOf('expected');
    for (const put of [
      await call('PUT', `${await begin('a')}?digest=${digest}`, { body: 'sent' }),
      await call('POST', `/v2/a/blobs/uploads/?digest=${digest}`, { body: 'sent' }),
      await call('PUT', `${await begin('a')}?digest=sha256:../../x`, { body: 'sent' }),
      await call('PUT', await begin('a'), { body: 'sent' }),
      await call('POST', '/v2/a/blobs/uploads/?digest-algorithm=md5'),
    ]) {
      expect([put.status, await codeOf(put)]).toEqual([400, ['DIGEST_INVALID']]);
    }
    for (const text of ['expected', 'sent']) {
      expect((await call('GET', `/v2/a/blobs/${digestOf(text)}`)).status).toBe(404);
    }
  });

  it('cannot be added to from another repository, nor after a cancel', async () => {
    const { call, codeOf, begin } = startApp();
    const location = await begin('ours');
    const stolen = location.replace('ours', 'theirs');
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      expect((await call(method, stolen, method === 'PATCH' ? { body: 'x' } : {})).status).toBe(404);
    }
    expect((await call('PUT', `${stolen}?digest=${digestOf('x')}`, { body: 'x' })).status).toBe(404);
    expect((await call('DELETE', location)).status).toBe(204);
    const gone = await call('PATCH', location, { body: 'x' });
    expect([gone.status, await codeOf(gone)]).toEqual([404, ['BLOB_UPLOAD_UNKNOWN']]);
  });
});

describe('mounting', () => {
  it('takes a blob of a repository that has it', async () => {
    const { call, pushBlob } = startApp();
    const { digest } = await pushBlob('from', 'x');
    const mounted = await call('POST', `/v2/to/blobs/uploads/?mount=${digest}&from=from`);
    expect([mounted.status, mounted.headers.get('location')]).toEqual([201, `/v2/to/blobs/${digest}`]);
    expect((await call('HEAD', `/v2/to/blobs/${digest}`)).status).toBe(200);
  });

  it('finds the source itself when it is not named', async () => {
    const { call, begin, pushBlob } = startApp();
    const { digest } = await pushBlob('from', 'x');
    expect((await call('POST', `/v2/to/blobs/uploads/?mount=${digest}`)).status).toBe(201);
    expect(await (await call('GET', `/v2/to/blobs/${digest}`)).text()).toBe('x');
    await begin('to', `?mount=${digestOf('nowhere')}`);
  });

  it('begins an upload when the source does not have it', async () => {
    const { call, begin, pushBlob } = startApp();
    const { digest } = await pushBlob('elsewhere', 'x');
    await begin('to', `?mount=${digest}&from=from`);
    expect((await call('HEAD', `/v2/to/blobs/${digest}`)).status).toBe(404);
    expect((await call('POST', `/v2/to/blobs/uploads/?mount=${digest}&from=../elsewhere`)).status).toBe(400);
  });

  it('needs the right to pull from the source', async () => {
    const open = startApp();
    const { digest } = await open.pushBlob('private', 'x');
    const index = createMemoryRegistryIndex();
    await index.blobs.add('private', { digest, sizeBytes: 1 });
    const { call, begin } = startApp({
      blobs: open.blobs,
      index,
      authorize: (access) => {
        if (access?.repository === 'private') throw new RegistryError('DENIED', 'not yours');
        return 'somebody';
      },
    });
    await begin('to', `?mount=${digest}&from=private`);
    await begin('to', `?mount=${digest}`);
    expect((await call('HEAD', `/v2/to/blobs/${digest}`)).status).toBe(404);
  });
});

describe('manifests', () => {
  it('are pulled by tag and digest as they were sent', async () => {
    const app = startApp();
    const { digest, text } = await pushImage(app, 'team/a', '1.0');
    for (const reference of ['1.0', digest]) {
      const response = await app.call('GET', `/v2/team/a/manifests/${reference}`);
      expect(response.headers.get('content-type')).toBe(mediaTypes.ociManifest);
      expect(response.headers.get('docker-content-digest')).toBe(digest);
      expect(await response.text()).toBe(text);
      const head = await app.call('HEAD', `/v2/team/a/manifests/${reference}`);
      expect([head.status, head.headers.get('content-length')]).toEqual([200, String(text.length)]);
    }
    expect((await app.call('GET', `/v2/team/b/manifests/${digest}`)).status).toBe(404);
  });

  it('are stored by their own digest with tags', async () => {
    const app = startApp();
    const { text } = await pushImage(app, 'a', 'old');
    const digest = digestOf(text, 'sha512');
    const put = await app.pushManifest('a', `${digest}?tag=one&tag=two`, JSON.parse(text));
    expect([put.status, put.headers.get('oci-tag')]).toEqual([201, 'one, two']);
    expect((await app.call('HEAD', '/v2/a/manifests/two')).headers.get('docker-content-digest')).toBe(digest);
    const wrong = await app.pushManifest('a', digestOf('other'), JSON.parse(text));
    expect([wrong.status, await app.codeOf(wrong)]).toEqual([400, ['DIGEST_INVALID']]);
    const bad = await app.pushManifest('a', `${digest}?tag=..`, JSON.parse(text));
    expect(bad.status).toBe(400);
  });

  it('may not name what the repository does not have', async () => {
    const app = startApp();
    const { manifest, digest, text } = await pushImage(app, 'a', 'x');
    const missing = { mediaType: mediaTypes.ociLayerGzip, digest: digestOf('missing'), size: 7 };
    const elsewhere = await app.pushBlob('b', 'elsewhere');
    const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex };
    const part = { mediaType: mediaTypes.ociManifest, digest, size: text.length };
    for (const [sent, type] of [
      [{ ...manifest, layers: [missing] }, mediaTypes.ociManifest],
      [{ ...manifest, config: missing }, mediaTypes.ociManifest],
      [{ ...manifest, layers: [elsewhere] }, mediaTypes.ociManifest],
      [{ ...index, manifests: [part, missing] }, mediaTypes.ociIndex],
    ] as const) {
      const response = await app.pushManifest('a', 'y', sent, type);
      expect([response.status, await app.codeOf(response)]).toEqual([400, ['MANIFEST_BLOB_UNKNOWN']]);
    }
    expect((await app.call('GET', '/v2/a/manifests/y')).status).toBe(404);
    const good = await app.pushManifest('a', 'y', { ...index, manifests: [part] }, mediaTypes.ociIndex);
    expect(good.status).toBe(201);
  });

  it('may name layers that are not distributed', async () => {
    const app = startApp();
    const layer = {
      mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
      digest: digestOf('never pushed'),
      size: 5,
    };
    await pushImage(app, 'a', 'x', { layers: [{ ...layer, urls: ['http://169.254.169.254/latest'] }] });
    // Nobody is sent to where such a layer is said to be.
    const pull = await app.call('GET', `/v2/a/blobs/${layer.digest}`);
    expect([pull.status, pull.headers.get('location')]).toEqual([404, null]);
  });

  it.each([
    ['no JSON', '{', mediaTypes.ociManifest],
    ['a list', '[]', mediaTypes.ociManifest],
    ['another mediaType than its Content-Type', { mediaType: mediaTypes.ociManifest }, mediaTypes.dockerManifest],
    ['both kinds at once', { manifests: [] }, mediaTypes.ociManifest],
    ['a type that is no image', { mediaType: 'text/html' }, 'text/html'],
    ['a wrong size', { layers: [{ mediaType: 'a/b', digest: digestOf('layer'), size: 4 }] }, mediaTypes.ociManifest],
    ['a bad digest', { layers: [{ mediaType: 'a/b', digest: 'sha256:../x', size: 4 }] }, mediaTypes.ociManifest],
    ['schema 1', { schemaVersion: 1 }, mediaTypes.ociManifest],
  ])('are refused when they are %s', async (_what, change, contentType) => {
    const app = startApp();
    const { manifest } = await pushImage(app, 'a', 'good');
    const body = typeof change === 'string' ? change : JSON.stringify({ ...manifest, ...change });
    const response = await app.call('PUT', '/v2/a/manifests/bad', { body, headers: { 'Content-Type': contentType } });
    expect([response.status, await app.codeOf(response)]).toEqual([400, ['MANIFEST_INVALID']]);
  });

  it('may be 4 MiB large and not more', async () => {
    const app = startApp();
    const { manifest } = await pushImage(app, 'a', 'x');
    const spare = maxManifestBytes - JSON.stringify({ ...manifest, annotations: { x: '' } }).length;
    for (const [length, status] of [
      [spare, 201],
      [spare + 1, 413],
    ] as const) {
      const response = await app.pushManifest('a', 'big', { ...manifest, annotations: { x: 'x'.repeat(length) } });
      expect(response.status).toBe(status);
    }
  });

  it('keep what they name', async () => {
    const app = startApp();
    const { manifest, digest, text } = await pushImage(app, 'a', 'x');
    const part = { mediaType: mediaTypes.ociManifest, digest, size: text.length };
    const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [part] };
    expect((await app.pushManifest('a', 'all', index, mediaTypes.ociIndex)).status).toBe(201);
    for (const path of [
      `blobs/${manifest.layers[0]!.digest}`,
      `blobs/${manifest.config.digest}`,
      `manifests/${digest}`,
    ]) {
      const refused = await app.call('DELETE', `/v2/a/${path}`);
      expect([refused.status, await app.codeOf(refused)]).toEqual([405, ['UNSUPPORTED']]);
    }
    expect((await app.call('DELETE', `/v2/a/manifests/${digestOf(JSON.stringify(index))}`)).status).toBe(202);
    expect((await app.call('DELETE', `/v2/a/manifests/${digest}`)).status).toBe(202);
    expect((await app.call('DELETE', `/v2/a/blobs/${manifest.config.digest}`)).status).toBe(202);
  });

  it('lose a tag, or all of them', async () => {
    const app = startApp();
    const { digest } = await pushImage(app, 'a', 'one');
    await pushImage(app, 'a', 'two');
    expect((await app.call('DELETE', '/v2/a/manifests/one')).status).toBe(202);
    expect((await app.call('DELETE', '/v2/a/manifests/one')).status).toBe(404);
    expect((await app.call('GET', '/v2/a/manifests/two')).status).toBe(200);
    expect((await app.call('DELETE', `/v2/a/manifests/${digest}`)).status).toBe(202);
    expect((await app.call('GET', '/v2/a/manifests/two')).status).toBe(404);
  });
});

describe('lists', () => {
  it('give tags in pages', async () => {
    const app = startApp();
    for (const tag of ['c', 'a', 'b']) await pushImage(app, 'a', tag);
    const list = async (query: string) => {
      const response = await app.call('GET', `/v2/a/tags/list${query}`);
      return [((await response.json()) as { tags: string[] }).tags, response.headers.get('link')];
    };
    expect(await list('')).toEqual([['a', 'b', 'c'], null]);
    expect(await list('?n=2')).toEqual([['a', 'b'], '</v2/a/tags/list?n=2&last=b>; rel="next"']);
    expect(await list('?n=2&last=b')).toEqual([['c'], null]);
    expect(await list('?n=3')).toEqual([['a', 'b', 'c'], null]);
    expect(await list('?n=0')).toEqual([[], null]);
    expect(await list('?n=999999999')).toEqual([['a', 'b', 'c'], null]);
    expect((await app.call('GET', '/v2/a/tags/list?n=-1')).status).toBe(400);
    const unknown = await app.call('GET', '/v2/nobody/tags/list');
    expect([unknown.status, await app.codeOf(unknown)]).toEqual([404, ['NAME_UNKNOWN']]);
  });

  it('give referrers, by type when asked', async () => {
    const app = startApp();
    const subject = { mediaType: mediaTypes.ociManifest, digest: digestOf('not there yet'), size: 1 };
    const { digest, response } = await pushImage(app, 'a', 'sbom', {
      artifactType: 'application/vnd.example.sbom',
      subject,
      annotations: { k: 'v' },
    });
    expect(response.headers.get('oci-subject')).toBe(subject.digest);
    await pushImage(app, 'a', 'plain', { subject });
    const list = async (query: string) => {
      const answer = await app.call('GET', `/v2/a/referrers/${subject.digest}${query}`);
      expect(answer.headers.get('content-type')).toBe(mediaTypes.ociIndex);
      const { manifests } = (await answer.json()) as { manifests: { artifactType: string; digest: string }[] };
      return { manifests, types: manifests.map(({ artifactType }) => artifactType).sort(), answer };
    };
    expect((await list('')).types).toEqual(['application/vnd.example.sbom', mediaTypes.ociConfig]);
    const filtered = await list('?artifactType=application/vnd.example.sbom');
    expect(filtered.manifests).toMatchObject([{ digest, annotations: { k: 'v' } }]);
    expect(filtered.answer.headers.get('oci-filters-applied')).toBe('artifactType');
    expect((await app.call('GET', `/v2/a/referrers/${digestOf('x')}`)).status).toBe(200);
    expect((await app.call('GET', '/v2/a/referrers/x')).status).toBe(400);
  });
});

describe('the door', () => {
  it('asks before anything is looked up', async () => {
    const asked: unknown[] = [];
    const { call, codeOf } = startApp({
      authorize: (access) => {
        asked.push(access);
        throw new RegistryError('UNAUTHORIZED', 'who are you', { headers: { 'WWW-Authenticate': 'Basic' } });
      },
    });
    for (const [method, path] of [
      ['GET', '/v2/'],
      ['GET', '/v2/a/manifests/x'],
      ['HEAD', `/v2/a/blobs/${digestOf('x')}`],
      ['PUT', '/v2/a/manifests/x'],
      ['POST', '/v2/a/blobs/uploads/'],
      ['DELETE', '/v2/a/manifests/x'],
    ] as const) {
      const response = await call(method, path);
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Basic']);
      if (method !== 'HEAD') expect(await codeOf(response)).toEqual(['UNAUTHORIZED']);
    }
    const repository = 'a';
    expect(asked).toEqual([
      undefined,
      { repository, action: 'pull' },
      { repository, action: 'pull' },
      { repository, action: 'push' },
      { repository, action: 'push' },
      { repository, action: 'delete' },
    ]);
  });

  it('takes so many uploads at once, and more when one has ended', async () => {
    const { call, codeOf, begin } = startApp({ maxUploadsAtOnce: 1 });
    const location = await begin('a');
    const { readable, writable } = new TransformStream<Uint8Array>();
    const slow = call('PATCH', location, { body: readable, duplex: 'half' } as RequestInit);
    const refused = await call('POST', '/v2/a/blobs/uploads/');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect(await codeOf(refused)).toEqual(['TOOMANYREQUESTS']);
    expect((await call('GET', location)).status).toBe(204);
    await writable.close();
    expect((await slow).status).toBe(202);
    await begin('a');
  });

  it('lets a repository have so many bytes, each blob counted once, and tells how many it has', async () => {
    const { call, codeOf, begin, pushBlob } = startApp({ maxRepositoryBytes: 10 });
    const denied = async (response: Response | Promise<Response>) => {
      const answer = await response;
      expect([answer.status, await codeOf(answer.clone() as Response)]).toEqual([403, ['DENIED']]);
      return answer.text();
    };
    const push = (repository: string, text: string) =>
      call('POST', `/v2/${repository}/blobs/uploads/?digest=${digestOf(text)}`, { body: text });
    await pushBlob('a', '123456');
    expect(await denied(push('a', '12345'))).toContain(
      'There is no room in a for 5 bytes: it has 6 bytes of the 10 that it may have',
    );
    await pushBlob('b', '12345');
    await denied(call('POST', `/v2/a/blobs/uploads/?mount=${digestOf('12345')}&from=b`));
    await denied(call('PATCH', await begin('a'), { body: '12345', headers: { 'Content-Length': '5' } }));
    const streamed = await begin('a');
    expect((await call('PATCH', streamed, { body: '12345' })).status).toBe(202);
    await denied(call('PUT', `${streamed}?digest=${digestOf('12345')}`));
    expect((await call('HEAD', `/v2/a/blobs/${digestOf('12345')}`)).status).toBe(404);
    await pushBlob('a', '1234');
    const again = await begin('a');
    expect((await call('PUT', `${again}?digest=${digestOf('')}`)).status).toBe(201);
    expect((await call('POST', `/v2/a/blobs/uploads/?mount=${digestOf('1234')}&from=a`)).status).toBe(201);
  });

  it('knows no other method and shows nothing of a bug', async () => {
    const bugs: unknown[] = [];
    const { call, codeOf, blobs } = startApp({ onBug: (error) => bugs.push(error) });
    const wrong = await call('PATCH', '/v2/a/manifests/x');
    expect([wrong.status, await codeOf(wrong)]).toEqual([405, ['UNSUPPORTED']]);
    expect((await call('OPTIONS', '/v2/a/manifests/x')).status).toBe(405);
    blobs.write = () => Promise.reject(new Error('at /secret/path'));
    const failed = await call('POST', `/v2/a/blobs/uploads/?digest=${digestOf('x')}`, { body: 'x' });
    expect(failed.status).toBe(500);
    expect(await failed.text()).not.toContain('secret');
    expect(bugs).toHaveLength(1);
  });
});
