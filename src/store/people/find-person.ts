import type { Queries } from '../database.ts';
import { hashSecretText } from './secret-text.ts';
import type { TokenScope } from './tokens.ts';
import { groupsOfUser, type Memberships } from './users.ts';

/** Who a token or a session stands for. */
export interface Person {
  readonly name: string;
  readonly isAdmin: boolean;
  readonly groups: Memberships;
  /** Of a token. */
  readonly scopes?: readonly TokenScope[];
}

interface PersonRow extends Person, Record<string, unknown> {
  readonly name: string;
  readonly isAdmin: boolean;
  readonly groups: Memberships;
  readonly isUnnoted: boolean;
}

const minuteAgo = "now() - interval '1 minute'";
const columns = `u.name, u.is_admin as "isAdmin", ${groupsOfUser} as groups`;

/** The owner of a token that is neither revoked nor expired, unless disabled. Its use is noted once a minute. */
export async function findPersonByToken(queries: Queries, text: string): Promise<Person | undefined> {
  const hash = hashSecretText(text);
  const [found] = await queries.query<PersonRow & { scopes: TokenScope[] }>(
    `select ${columns}, t.scopes, coalesce(t.last_used_at < ${minuteAgo}, true) as "isUnnoted"
     from tokens t join users u on u.name = t.user_name
     where t.hash = $1 and t.revoked_at is null and (t.expires_at is null or t.expires_at > now()) and u.disabled_at is null`,
    [hash],
  );
  if (found === undefined) return undefined;
  if (found.isUnnoted) {
    await queries.query(
      `with used as (
         update tokens set last_used_at = now() where hash = $1 and coalesce(last_used_at < ${minuteAgo}, true) returning user_name
       ) update users set last_seen_at = now() where name in (select user_name from used)`,
      [hash],
    );
  }
  const { name, isAdmin, groups, scopes } = found;
  return { name, isAdmin, groups, scopes };
}

/** Whose session it is, unless expired or disabled. That the person was seen is noted once a minute. */
export async function findPersonBySession(queries: Queries, text: string): Promise<Person | undefined> {
  const [found] = await queries.query<PersonRow>(
    `select ${columns}, coalesce(u.last_seen_at < ${minuteAgo}, true) as "isUnnoted"
     from sessions s join users u on u.name = s.user_name
     where s.hash = $1 and s.expires_at > now() and u.disabled_at is null`,
    [hashSecretText(text)],
  );
  if (found === undefined) return undefined;
  const { name, isAdmin, groups } = found;
  if (found.isUnnoted) {
    const sql = `update users set last_seen_at = now() where name = $1 and coalesce(last_seen_at < ${minuteAgo}, true)`;
    await queries.query(sql, [name]);
  }
  return { name, isAdmin, groups };
}
