import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { NewSession } from '../../store/people/sessions.ts';

/** Where people reach us, `https://images.example.com`; absent: at the address that the request names. */
export type PublicUrl = (() => string) | undefined;

const name = 'imagewright_session';

/** Whether people reach us over https; then cookies are `Secure` and bound to this host by the prefix `__Host-`. */
export function isSecure(c: Context, publicUrl: PublicUrl): boolean {
  return new URL(publicUrl?.() ?? c.req.url).protocol === 'https:';
}

/** The text of the session, if the browser sends one. */
export function readSessionCookie(c: Context, publicUrl: PublicUrl): string | undefined {
  return isSecure(c, publicUrl) ? getCookie(c, name, 'host') : getCookie(c, name);
}

export function writeSessionCookie(c: Context, { text, expiresAt }: NewSession, publicUrl: PublicUrl): void {
  setCookie(c, name, text, { ...attributesOf(c, publicUrl), expires: expiresAt });
}

export function clearSessionCookie(c: Context, publicUrl: PublicUrl): void {
  const { secure, path, ...rest } = attributesOf(c, publicUrl);
  deleteCookie(c, secure ? `__Host-${name}` : name, { secure, path, httpOnly: rest.httpOnly, sameSite: rest.sameSite });
}

/** Attributes of every cookie that we set: no script reads it, and no other site's form sends it. */
export function attributesOf(c: Context, publicUrl: PublicUrl) {
  const secure = isSecure(c, publicUrl);
  return { path: '/', httpOnly: true, sameSite: 'Lax', secure, ...(secure && { prefix: 'host' }) } as const;
}
