import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Hono } from 'hono';
// @ts-expect-error: the package brings no types.
import Provider from 'oidc-provider';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../test/fresh-database.ts';
import { listAudit } from '../../store/audit.ts';
import type { Database } from '../../store/database.ts';
import { findPersonBySession } from '../../store/people/find-person.ts';
import { setMember } from '../../store/people/groups.ts';
import { ensureAdministrator, findUser, insertUser, updateUser } from '../../store/people/users.ts';
import { type OidcOptions, oidcRoutes } from './oidc-routes.ts';

const home = 'https://images.test';
const [clientId, clientSecret] = ['imagewright', 'secret-of-the-client'];

/** What the provider knows of people, and who signs in there next; `undefined` refuses. */
const accounts: Record<string, Record<string, unknown>> = {};
let next: string | undefined;

let database: Database;
let server: Server;
let issuer: string;
beforeAll(async () => {
  database = await freshDatabase();
  await ensureAdministrator(database);
  server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  server.on('request', await startProvider(issuer));
}, 60_000);
afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await database[Symbol.asyncDispose]();
});

async function startProvider(url: string) {
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
  const provider = new Provider(url, {
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [`${home}/sign-in/oidc/callback`] }],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email'], groups: ['groups'] },
    jwks: { keys: [{ ...key, use: 'sig', alg: 'RS256', kid: 'test' }] },
    cookies: { keys: ['for the test'] },
    ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_context: unknown, id: string) => ({
      accountId: id,
      claims: async () => ({ sub: id, ...accounts[id] }),
    }),
  });
  const answer = provider.callback();
  return async (request: IncomingMessage, response: ServerResponse) => {
    if (!request.url?.startsWith('/interaction/')) return answer(request, response);
    const { prompt, params, session } = await provider.interactionDetails(request, response);
    await provider.interactionFinished(request, response, await resultOf(provider, { prompt, params, session }));
  };
}

/** The person at the provider: says who it is, and agrees to everything. */
async function resultOf(
  provider: Provider,
  {
    prompt,
    params,
    session,
  }: { prompt: { name: string }; params: Record<string, string>; session: { accountId: string } },
) {
  if (next === undefined) return { error: 'access_denied', error_description: 'The person said no' };
  if (prompt.name === 'login') return { login: { accountId: next } };
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  return { consent: { grantId: await grant.save() } };
}

const settings = { groupsClaim: 'groups', adminGroup: 'operators', scope: 'openid profile email groups' };

function makeApp(options: Partial<OidcOptions> = {}): Hono {
  const app = new Hono();
  const log = (line: string) => {
    throw new Error(line);
  };
  oidcRoutes(app, { issuer, clientId, clientSecret, publicUrl: () => home, database, log, ...settings, ...options });
  return app;
}

/** A browser: keeps cookies, and follows redirects until one leads to a page that is none of signing in. */
function openBrowser(app: Hono) {
  const jars: Record<string, Map<string, string>> = {};
  const seen: { url: URL; response: Response }[] = [];
  async function visit(url: URL): Promise<Response> {
    jars[url.host] ??= new Map();
    const jar = jars[url.host]!;
    const headers = { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') };
    const response =
      url.origin === home
        ? await app.request(url.href, { headers })
        : await fetch(url, { headers, redirect: 'manual' });
    for (const each of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(each)!;
      if (value === '') jar.delete(name!);
      else jar.set(name!, value!);
    }
    seen.push({ url, response });
    const location = response.headers.get('location');
    if (location === null) return response;
    const target = new URL(location, url);
    return target.origin === home && !target.pathname.startsWith('/sign-in') ? response : visit(target);
  }
  return {
    jars,
    seen,
    open: (path: string) => visit(new URL(path, home)),
    person: async () => {
      const text = jars['images.test']?.get('__Host-imagewright_session');
      return text === undefined ? undefined : findPersonBySession(database, text);
    },
  };
}

async function signIn(subject: string, options: Partial<OidcOptions> = {}) {
  next = subject;
  const browser = openBrowser(makeApp(options));
  const response = await browser.open('/sign-in/oidc');
  return { response, person: await browser.person() };
}

describe('signing in at an identity provider', () => {
  beforeEach(() => {
    accounts.s1 = {
      preferred_username: 'Zoë',
      name: 'Zoë Müller',
      email: 'zoe@example.com',
      groups: ['red', 'blue/admin'],
    };
  });

  it('makes a user with the groups of the claim, opens a session and leads back', async () => {
    next = 's1';
    const browser = openBrowser(makeApp());
    const response = await browser.open('/sign-in/oidc?returnTo=/images%3Fpage=2');
    expect([response.status, response.headers.get('location')]).toEqual([302, '/images?page=2']);
    expect(await browser.person()).toEqual({ name: 'zoe', isAdmin: false, groups: { red: 'member', blue: 'admin' } });
    expect(await findUser(database, 'zoe')).toMatchObject({
      displayName: 'Zoë Müller',
      email: 'zoe@example.com',
      oidcIssuer: issuer,
    });
    const asked = browser.seen.find(({ url }) => url.pathname === '/auth')!.url.searchParams;
    expect(asked.get('code_challenge_method')).toBe('S256');
    // The cookie of the way there is gone, and that of the session is for this host alone.
    expect([...browser.jars['images.test']!.keys()]).toEqual(['__Host-imagewright_session']);
    const cookies = response.headers.getSetCookie().find((each) => each.startsWith('__Host-imagewright_session'));
    expect(cookies).toMatch(/HttpOnly; Secure; SameSite=Lax$/);
  });

  it('changes the user to what the provider says now: a group that is lost is lost here', async () => {
    await signIn('s1');
    await setMember(database, { user: 'zoe', group: 'red', role: 'admin' });
    accounts.s1 = { preferred_username: 'renamed', name: 'Zoë M.', groups: ['red', 'operators'] };
    expect((await signIn('s1')).person).toEqual({
      name: 'zoe',
      isAdmin: true,
      groups: { red: 'member', operators: 'member' },
    });
    expect(await findUser(database, 'zoe')).toMatchObject({ displayName: 'Zoë M.', email: '' });
    accounts.s1 = { name: 'Zoë M.' };
    expect((await signIn('s1')).person).toEqual({ name: 'zoe', isAdmin: false, groups: {} });
  });

  it('leaves groups and administrators alone where the provider is not asked for them', async () => {
    await signIn('s1');
    await updateUser(database, 'zoe', { isAdmin: true });
    const { person } = await signIn('s1', { groupsClaim: undefined, adminGroup: undefined });
    expect(person).toMatchObject({ isAdmin: true, groups: { red: 'member', blue: 'admin' } });
  });

  it('never takes a person for somebody who only has the same name', async () => {
    await insertUser(database, { name: 'local', displayName: '', email: 'local@example.com', isAdmin: true });
    accounts.s2 = { preferred_username: 'local', email: 'local@example.com' };
    accounts.s3 = { preferred_username: 'admin' };
    expect((await signIn('s2')).person).toMatchObject({ name: 'local-2', isAdmin: false });
    expect((await signIn('s3')).person).toMatchObject({ name: 'admin-2', isAdmin: false });
    expect((await signIn('s2')).person).toMatchObject({ name: 'local-2' });
  });

  it('makes one user of two sign-ins at once', async () => {
    accounts.s4 = { preferred_username: 'twice' };
    const both = await Promise.all([signIn('s4'), signIn('s4')]);
    expect(both.map(({ person }) => person?.name)).toEqual(['twice', 'twice']);
  });

  it('is written down', async () => {
    const { items } = await listAudit(database, { actor: 'zoe', page: 1, pageSize: 200 });
    expect(items.at(-1)).toMatchObject({ action: 'user.create', detail: { by: 'oidc' } });
    expect(items.at(-2)).toMatchObject({
      action: 'user.sign-in',
      detail: { by: 'oidc', groups: { red: 'member', blue: 'admin' } },
    });
  });

  it('is refused to a user who is disabled', async () => {
    await updateUser(database, 'zoe', { isDisabled: true });
    const { response, person } = await signIn('s1');
    expect([response.status, person]).toEqual([403, undefined]);
    expect(await response.text()).toContain('disabled');
    await updateUser(database, 'zoe', { isDisabled: false });
  });

  it('tells why where the provider refuses', async () => {
    next = undefined;
    const response = await openBrowser(makeApp()).open('/sign-in/oidc');
    expect(response.status).toBe(401);
    expect(await response.text()).toContain('The person said no');
  });

  it('tells that the provider cannot be used, and tries again', async () => {
    let isDown = true;
    const send = (async (...request: Parameters<typeof fetch>) => {
      if (isDown) throw new TypeError('fetch failed');
      return fetch(...request);
    }) as typeof fetch;
    next = 's1';
    const browser = openBrowser(makeApp({ fetch: send }));
    expect((await browser.open('/sign-in/oidc')).status).toBe(503);
    isDown = false;
    expect((await browser.open('/sign-in/oidc')).status).toBe(302);
    expect(await browser.person()).toMatchObject({ name: 'zoe' });
  });

  it('says that our own secret is wrong without showing it', async () => {
    const { response } = await signIn('s1', { clientSecret: 'wrong-secret' });
    expect(response.status).toBe(401);
    expect(await response.text()).not.toContain('wrong-secret');
  });
});

describe('the way back from an identity provider', () => {
  /** Goes to the provider and stops before the way back, whose URL it gives. */
  async function arrive(app: Hono) {
    next = 's1';
    const browser = openBrowser(app);
    const cut = new Hono();
    cut.all('/sign-in/oidc', (c) => app.fetch(c.req.raw));
    cut.all('*', (c) => c.text('stopped'));
    const there = openBrowser(cut);
    await there.open('/sign-in/oidc');
    const { url } = there.seen.at(-1)!;
    return { url, browser, cookies: there.jars['images.test']! };
  }

  it('needs the browser that went there, and the state that it took along', async () => {
    const app = makeApp();
    const { url, cookies } = await arrive(app);
    const come = (search: string, cookie: string) =>
      app.request(`${home}${url.pathname}${search}`, { headers: { cookie } });
    const [[name, value] = ['', '']] = [...cookies];
    expect(name).toBe('__Host-imagewright_sign_in');
    const search = new URLSearchParams(url.search);
    search.set('state', 'other');
    for (const [given, cookie] of [
      [url.search, ''],
      [url.search, `${name}=${value.replace(/^.{5}/, 'xxxxx')}`],
      [`?${search}`, `${name}=${value}`],
    ] as const) {
      const answer = await come(given, cookie);
      expect(answer.status).toBe(401);
      expect(answer.headers.getSetCookie().join()).not.toContain('imagewright_session');
    }
    expect((await come(url.search, `${name}=${value}`)).headers.getSetCookie().join()).toContain(
      'imagewright_session=iw_',
    );
    // The code is spent.
    expect((await come(url.search, `${name}=${value}`)).status).toBe(401);
  });

  it('may end at another process of the same settings', async () => {
    const { url, cookies } = await arrive(makeApp());
    const cookie = [...cookies].map((pair) => pair.join('=')).join('; ');
    expect((await makeApp().request(url.href, { headers: { cookie } })).status).toBe(302);
  });
});

describe('an issuer', () => {
  it('is an https URL, or one of this machine', () => {
    for (const wrong of [
      'http://id.example.com',
      'id.example.com',
      'ftp://127.0.0.1',
      'http://127.0.0.1.example.com',
    ]) {
      expect(() => makeApp({ issuer: wrong })).toThrow(expect.objectContaining({ code: 'command-invalid' }));
    }
    for (const right of ['https://id.example.com/realms/main', 'http://localhost:1', 'http://[::1]:1'])
      makeApp({ issuer: right });
  });
});
