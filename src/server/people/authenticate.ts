import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { BuilderError } from '../../errors.ts';
import type { ApiEnv } from '../serve-endpoint.ts';

export interface AuthenticationOptions {
  /** The token of the built-in administrator. */
  readonly adminToken: string;
}

/** Says who asks, by the token that is sent along. Throws `unauthorized`. */
export function authenticate({ adminToken }: AuthenticationOptions): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const token = /^Bearer (\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
    if (token === undefined || !isSame(token, adminToken)) {
      c.header('www-authenticate', 'Bearer');
      throw new BuilderError('unauthorized', token === undefined ? 'Nobody is signed in' : 'The token is not known', {
        hint: 'Send an API token as "Authorization: Bearer …".',
      });
    }
    c.set('actor', { name: 'admin', isAdmin: true, groups: {} });
    await next();
  };
}

/** In constant time, whatever the lengths. */
function isSame(a: string, b: string): boolean {
  const [first, second] = [a, b].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(first!, second!);
}
