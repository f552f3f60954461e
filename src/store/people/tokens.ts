import type { Queries } from '../database.ts';
import { hashSecretText, makeSecretText } from './secret-text.ts';

/** `read` changes nothing; `write` does all that the person may, except administration; `admin` all that the person may. */
export type TokenScope = 'read' | 'write' | 'admin';

export interface NewToken {
  /** Name of the user it belongs to. */
  readonly user: string;
  /** What it is for, in the words of its owner. */
  readonly name: string;
  readonly scopes: readonly TokenScope[];
  /** `null`: it never expires. */
  readonly expiresAt: Date | null;
}

export interface StoredToken extends NewToken {
  readonly id: string;
  /** The first characters of the token: `iw_Ab3xYz`. */
  readonly prefix: string;
  readonly createdAt: Date;
  /** Precise to a minute. */
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

const columns = `id, user_name as "user", name, prefix, scopes, created_at as "createdAt", expires_at as "expiresAt",
  last_used_at as "lastUsedAt", revoked_at as "revokedAt"`;
const prefixLength = 9;

type TokenRow = StoredToken & Record<string, unknown>;

/** Makes a token. Its text is given this once: only the hash is kept. */
export async function createToken(
  queries: Queries,
  { user, name, scopes, expiresAt }: NewToken,
): Promise<{ readonly token: StoredToken; readonly text: string }> {
  const text = makeSecretText();
  const rows = await queries.query<TokenRow>(
    `insert into tokens (user_name, name, hash, prefix, scopes, expires_at) values ($1, $2, $3, $4, $5, $6) returning ${columns}`,
    [user, name, hashSecretText(text), text.slice(0, prefixLength), [...scopes], expiresAt],
  );
  return { token: rows[0]!, text };
}

export async function findToken(queries: Queries, id: string): Promise<StoredToken | undefined> {
  return (await queries.query<TokenRow>(`select ${columns} from tokens where id = $1`, [id]))[0];
}

/** One page of a user's tokens that are not revoked, the newest first, and how many there are in all. */
export async function listTokens(
  queries: Queries,
  { user, page, pageSize }: { readonly user: string; readonly page: number; readonly pageSize: number },
): Promise<{ readonly items: readonly StoredToken[]; readonly total: number }> {
  const from = 'from tokens where user_name = $1 and revoked_at is null';
  const [counted] = await queries.query<{ total: number }>(`select count(*)::int as total ${from}`, [user]);
  const items = await queries.query<TokenRow>(
    `select ${columns} ${from} order by created_at desc, id limit $2 offset $3`,
    [user, pageSize, (page - 1) * pageSize],
  );
  return { items, total: counted!.total };
}

/** From now on the token opens nothing; `false` when it did so already. */
export async function revokeToken(queries: Queries, id: string): Promise<boolean> {
  const sql = 'update tokens set revoked_at = now() where id = $1 and revoked_at is null returning id';
  return (await queries.query(sql, [id])).length > 0;
}
