import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../test/fresh-database.ts';
import { listAudit as listAuditOf } from '../../api/audit.ts';
import { type ApiClient, createApiClient } from '../../api/create-client.ts';
import * as api from '../../api/people.ts';
import type { Database } from '../../store/database.ts';
import { createToken } from '../../store/people/tokens.ts';
import { ensureAdministrator } from '../../store/people/users.ts';
import { answerError } from '../answer-error.ts';
import type { ApiEnv } from '../serve-endpoint.ts';
import { authenticate } from './authenticate.ts';
import { peopleRoutes } from './people-routes.ts';

const adminToken = 'fixed-administrator-token';
let database: Database;
let admin: ApiClient;
const clientOf = (token: string): ApiClient =>
  createApiClient({ url: 'http://images.test', token, fetch: send as typeof fetch });
/** A client of that user, by a token of all scopes unless told. */
const signedIn = async (user: string, scopes: readonly ('read' | 'write' | 'admin')[] = ['admin']) =>
  clientOf((await createToken(database, { user, name: 't', scopes, expiresAt: null })).text);
let send: (url: URL, init: RequestInit) => Promise<Response>;

beforeAll(async () => {
  database = await freshDatabase();
  await ensureAdministrator(database);
  const app = new Hono<ApiEnv>();
  const routes = new Hono<ApiEnv>();
  routes.use(authenticate({ adminToken, database }));
  peopleRoutes(routes, { database, publicUrl: () => 'https://images.test' });
  routes.onError((error, c) => answerError(error, c, console.error));
  app.route('/api/v1', routes);
  send = async (url, init) => app.request(url, init);
  admin = clientOf(adminToken);
  for (const name of ['ann', 'ben', 'cat']) await admin.call(api.createUser, { body: { name } });
  for (const name of ['red', 'blue']) await admin.call(api.createGroup, { body: { name } });
  await admin.call(api.setGroupMember, { params: { name: 'red', user: 'ann' }, body: { role: 'admin' } });
  await admin.call(api.setGroupMember, { params: { name: 'red', user: 'ben' }, body: {} });
}, 60_000);
afterAll(() => database[Symbol.asyncDispose]());

const codeOf = (asked: Promise<unknown>) =>
  asked.then(
    () => 'done',
    (error) => error.code,
  );

describe('users', () => {
  it('are made, listed, changed and deleted by administrators', async () => {
    const made = await admin.call(api.createUser, {
      body: { name: 'dan', displayName: 'Dan', email: 'dan@example.com' },
    });
    expect(made).toMatchObject({
      name: 'dan',
      isAdmin: false,
      isDisabled: false,
      groups: {},
      issuer: null,
      lastSeenAt: null,
    });
    expect(await admin.call(api.listUsers, { query: { q: 'DAN@' } })).toMatchObject({
      items: [made],
      total: 1,
      page: 1,
    });
    expect(await admin.call(api.listUsers, { query: { group: 'red' } })).toMatchObject({ total: 2 });
    const params = { name: 'dan' };
    expect(await admin.call(api.editUser, { params, body: { isAdmin: true } })).toMatchObject({
      isAdmin: true,
      displayName: 'Dan',
    });
    expect(await admin.call(api.getUser, { params })).toMatchObject({ isAdmin: true });
    await admin.call(api.deleteUser, { params });
    expect(await codeOf(admin.call(api.getUser, { params }))).toBe('not-found');
    expect(await codeOf(admin.call(api.deleteUser, { params }))).toBe('not-found');
  });

  it('are nobody else’s business', async () => {
    const ann = await signedIn('ann');
    expect(await codeOf(ann.call(api.listUsers, { query: {} }))).toBe('forbidden');
    expect(await codeOf(ann.call(api.getUser, { params: { name: 'nobody' } }))).toBe('forbidden');
    expect(await codeOf(ann.call(api.createUser, { body: { name: 'eve', isAdmin: true } }))).toBe('forbidden');
    expect(await codeOf(ann.call(api.editUser, { params: { name: 'ann' }, body: { isAdmin: true } }))).toBe(
      'forbidden',
    );
    expect(await codeOf(ann.call(api.createUserSignInLink, { params: { name: 'admin' } }))).toBe('forbidden');
  });

  it('lose all that is open when they are disabled', async () => {
    const cat = await signedIn('cat');
    await admin.call(api.editUser, { params: { name: 'cat' }, body: { isDisabled: true } });
    expect(await codeOf(cat.call(api.getMe, {}))).toBe('unauthorized');
    expect(await codeOf(admin.call(api.createUserSignInLink, { params: { name: 'cat' } }))).toBe('conflict');
    await admin.call(api.editUser, { params: { name: 'cat' }, body: { isDisabled: false } });
    expect(await codeOf(cat.call(api.getMe, {}))).toBe('done');
  });

  it('always have their built-in administrator', async () => {
    const params = { name: 'admin' };
    expect(await codeOf(admin.call(api.deleteUser, { params }))).toBe('conflict');
    expect(await codeOf(admin.call(api.editUser, { params, body: { isAdmin: false } }))).toBe('conflict');
    expect(await codeOf(admin.call(api.editUser, { params, body: { isDisabled: true } }))).toBe('conflict');
    expect(await codeOf(admin.call(api.editUser, { params, body: { displayName: 'Root' } }))).toBe('done');
  });

  it('get links to sign in with', async () => {
    const { url } = await admin.call(api.createUserSignInLink, { params: { name: 'ann' } });
    expect(url).toMatch(/^https:\/\/images\.test\/sign-in\?token=iw_/);
  });

  it('have names by a rule, and texts without control characters', async () => {
    for (const body of [
      { name: 'Ann' },
      { name: '' },
      { name: `a${'b'.repeat(63)}` },
      { name: 'x', displayName: 'a\u0000b' },
    ]) {
      expect(await codeOf(admin.call(api.createUser, { body }))).toBe('request-invalid');
    }
    expect(await codeOf(admin.call(api.getUser, { params: { name: 'a\u0000' } }))).toBe('request-invalid');
    expect(await codeOf(admin.call(api.createUser, { body: { name: 'ann' } }))).toBe('conflict');
  });
});

describe('groups', () => {
  it('are seen by their members alone', async () => {
    const ben = await signedIn('ben', ['read']);
    expect((await ben.call(api.listGroups, { query: {} })).items.map(({ name }) => name)).toEqual(['red']);
    expect(await ben.call(api.getGroup, { params: { name: 'red' } })).toMatchObject({
      memberCount: 2,
      members: [
        { user: 'ann', role: 'admin' },
        { user: 'ben', role: 'member' },
      ],
    });
    expect(await codeOf(ben.call(api.getGroup, { params: { name: 'blue' } }))).toBe('not-found');
    expect((await admin.call(api.listGroups, { query: {} })).total).toBe(2);
  });

  it('are filled by their administrators, and limited by those of the platform', async () => {
    const [ann, ben] = [await signedIn('ann'), await signedIn('ben')];
    const params = { name: 'red', user: 'cat' };
    expect(await codeOf(ben.call(api.setGroupMember, { params, body: {} }))).toBe('forbidden');
    expect(await ann.call(api.setGroupMember, { params, body: {} })).toMatchObject({ memberCount: 3 });
    await ann.call(api.removeGroupMember, { params });
    expect(await codeOf(ann.call(api.removeGroupMember, { params }))).toBe('not-found');
    expect(
      await codeOf(ann.call(api.setGroupMember, { params: { name: 'blue', user: 'ann' }, body: { role: 'admin' } })),
    ).toBe('not-found');
    const limits = { maxRunningJobs: 3 };
    expect(await codeOf(ann.call(api.editGroup, { params: { name: 'red' }, body: { limits } }))).toBe('forbidden');
    expect(await admin.call(api.editGroup, { params: { name: 'red' }, body: { limits } })).toMatchObject({ limits });
    expect(await codeOf(ann.call(api.deleteGroup, { params: { name: 'red' } }))).toBe('forbidden');
  });

  it('are made once and deleted', async () => {
    await admin.call(api.createGroup, { body: { name: 'brief', limits: { timeoutMinutes: 5 } } });
    expect(await codeOf(admin.call(api.createGroup, { body: { name: 'brief' } }))).toBe('conflict');
    await admin.call(api.deleteGroup, { params: { name: 'brief' } });
    expect(await codeOf(admin.call(api.deleteGroup, { params: { name: 'brief' } }))).toBe('not-found');
  });
});

describe('tokens', () => {
  it('are shown once, listed without their text, and revoked', async () => {
    const ann = await signedIn('ann');
    const { token, ...made } = await ann.call(api.createToken, { body: { name: 'ci', expiresInDays: 1 } });
    expect(made).toMatchObject({ user: 'ann', scopes: ['write'], prefix: token.slice(0, 9), lastUsedAt: null });
    expect(Date.parse(made.expiresAt!) - Date.now()).toBeGreaterThan(23 * 3_600_000);
    const listed = await ann.call(api.listTokens, { query: {} });
    expect(listed.items).toContainEqual(made);
    expect(JSON.stringify(listed)).not.toContain(token);
    expect(await clientOf(token).call(api.getMe, {})).toMatchObject({ name: 'ann', groups: { red: 'admin' } });
    await ann.call(api.revokeToken, { params: { id: made.id } });
    expect(await codeOf(clientOf(token).call(api.getMe, {}))).toBe('unauthorized');
    expect((await ann.call(api.listTokens, { query: {} })).items).not.toContainEqual(
      expect.objectContaining({ id: made.id }),
    );
  });

  it('cannot give out more than they have', async () => {
    for (const scope of ['read', 'write'] as const) {
      const limited = await signedIn('ann', [scope]);
      expect(await codeOf(limited.call(api.createToken, { body: { name: 'x', scopes: ['admin'] } }))).toBe('forbidden');
      expect(await codeOf(limited.call(api.setGroupMember, { params: { name: 'red', user: 'cat' }, body: {} }))).toBe(
        'forbidden',
      );
    }
    const { token } = await admin.call(api.createToken, { body: { name: 'x', scopes: ['write'] } });
    expect(await codeOf(clientOf(token).call(api.listUsers, { query: {} }))).toBe('forbidden');
  });

  it('of others are seen and revoked by administrators only', async () => {
    const ann = await signedIn('ann');
    const ben = await signedIn('ben');
    const { id } = await ann.call(api.createToken, { body: { name: 'hers' } });
    expect(await codeOf(ben.call(api.revokeToken, { params: { id } }))).toBe('not-found');
    expect(await codeOf(ben.call(api.listTokens, { query: { user: 'ann' } }))).toBe('forbidden');
    expect((await admin.call(api.listTokens, { query: { user: 'ann' } })).items[0]).toMatchObject({ id });
    expect(await codeOf(admin.call(api.revokeToken, { params: { id } }))).toBe('done');
    expect(await codeOf(admin.call(api.revokeToken, { params: { id } }))).toBe('not-found');
  });
});

describe('the audit', () => {
  it('tells every change to administrators, and no secret', async () => {
    const ann = await signedIn('ann');
    expect(await codeOf(ann.call(listAuditOf, { query: {} }))).toBe('forbidden');
    const { token } = await ann.call(api.createToken, { body: { name: 'audited' } });
    const { items } = await admin.call(listAuditOf, { query: { actor: 'ann' } });
    expect(items[0]).toMatchObject({
      actor: 'ann',
      action: 'token.create',
      target: 'ann',
      detail: { name: 'audited', scopes: ['write'] },
    });
    const all = await admin.call(listAuditOf, { query: { pageSize: 200 } });
    const actions = new Set(all.items.map(({ action }) => action));
    const expected = [
      'user.create',
      'user.edit',
      'user.delete',
      'user.sign-in-link',
      'group.create',
      'group.edit',
      'group.delete',
    ];
    for (const action of [...expected, 'group.member.set', 'group.member.remove', 'token.create', 'token.revoke']) {
      expect(actions).toContain(action);
    }
    expect(JSON.stringify(all)).not.toContain(token.slice(0, 9));
    // A change that was refused is none.
    expect(all.items.filter(({ action, target }) => action === 'user.create' && target === 'ann')).toHaveLength(1);
  });
});
