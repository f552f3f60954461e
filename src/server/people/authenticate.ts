import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { BuilderError } from '../../errors.ts';
import type { Sentence } from '../../sentence.ts';
import { say } from '../../sentence.ts';
import type { Database } from '../../store/database.ts';
import { findPersonBySession, findPersonByToken } from '../../store/people/find-person.ts';
import { builtInAdministrator } from '../../store/people/users.ts';
import type { Actor } from '../actor.ts';
import type { ApiEnv } from '../serve-endpoint.ts';
import { clientAddress } from './client-address.ts';
import { type PublicUrl, readSessionCookie } from './session-cookie.ts';
import { createThrottle, type Throttle } from './throttle.ts';

export interface AuthenticationOptions {
  /** The fixed token of the built-in administrator. */
  readonly adminToken: string;
  readonly database: Database;
  readonly publicUrl?: PublicUrl;
  /** Shared with the sign-in pages. */
  readonly throttle?: Throttle;
  readonly isBehindProxy?: boolean | undefined;
}

/**
 * Says who asks, by the token that is sent along or the session of the browser. Throws `unauthorized`; `forbidden` for a change that
 * another site makes the browser send; `too-many-requests` for unknown tokens from an address that has sent many.
 */
export function authenticate(options: AuthenticationOptions): MiddlewareHandler<ApiEnv> {
  const throttled = { throttle: createThrottle(), ...options };
  return async (c, next) => {
    const token = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
    c.set('actor', await (token === undefined ? actorOfSession(c, options) : actorOfToken(c, token, throttled)));
    await next();
  };
}

async function actorOfToken(
  c: Context,
  token: string,
  { adminToken, database, throttle, isBehindProxy }: AuthenticationOptions & { readonly throttle: Throttle },
): Promise<Actor> {
  if (isSame(token, adminToken)) return { name: builtInAdministrator, isAdmin: true, groups: {} };
  // A good token opens even an address that has to wait: a stranger, or one forgotten script, behind the same proxy must lock nobody out.
  const person = database && (await findPersonByToken(database, token));
  if (person !== undefined) return person;
  const address = clientAddress(c, { isBehindProxy });
  refuseThrottled(c, throttle.secondsToWait(address));
  throttle.recordFailure(address);
  throw unauthorized(c, say`The token is not known, has expired or was revoked`);
}

async function actorOfSession(c: Context, { database, publicUrl }: AuthenticationOptions): Promise<Actor> {
  const text = readSessionCookie(c, publicUrl);
  if (text === undefined) throw unauthorized(c, say`Nobody is signed in`);
  const person = database && (await findPersonBySession(database, text));
  if (person === undefined) throw unauthorized(c, say`The session has ended`);
  if (!isSafe(c.req.method) && !isOwnRequest(c, publicUrl)) {
    throw new BuilderError('forbidden', say`The request comes from another site`, {
      hint: say`Programs send an API token as "Authorization: Bearer …" instead of the cookie of a browser.`,
    });
  }
  return person;
}

/** Throws `too-many-requests` when there are seconds to wait. */
export function refuseThrottled(c: Context, seconds: number): void {
  if (seconds === 0) return;
  c.header('retry-after', String(seconds));
  throw new BuilderError('too-many-requests', say`Too many failed attempts to sign in from your address`, {
    hint: say`Try again in ${seconds} seconds.`,
  });
}

function unauthorized(c: Context, message: Sentence): BuilderError {
  c.header('www-authenticate', 'Bearer');
  return new BuilderError('unauthorized', message, {
    hint: say`Sign in, or send an API token as "Authorization: Bearer …".`,
  });
}

/** In constant time, whatever the lengths. */
function isSame(a: string, b: string): boolean {
  const [first, second] = [a, b].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(first!, second!);
}

function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** A browser says of every request where it comes from: newer ones by `Sec-Fetch-Site`, older ones by `Origin` when something changes. */
function isOwnRequest(c: Context, publicUrl: PublicUrl): boolean {
  const site = c.req.header('sec-fetch-site');
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const origin = c.req.header('origin');
  if (origin === undefined || !URL.canParse(origin)) return false;
  const own = [c.req.url, publicUrl?.()].filter((url) => url !== undefined).map((url) => new URL(url).host);
  return own.includes(new URL(origin).host);
}
