import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../test/fresh-database.ts';
import { buildNewImage } from '../../test/stored-images.ts';
import { digestOf } from '../oci/digest.ts';
import { createBlobHolds } from '../registry/blobs/blob-holds.ts';
import { createMemoryBlobStore } from '../registry/blobs/memory-blob-store.ts';
import { createMemoryBlobUploads } from '../registry/blobs/memory-blob-uploads.ts';
import { createRegistryApp } from '../registry/server/create-registry-app.ts';
import { createMemoryRegistryIndex } from '../registry/server/memory-registry-index.ts';
import type { RegistryAccess } from '../registry/server/registry.ts';
import type { RegistryError } from '../registry/server/registry-error.ts';
import type { RegistryGrant } from '../runners/registry-grant.ts';
import type { Database } from '../store/database.ts';
import { insertImage } from '../store/images.ts';
import { insertGroup, removeMember, replaceMemberships } from '../store/people/groups.ts';
import { createToken, revokeToken, type TokenScope } from '../store/people/tokens.ts';
import { insertUser } from '../store/people/users.ts';
import { createThrottle } from './people/throttle.ts';
import { jobAccess, registryAccess } from './registry-access.ts';

const adminToken = 'iw_the-administrator';
const blob = Buffer.from('secret layer');
const digest = digestOf(blob);
let database: Database;
let app: ReturnType<typeof createRegistryApp>;
const tokens: Record<string, string> = {};
const ids: Record<string, string> = {};

beforeAll(async () => {
  database = await freshDatabase();
  for (const name of ['vision', 'speech']) await insertGroup(database, { name, displayName: '', limits: {} });
  const people = { vera: { vision: 'admin' }, max: { vision: 'member' }, sam: { speech: 'admin' } } as const;
  for (const [name, groups] of Object.entries(people)) {
    await insertUser(database, { name, displayName: '', email: '', isAdmin: false });
    await replaceMemberships(database, name, groups);
    for (const scope of ['read', 'write'] as const) await makeToken(name, scope);
  }
  await insertImage(database, buildNewImage({ name: 'mine', ownerGroup: 'vision', groups: ['vision'] }));
  await insertImage(database, buildNewImage({ name: 'gone', ownerGroup: 'vision', groups: ['vision'] }));
  await database.query("update images set deleted_at = now() where name = 'gone'");
  const blobs = createMemoryBlobStore();
  const index = createMemoryRegistryIndex();
  app = createRegistryApp({
    ...{ blobs, index, uploads: createMemoryBlobUploads(blobs), holds: createBlobHolds() },
    authorize: registryAccess({ database, adminToken, throttle: createThrottle() }),
  });
  for (const repository of ['mine', 'gone', 'python']) {
    const path = `/v2/${repository}/blobs/uploads/?digest=${digest}`;
    expect((await ask('POST', path, adminToken, blob)).status).toBe(201);
  }
});
afterAll(() => database[Symbol.asyncDispose]());

async function makeToken(user: string, scope: TokenScope): Promise<void> {
  const { token, text } = await createToken(database, { user, name: scope, scopes: [scope], expiresAt: null });
  tokens[`${user} ${scope}`] = text;
  ids[`${user} ${scope}`] = token.id;
}

const basic = (password: string, user = 'whoever') => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
function ask(method: string, path: string, password?: string, body?: Buffer) {
  const headers: Record<string, string> = password === undefined ? {} : { Authorization: basic(password) };
  return app.request(path, { method, headers, ...(body && { body: new Uint8Array(body) }) });
}
const statusOf = async (...asked: Parameters<typeof ask>) => (await ask(...asked)).status;
const pull = (repository: string, token?: string) => statusOf('GET', `/v2/${repository}/blobs/${digest}`, token);
const push = (repository: string, token?: string) => statusOf('POST', `/v2/${repository}/blobs/uploads/`, token);
const remove = (repository: string, token?: string) =>
  statusOf('DELETE', `/v2/${repository}/manifests/${digestOf('none')}`, token);

describe('the door of the registry', () => {
  it('asks for a token and takes it as a password or as it is', async () => {
    const refused = await ask('GET', '/v2/');
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="Imagewright"']);
    expect(await refused.json()).toMatchObject({ errors: [{ code: 'UNAUTHORIZED' }] });
    expect(await statusOf('GET', '/v2/', 'iw_wrong')).toBe(401);
    const token = tokens['max read']!;
    expect(await statusOf('GET', '/v2/', token)).toBe(200);
    for (const Authorization of [`Bearer ${token}`, basic(token, ''), basic(token, 'a user'), basic(adminToken)]) {
      expect((await app.request('/v2/', { headers: { Authorization } })).status).toBe(200);
    }
    for (const Authorization of ['Basic', 'Basic !', `Digest ${token}`, basic(''), 'Bearer ', token]) {
      expect((await app.request('/v2/', { headers: { Authorization } })).status).toBe(401);
    }
  });

  it.each([
    // An image has the rights of its groups, also once it is deleted.
    ['vera write', 'mine', [200, 202, 404]],
    ['vera read', 'mine', [200, 403, 403]],
    ['max write', 'mine', [200, 403, 403]],
    ['sam write', 'mine', [404, 404, 404]],
    ['vera write', 'gone', [200, 202, 404]],
    ['sam write', 'gone', [404, 404, 404]],
    // What is no image, people may pull.
    ['sam read', 'python', [200, 403, 403]],
    ['vera write', 'python', [200, 403, 403]],
    ['vera write', 'new/name', [404, 403, 403]],
  ])('lets %s pull, push and delete in %s: %j', async (who, repository, expected) => {
    const token = tokens[who]!;
    expect([await pull(repository, token), await push(repository, token), await remove(repository, token)]).toEqual(
      expected,
    );
  });

  it('lets nobody take a tag away who may not delete', async () => {
    for (const who of ['vera read', 'max write']) {
      expect(await statusOf('DELETE', '/v2/mine/manifests/latest', tokens[who]!)).toBe(403);
      expect(await statusOf('PUT', '/v2/mine/manifests/latest', tokens[who]!, Buffer.from('{}'))).toBe(403);
    }
    expect(await statusOf('DELETE', '/v2/mine/manifests/latest', tokens['vera write']!)).toBe(404);
  });

  it('lists no repositories, to nobody', async () => {
    for (const path of ['/v2/_catalog', '/v2/_catalog?n=1000000000']) {
      const answer = await ask('GET', path, adminToken);
      expect([answer.status, await answer.text()]).toEqual([404, expect.not.stringContaining('mine')]);
    }
  });

  it('mounts only from where one may pull', async () => {
    const mount = (token: string, query: string) =>
      statusOf('POST', `/v2/mine/blobs/uploads/?mount=${digest}${query}`, token);
    await insertImage(database, buildNewImage({ name: 'hers', ownerGroup: 'speech' }));
    const probe = digestOf('only there');
    const only = (token: string, query: string) =>
      statusOf('POST', `/v2/hers/blobs/uploads/?mount=${probe}${query}`, token);
    expect(
      await statusOf('POST', `/v2/mine/blobs/uploads/?digest=${probe}`, adminToken, Buffer.from('only there')),
    ).toBe(201);
    // 202 begins an upload: whether the blob is anywhere is not told.
    for (const query of ['', '&from=mine']) expect(await only(tokens['sam write']!, query)).toBe(202);
    expect(await only(adminToken, '')).toBe(201);
    expect(await mount(tokens['vera write']!, '&from=python')).toBe(201);
  });

  it('knows an upload only with who began it', async () => {
    const begun = await ask('POST', '/v2/mine/blobs/uploads/', tokens['vera write']!);
    const location = begun.headers.get('location')!;
    expect(location).toMatch(/^\/v2\/mine\/blobs\/uploads\/[0-9a-f-]{36}$/);
    for (const method of ['GET', 'PATCH', 'DELETE']) expect(await statusOf(method, location, adminToken)).toBe(404);
    expect(await statusOf('PUT', `${location}?digest=${digest}`, adminToken, blob)).toBe(404);
    expect(await statusOf('PATCH', location, tokens['vera write']!, blob)).toBe(202);
    expect(await statusOf('PUT', `${location}?digest=${digest}`, tokens['vera write']!)).toBe(201);
  });

  it('lets a job pull what its group sees, and push its own image only', async () => {
    const may = (grant: RegistryGrant, action: RegistryAccess['action'], repository: string) =>
      jobAccess(
        database,
        grant,
      )({ repository, action }).then(
        () => 200,
        ({ status }: RegistryError) => status,
      );
    const job = { groups: ['speech'], repository: 'hers' };
    const asked = [
      ['pull', 'python', 200],
      ['pull', 'mine', 404],
      ['pull', 'hers', 200],
      ['push', 'hers', 200],
      ['push', 'mine', 403],
      ['push', 'python', 403],
      ['delete', 'hers', 403],
    ] as const;
    for (const [action, repository, status] of asked) expect(await may(job, action, repository)).toBe(status);
    expect(await may({ groups: ['vision'] }, 'pull', 'mine')).toBe(200);
    expect(await may({ groups: [] }, 'pull', 'mine')).toBe(404);
    expect(await may({ groups: 'all' }, 'pull', 'mine')).toBe(200);
    expect(await may({ groups: 'all' }, 'push', 'mine')).toBe(403);
  });

  it('forgets at once who was in a group, and a token that is revoked', async () => {
    const token = tokens['max read']!;
    expect(await pull('mine', token)).toBe(200);
    await removeMember(database, 'max', 'vision');
    expect(await pull('mine', token)).toBe(404);
    await revokeToken(database, ids['max read']!);
    expect(await pull('python', token)).toBe(401);
  });

  it('makes an address wait that guesses', async () => {
    for (let guess = 0; guess < 12; guess++) await ask('GET', '/v2/', `iw_guess${guess}`);
    const refused = await ask('GET', '/v2/', 'iw_another');
    expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([429, true]);
    expect(await statusOf('GET', '/v2/', adminToken)).toBe(200);
  });
});
