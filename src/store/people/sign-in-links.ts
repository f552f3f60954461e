import type { Queries } from '../database.ts';
import { hashSecretText, makeSecretText } from './secret-text.ts';

const lifetimeMs = 24 * 3_600_000;

/**
 * Makes a link that signs a user in once within a day: `https://images.example.com/sign-in?token=iw_…`. Only the hash of its token is
 * kept. The user must exist.
 */
export async function createSignInLink(
  queries: Queries,
  { userName, publicUrl }: { readonly userName: string; readonly publicUrl: string },
): Promise<string> {
  const text = makeSecretText();
  await queries.query('delete from sign_in_links where expires_at < now()');
  await queries.query('insert into sign_in_links (hash, user_name, expires_at) values ($1, $2, $3)', [
    hashSecretText(text),
    userName,
    new Date(Date.now() + lifetimeMs),
  ]);
  return `${publicUrl.replace(/\/+$/, '')}/sign-in?token=${text}`;
}

/** Uses up a link; the name of the user it is for, or `undefined` when it is unknown, used or expired, or the user may not sign in. */
export async function consumeSignInLink(queries: Queries, text: string): Promise<string | undefined> {
  const used = await queries.query<{ user: string }>(
    `update sign_in_links l set used_at = now() from users u
     where l.hash = $1 and l.used_at is null and l.expires_at > now() and u.name = l.user_name and u.disabled_at is null
     returning u.name as "user"`,
    [hashSecretText(text)],
  );
  return used[0]?.user;
}
