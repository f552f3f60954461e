import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { answer, type Script, serveScript } from '../../test/scripted-server.ts';
import * as api from '../api/registry-settings.ts';
import { effectiveRegistry } from '../store/settings/registry-settings.ts';
import { administrator, openSettingsApp, type SettingsApp, visionAdministrator } from './settings-app.fixture.ts';

let app: SettingsApp;
beforeAll(async () => {
  app = await openSettingsApp();
}, 60_000);
afterAll(() => app[Symbol.asyncDispose]());
beforeEach(() => app.database.query('delete from settings'));

const client = () => app.as(administrator);
const read = () => client().call(api.getRegistry, {});
const put = (body: object) => client().call(api.setRegistry, { body });
const tryOut = (settings?: object) => client().call(api.testRegistry, { body: settings ? { settings } : {} });
const inForce = () => effectiveRegistry(app.database, app.box, { embeddedUrl: 'http://127.0.0.1:8080' });
const endpoint = 'https://registry.example.com';

describe('the registry', () => {
  it('is the embedded one until another is set', async () => {
    const first = {
      source: 'embedded',
      exampleImage: '127.0.0.1:8080/example:1a2b3c4d',
      version: 0,
      hasPassword: false,
    };
    expect(await read()).toMatchObject(first);
    const set = await put({ endpoint, username: 'me', password: 'pw', pushRepoPrefix: 'team' });
    const example = 'registry.example.com/team/example:1a2b3c4d';
    expect(set).toMatchObject({
      source: 'stored',
      exampleImage: example,
      version: 1,
      hasPassword: true,
      updatedBy: 'root',
    });
    expect(await read()).toEqual(set);
    expect(await inForce()).toMatchObject({ target: 'registry.example.com/team/', credential: { password: 'pw' } });
    await client().call(api.deleteRegistry, {});
    expect(await read()).toMatchObject(first);
  });

  it('may be none', async () => {
    expect(await put({ embedded: false })).toMatchObject({ source: 'none', exampleImage: null });
    expect(await inForce()).toBeUndefined();
    await expect(tryOut()).rejects.toMatchObject({ code: 'registry-not-set' });
    const status = () => app.as(visionAdministrator).call(api.getRegistryStatus, {});
    expect(await status()).toEqual({ isSet: false });
    await put({ embedded: true });
    expect(await status()).toEqual({ isSet: true });
  });

  it('keeps its password, but not for another registry', async () => {
    await put({ endpoint, username: 'me', password: 'pw' });
    await put({ endpoint, username: 'you' });
    expect(await inForce()).toMatchObject({ credential: { username: 'you', password: 'pw' } });
    const moved = put({ endpoint: 'https://evil.example.com', username: 'you' });
    await expect(moved).rejects.toMatchObject({ code: 'request-invalid', problems: [{ field: 'password' }] });
    const tried = tryOut({ endpoint: 'https://evil.example.com', username: 'you' });
    await expect(tried).rejects.toMatchObject({ code: 'request-invalid', problems: [{ field: 'password' }] });
    await put({ endpoint: 'https://other.example.com', password: null });
    expect(await inForce()).not.toHaveProperty('credential');
  });

  it('refuses an edit of what has changed since, and shows what stands', async () => {
    expect(await put({ endpoint, version: 0 })).toMatchObject({ version: 1 });
    const current = expect.objectContaining({ version: 1, endpoint });
    for (const version of [0, 2]) {
      await expect(put({ endpoint, version })).rejects.toMatchObject({ code: 'conflict', current });
    }
    expect(await put({ endpoint, version: 1 })).toMatchObject({ version: 2 });
    expect(await put({ endpoint })).toMatchObject({ version: 3 });
    await client().call(api.deleteRegistry, {});
    await expect(put({ endpoint, version: 3 })).rejects.toMatchObject({ code: 'conflict' });
  });

  it('is an administrator’s business', async () => {
    const vera = app.as(visionAdministrator);
    const calls = [
      vera.call(api.getRegistry, {}),
      vera.call(api.setRegistry, { body: {} }),
      vera.call(api.deleteRegistry, {}),
      vera.call(api.testRegistry, { body: {} }),
    ];
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'forbidden' });
    const scoped = app.as({ ...administrator, scopes: ['read', 'write'] });
    await expect(scoped.call(api.setRegistry, { body: {} })).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('a test of the registry', () => {
  const results = ({ checks }: Awaited<ReturnType<typeof tryOut>>) => checks.map(({ result }) => result);

  it('finds the embedded one in this process', async () => {
    const tried = await tryOut();
    expect(results(tried)).toEqual(['ok', 'skipped', 'ok']);
    expect(tried).toMatchObject({ isOk: true, registryHost: '127.0.0.1:8080' });
  });

  it('says that nobody answers', async () => {
    const tried = await tryOut({ endpoint: '127.0.0.1:1' });
    expect(results(tried)).toEqual(['failed', 'skipped', 'skipped']);
    expect(tried).toMatchObject({
      isOk: false,
      checks: [{ message: expect.stringContaining('could not be reached') }, {}, {}],
    });
  });

  const password = randomBytes(12).toString('base64url');
  const right = `Basic ${Buffer.from(`me:${password}`).toString('base64')}`;
  /** A registry of one user, who may push below `team/`; what it refuses it tells with all that it was sent. */
  const registry: Script = ({ method, path, headers }, response) => {
    const { authorization = '' } = headers;
    const refuse = (status: number, code: string) => {
      const extra = status === 401 ? { 'www-authenticate': 'Basic realm="test"' } : {};
      const message = `refused: ${authorization} ${Buffer.from(authorization.slice(6), 'base64')}`;
      answer(response, status, extra, JSON.stringify({ errors: [{ code, message }] }));
    };
    if (authorization !== right) return refuse(401, 'UNAUTHORIZED');
    if (path === '/v2/') return answer(response, 200);
    if (method === 'POST' && path.startsWith('/v2/team/'))
      return answer(response, 202, { location: '/upload/1?state=x' });
    if (method === 'DELETE' && path === '/upload/1?state=x') return answer(response, 204);
    return refuse(path.startsWith('/v2/absent/') ? 404 : 403, 'DENIED');
  };

  it('opens an upload and gives it up again', async () => {
    await using server = await serveScript(registry);
    const tried = await tryOut({ endpoint: server.host, username: 'me', password, pushRepoPrefix: 'team' });
    expect(tried).toMatchObject({ isOk: true, exampleImage: `${server.host}/team/example:1a2b3c4d` });
    expect(results(tried)).toEqual(['ok', 'ok', 'ok']);
    expect(server.seen.map(({ method, path }) => `${method} ${path}`).slice(-2)).toEqual([
      'POST /v2/team/imagewright-connection-test/blobs/uploads/',
      'DELETE /upload/1?state=x',
    ]);
  });

  it.each<[string, object, string[], RegExp]>([
    ['a wrong password', { username: 'me', password: 'wrong-wrong' }, ['ok', 'failed', 'skipped'], /password/],
    ['no password', {}, ['ok', 'failed', 'skipped'], /give a user name/],
    [
      'no right to push',
      { username: 'me', password, pushRepoPrefix: 'other' },
      ['ok', 'ok', 'failed'],
      /right to push/,
    ],
    ['a missing project', { username: 'me', password, pushRepo: 'absent/x' }, ['ok', 'ok', 'failed'], /first/],
  ])('tells %s, without what was sent', async (_, settings, expected, hint) => {
    await using server = await serveScript(registry);
    const tried = await tryOut({ endpoint: server.host, ...settings });
    expect(results(tried)).toEqual(expected);
    expect(tried.isOk).toBe(false);
    expect(tried.checks.find(({ result }) => result === 'failed')?.hint).toMatch(hint);
    expect(JSON.stringify(tried)).not.toMatch(new RegExp(`${password}|wrong-wrong|${right.slice(6)}`));
  });

  it('takes the stored password for the same registry', async () => {
    await using server = await serveScript(registry);
    await put({ endpoint: server.host, username: 'me', password, pushRepoPrefix: 'other' });
    expect(results(await tryOut())).toEqual(['ok', 'ok', 'failed']);
    expect(results(await tryOut({ endpoint: server.host, username: 'me', pushRepoPrefix: 'team' }))).toEqual([
      'ok',
      'ok',
      'ok',
    ]);
  });
});
