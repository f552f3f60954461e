import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { NewSession } from '../../store/people/sessions.ts';

/** Where people reach us, `https://images.example.com`; absent: at the address that the request names. */
export type PublicUrl = (() => string) | undefined;

const session = 'imagewright_session';

/** The text of the session, if the browser sends one. */
export function readSessionCookie(c: Context, publicUrl: PublicUrl): string | undefined {
  return getCookie(c, ownCookie(c, session, publicUrl).name);
}

export function writeSessionCookie(c: Context, { text, expiresAt }: NewSession, publicUrl: PublicUrl): void {
  const { name, attributes } = ownCookie(c, session, publicUrl);
  setCookie(c, name, text, { ...attributes, expires: expiresAt });
}

export function clearSessionCookie(c: Context, publicUrl: PublicUrl): void {
  const { name, attributes } = ownCookie(c, session, publicUrl);
  deleteCookie(c, name, attributes);
}

/**
 * How we set a cookie: no script reads it, and no form of another site sends it. Where people reach us over https it is `Secure`, and by
 * the prefix `__Host-` only this very host can have set it.
 */
export function ownCookie(c: Context, name: string, publicUrl: PublicUrl) {
  const secure = new URL(publicUrl?.() ?? c.req.url).protocol === 'https:';
  const attributes = { path: '/', httpOnly: true, sameSite: 'Lax', secure } as const;
  return { name: secure ? `__Host-${name}` : name, attributes };
}
