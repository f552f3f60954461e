import { hkdfSync, randomBytes } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { deleteCookie, getSignedCookie, setSignedCookie } from 'hono/cookie';
import * as oidc from 'openid-client';
import { BuilderError, messageOf } from '../../errors.ts';
import { say } from '../../sentence.ts';
import type { Database } from '../../store/database.ts';
import { createSession } from '../../store/people/sessions.ts';
import { type Claims, type GroupClaimOptions, readClaims } from './oidc-claims.ts';
import { ownCookie, writeSessionCookie } from './session-cookie.ts';
import { signInOidcUser } from './sign-in-oidc-user.ts';
import { answerSignInError } from './sign-in-page.ts';

export interface OidcOptions extends GroupClaimOptions {
  /** `https://id.example.com/realms/main`; plain http only on this machine. */
  readonly issuer: string;
  readonly clientId: string;
  /** Absent for a public client. */
  readonly clientSecret?: string | undefined;
  /** What is asked for, `openid profile email` unless told; some providers want `groups` added. */
  readonly scope?: string | undefined;
  /** Where people reach us; `<publicUrl>/sign-in/oidc/callback` is what the provider must allow. */
  readonly publicUrl: () => string;
  readonly database: Database;
  readonly log: (line: string) => void;
  /** How the provider is reached. */
  readonly fetch?: typeof fetch;
}

const callbackPath = '/sign-in/oidc/callback';
const flowCookie = 'imagewright_sign_in';
const flowSeconds = 600;
/** A cookie holds 4 KB. */
const maxPathLength = 1000;
const sessionLifetimeMs = 12 * 3_600_000;

/** What the browser keeps for us while the person is at the provider. */
interface Flow {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly returnTo: string;
}

/**
 * `GET /sign-in/oidc?returnTo=/images` leads to the identity provider, and `/sign-in/oidc/callback` back from it into a session
 * (authorization code flow with PKCE). Throws `command-invalid` for an issuer that is no URL or not safe.
 */
export function oidcRoutes(app: Hono, options: OidcOptions): void {
  const { publicUrl, database, log, scope = 'openid profile email' } = options;
  const configuration = createConfiguration(options);
  const key = cookieKey(options);
  const routes = new Hono();

  routes.get('/sign-in/oidc', async (c) => {
    const config = await configuration();
    const verifier = oidc.randomPKCECodeVerifier();
    const flow: Flow = {
      state: oidc.randomState(),
      nonce: oidc.randomNonce(),
      verifier,
      returnTo: localPath(c.req.query('returnTo')),
    };
    const { name, attributes } = ownCookie(c, flowCookie, publicUrl);
    await setSignedCookie(c, name, JSON.stringify(flow), key, { ...attributes, maxAge: flowSeconds });
    c.header('cache-control', 'no-store');
    const { state, nonce } = flow;
    const url = oidc.buildAuthorizationUrl(config, {
      ...{ scope, state, nonce, redirect_uri: urlBelow(publicUrl(), callbackPath).href },
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    return c.redirect(url.href);
  });

  routes.get(callbackPath, async (c) => {
    const flow = await takeFlow(c);
    const config = await configuration();
    const url = urlBelow(publicUrl(), callbackPath);
    url.search = new URL(c.req.url).search;
    const { issuer, subject, claims } = await redeem(config, url, flow).catch((error) => {
      throw refused(error);
    });
    const person = readClaims(claims, options);
    const userAgent = c.req.header('user-agent') ?? '';
    const session = await database.transaction(async (tx) => {
      const user = await signInOidcUser(tx, { issuer, subject }, person);
      return createSession(tx, { user: user.name, userAgent, lifetimeMs: sessionLifetimeMs });
    });
    writeSessionCookie(c, session, publicUrl);
    c.header('cache-control', 'no-store');
    c.header('referrer-policy', 'no-referrer');
    return c.redirect(flow.returnTo);
  });

  /** The cookie is good for one attempt. */
  async function takeFlow(c: Context): Promise<Flow> {
    const { name, attributes } = ownCookie(c, flowCookie, publicUrl);
    const value = await getSignedCookie(c, key, name);
    deleteCookie(c, name, attributes);
    if (typeof value === 'string') return JSON.parse(value) as Flow;
    throw new BuilderError('unauthorized', say`The sign-in took too long, or was begun in another browser`, {
      hint: say`Sign in again.`,
    });
  }

  routes.onError((error, c) => answerSignInError(error, c, log));
  app.route('/', routes);
}

/** Changes the code for what the provider says of the person, in the ID token and at its userinfo endpoint. */
async function redeem(config: oidc.Configuration, url: URL, { state, nonce, verifier }: Flow) {
  const tokens = await oidc.authorizationCodeGrant(config, url, {
    ...{ pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce },
    idTokenExpected: true,
  });
  const idToken = tokens.claims()!;
  const hasUserInfo = config.serverMetadata().userinfo_endpoint !== undefined;
  const userInfo = hasUserInfo ? await oidc.fetchUserInfo(config, tokens.access_token, idToken.sub) : {};
  const claims: Claims = { ...idToken, ...userInfo };
  return { issuer: idToken.iss, subject: idToken.sub, claims };
}

/** Asks the provider for its metadata when somebody first signs in, and again after a failure: it may start after us. */
function createConfiguration(options: OidcOptions): () => Promise<oidc.Configuration> {
  const { clientId, clientSecret, fetch: send } = options;
  const issuer = parseIssuer(options.issuer);
  const execute = [oidc.enableNonRepudiationChecks];
  if (issuer.protocol === 'http:') execute.push(oidc.allowInsecureRequests);
  let known: Promise<oidc.Configuration> | undefined;
  return async () => {
    known ??= oidc.discovery(issuer, clientId, clientSecret, clientSecret === undefined ? oidc.None() : undefined, {
      execute,
      ...(send && { [oidc.customFetch]: send as oidc.CustomFetch }),
    });
    try {
      return await known;
    } catch (error) {
      known = undefined;
      throw new BuilderError(
        'server-unavailable',
        say`The identity provider ${issuer.href} cannot be used: ${messageOf(error)}`,
        {
          hint: say`Try again in a while; if it stays so, an administrator should check the issuer in the settings.`,
          cause: error,
        },
      );
    }
  };
}

function parseIssuer(issuer: string): URL {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  const isLoopback = url !== undefined && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback)) return url;
  throw new BuilderError('command-invalid', say`The issuer "${issuer}" is not an https URL`, {
    hint: say`Give the URL of the identity provider, e.g. https://id.example.com/realms/main.`,
  });
}

/** Derived from the client's secret where there is one, so that any process of the same settings can end what another began. */
function cookieKey({ clientSecret }: OidcOptions): string {
  const secret = clientSecret ?? randomBytes(32);
  return Buffer.from(hkdfSync('sha256', secret, '', 'imagewright sign-in cookie', 32)).toString('base64');
}

function refused(error: unknown): unknown {
  const isRefusal =
    error instanceof oidc.AuthorizationResponseError ||
    error instanceof oidc.ResponseBodyError ||
    error instanceof oidc.ClientError ||
    error instanceof oidc.WWWAuthenticateChallengeError;
  if (!isRefusal) return error;
  const why = 'error_description' in error && error.error_description ? error.error_description : messageOf(error);
  return new BuilderError('unauthorized', say`The identity provider did not sign you in: ${why}`, {
    hint: say`Sign in again; if it stays so, ask an administrator.`,
    cause: error,
  });
}

function urlBelow(publicUrl: string, path: string): URL {
  return new URL(`${publicUrl.replace(/\/+$/, '')}${path}`);
}

/** A path of ours, never another site: `/images?page=2`; `/` for anything else. */
export function localPath(given: string | undefined): string {
  const here = 'http://localhost';
  if (!given?.startsWith('/') || given.length > maxPathLength || !URL.canParse(given, here)) return '/';
  const url = new URL(given, here);
  const path = `${url.pathname}${url.search}`;
  // A browser reads "//host" as another site.
  return url.origin === here && !path.startsWith('//') ? path : '/';
}
