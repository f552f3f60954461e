import type { Queries } from '../database.ts';
import { hashSecretText, makeSecretText } from './secret-text.ts';

/** What a browser is given: the text goes into its cookie, and only the hash is kept. */
export interface NewSession {
  readonly text: string;
  readonly expiresAt: Date;
}

/** Opens a session of a user; those that have expired, of anybody, are cleared away. */
export async function createSession(
  queries: Queries,
  { user, userAgent, lifetimeMs }: { readonly user: string; readonly userAgent: string; readonly lifetimeMs: number },
): Promise<NewSession> {
  const text = makeSecretText();
  const expiresAt = new Date(Date.now() + lifetimeMs);
  await queries.query('delete from sessions where expires_at < now()');
  await queries.query('insert into sessions (hash, user_name, user_agent, expires_at) values ($1, $2, $3, $4)', [
    hashSecretText(text),
    user,
    userAgent.slice(0, 300),
    expiresAt,
  ]);
  await queries.query('update users set last_seen_at = now() where name = $1', [user]);
  return { text, expiresAt };
}

/** Ends a session. */
export async function deleteSession(queries: Queries, text: string): Promise<void> {
  await queries.query('delete from sessions where hash = $1', [hashSecretText(text)]);
}

/** Ends all sessions of a user. */
export async function deleteSessionsOf(queries: Queries, user: string): Promise<void> {
  await queries.query('delete from sessions where user_name = $1', [user]);
}
