import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../test/fresh-database.ts';
import type { Database } from '../../store/database.ts';
import { createSession } from '../../store/people/sessions.ts';
import { createSignInLink } from '../../store/people/sign-in-links.ts';
import { createToken } from '../../store/people/tokens.ts';
import { ensureAdministrator, insertUser } from '../../store/people/users.ts';
import { answerError } from '../answer-error.ts';
import type { ApiEnv } from '../serve-endpoint.ts';
import { type AuthenticationOptions, authenticate } from './authenticate.ts';
import { peopleRoutes } from './people-routes.ts';
import { signInRoutes } from './sign-in-routes.ts';
import { createThrottle } from './throttle.ts';

let database: Database;
beforeAll(async () => {
  database = await freshDatabase();
  await ensureAdministrator(database);
  await insertUser(database, { name: 'ann', displayName: 'Ann', email: '', isAdmin: false });
}, 60_000);
afterAll(() => database[Symbol.asyncDispose]());

const adminToken = 'fixed-administrator-token';

/** The whole app, as requests meet it at a public URL. */
function makeApp(options: Partial<AuthenticationOptions> & { readonly url?: string } = {}) {
  const { url = 'http://images.test', ...more } = options;
  const publicUrl = () => url;
  const throttle = createThrottle();
  const api = new Hono<ApiEnv>();
  api.use(authenticate({ adminToken, database, publicUrl, throttle, ...more }));
  peopleRoutes(api, { database, publicUrl });
  api.post('/change', (c) => c.json(c.get('actor')));
  api.onError((error, c) => answerError(error, c, () => {}));
  const app = new Hono();
  signInRoutes(app, { database, publicUrl, throttle, log: () => {}, ...more });
  app.route('/api/v1', api);
  const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    app.request(`${url}${path}`, { method, headers });
  return { ask, me: (headers?: Record<string, string>) => ask('/api/v1/me', headers) };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const cookieOf = (response: Response) => response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
const makeSession = async () =>
  `imagewright_session=${(await createSession(database, { user: 'ann', userAgent: '', lifetimeMs: 60_000 })).text}`;

describe('a token', () => {
  it('says who asks', async () => {
    const { me } = makeApp();
    expect(await (await me(bearer(adminToken))).json()).toMatchObject({
      name: 'admin',
      isAdmin: true,
      displayName: 'Administrator',
    });
    const { text } = await createToken(database, { user: 'ann', name: 't', scopes: ['read'], expiresAt: null });
    expect(await (await me(bearer(text))).json()).toEqual({
      name: 'ann',
      displayName: 'Ann',
      isAdmin: false,
      groups: {},
    });
  });

  it('is asked for where there is none, or one that is not known', async () => {
    const { me } = makeApp();
    for (const headers of [
      {},
      bearer('iw_wrong'),
      bearer(''),
      bearer(`${adminToken}x`),
      { authorization: 'Basic YTpi' },
      { cookie: 'imagewright_session=x' },
    ]) {
      const answer = await me(headers);
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
      expect(await answer.json()).toMatchObject({ code: 'unauthorized' });
    }
  });

  it('that is wrong ten times makes the address wait, but locks out nobody who has a good one', async () => {
    const { me, ask } = makeApp({ isBehindProxy: true });
    const from = (address: string, token: string) => me({ ...bearer(token), 'x-forwarded-for': `6.6.6.6, ${address}` });
    for (let attempt = 0; attempt < 10; attempt++) expect((await from('1.1.1.1', 'iw_wrong')).status).toBe(401);
    const refused = await from('1.1.1.1', 'iw_wrong');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(290);
    expect((await from('2.2.2.2', 'iw_wrong')).status).toBe(401);
    expect((await from('1.1.1.1', adminToken)).status).toBe(200);
    const link = await createSignInLink(database, { userName: 'ann', publicUrl: '' });
    expect((await ask(link, { 'x-forwarded-for': '1.1.1.1' })).status).toBe(429);
    expect((await ask(link, { 'x-forwarded-for': '2.2.2.2' })).status).toBe(302);
  });

  it('does not believe what a client says of its address where there is no proxy', async () => {
    const { me } = makeApp();
    const ask = (address: number) => me({ ...bearer('iw_wrong'), 'x-forwarded-for': String(address) });
    for (let attempt = 0; attempt < 10; attempt++) await ask(attempt);
    expect((await ask(11)).status).toBe(429);
  });
});

describe('a session', () => {
  it('is opened by a link, once, with a cookie that no script reads', async () => {
    const { ask, me } = makeApp();
    const link = await createSignInLink(database, { userName: 'ann', publicUrl: '' });
    // What only looks at the link does not use it up.
    expect((await ask(link, {}, 'HEAD')).status).toBe(204);
    expect((await ask(link, { 'sec-purpose': 'prefetch' })).status).toBe(204);
    const answer = await ask(link);
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/']);
    const cookie = answer.headers.getSetCookie()[0]!;
    expect(cookie).toMatch(/^imagewright_session=iw_[\w-]{43}; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/);
    expect(await (await me({ cookie: cookieOf(answer) })).json()).toMatchObject({ name: 'ann' });
    const again = await ask(link);
    expect(again.status).toBe(401);
    expect(again.headers.get('content-type')).toMatch('text/html');
    expect(await again.text()).toContain('has been used');
  });

  it('has a cookie of this host alone where people come over https', async () => {
    const { ask, me } = makeApp({ url: 'https://images.test' });
    const answer = await ask(await createSignInLink(database, { userName: 'ann', publicUrl: '' }));
    expect(answer.headers.getSetCookie()[0]).toMatch(/^__Host-imagewright_session=.*; Secure/);
    expect((await me({ cookie: cookieOf(answer) })).status).toBe(200);
    expect((await me({ cookie: cookieOf(answer).replace('__Host-', '') })).status).toBe(401);
  });

  it('changes nothing for another site', async () => {
    const { ask, me } = makeApp();
    const cookie = await makeSession();
    const change = async (headers: Record<string, string>) =>
      (await ask('/api/v1/change', { cookie, ...headers }, 'POST')).status;
    expect(await change({ 'sec-fetch-site': 'same-origin' })).toBe(200);
    expect(await change({ 'sec-fetch-site': 'none' })).toBe(200);
    expect(await change({ origin: 'http://images.test' })).toBe(200);
    for (const site of ['cross-site', 'same-site', '']) {
      expect(await change({ 'sec-fetch-site': site, origin: 'http://images.test' })).toBe(403);
    }
    for (const origin of ['http://evil.test', 'http://images.test:81', 'null'])
      expect(await change({ origin })).toBe(403);
    expect(await change({})).toBe(403);
    expect((await me({ cookie, 'sec-fetch-site': 'cross-site' })).status).toBe(200);
  });

  it('ends where it is signed out', async () => {
    const { ask, me } = makeApp();
    const cookie = await makeSession();
    const answer = await ask('/api/v1/sign-out', { cookie, 'sec-fetch-site': 'same-origin' }, 'POST');
    expect(answer.status).toBe(204);
    expect(answer.headers.getSetCookie()[0]).toMatch(/^imagewright_session=; Max-Age=0; Path=\//);
    expect((await me({ cookie })).status).toBe(401);
  });
});

describe('the sign-in page', () => {
  it('says what to do without a link, or leads to the identity provider', async () => {
    expect(await (await makeApp().ask('/sign-in')).text()).toContain('Open the sign-in link');
    const chinese = await (
      await makeApp().ask('/sign-in', { 'accept-language': 'zh-Hant-TW,zh;q=0.9,en;q=0.8' })
    ).text();
    expect(chinese).toContain('<html lang="zh-TW">');
    expect(chinese).toContain('請開啟您收到的登入連結。');
    expect(chinese).not.toMatch(/[a-z]{3} [a-z]{3} [a-z]{3}/i);
    const answer = await makeApp({ hasOidc: true } as object).ask('/sign-in');
    expect(answer.headers.get('location')).toBe('/sign-in/oidc');
  });
});
