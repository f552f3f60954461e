import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';

/**
 * The address a request comes from, `203.0.113.7`. Behind a reverse proxy (`isBehindProxy`) it is the last one of `X-Forwarded-For`, which
 * the proxy itself wrote.
 */
export function clientAddress(c: Context, { isBehindProxy = false }: { readonly isBehindProxy?: boolean | undefined }) {
  const forwarded = isBehindProxy ? c.req.header('x-forwarded-for')?.split(',').at(-1)?.trim() : undefined;
  const bindings = c.env as Partial<HttpBindings> | undefined;
  return forwarded || (bindings?.incoming?.socket.remoteAddress ?? 'unknown');
}
