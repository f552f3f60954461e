import { BuilderError } from '../../errors.ts';
import { say } from '../../sentence.ts';
import { type Queries, violates } from '../database.ts';

/** By group name. */
export type Memberships = Readonly<Record<string, 'admin' | 'member'>>;

/** What may be set of a user. */
export interface UserFields {
  readonly displayName: string;
  /** Empty when it is not known. */
  readonly email: string;
  readonly isAdmin: boolean;
}

/** Who a person is at an identity provider. */
export interface OidcIdentity {
  /** `https://id.example.com/realms/main` */
  readonly issuer: string;
  readonly subject: string;
}

export interface StoredUser extends UserFields {
  /** `alice` */
  readonly name: string;
  readonly groups: Memberships;
  /** Absent for people who were made here. */
  readonly oidcIssuer: string | null;
  readonly disabledAt: Date | null;
  readonly createdAt: Date;
  /** Precise to a minute. */
  readonly lastSeenAt: Date | null;
}

/** The name of the user who is there from the first start, and whom nobody can take away. */
export const builtInAdministrator = 'admin';

/** The groups of the user `u`, as an expression. */
export const groupsOfUser = `(select coalesce(jsonb_object_agg(m.group_name, m.role), '{}') from memberships m where m.user_name = u.name)`;

const columns = `u.name, u.display_name as "displayName", u.email, u.is_admin as "isAdmin", u.oidc_issuer as "oidcIssuer",
  u.disabled_at as "disabledAt", u.created_at as "createdAt", u.last_seen_at as "lastSeenAt", ${groupsOfUser} as groups`;

type UserRow = StoredUser & Record<string, unknown>;

/** Throws `conflict` when a user has the name. */
export async function insertUser(queries: Queries, user: UserFields & Pick<StoredUser, 'name'>): Promise<StoredUser> {
  const { name, displayName, email, isAdmin } = user;
  const sql = 'insert into users (name, display_name, email, is_admin) values ($1, $2, $3, $4)';
  try {
    await queries.query(sql, [name, displayName, email, isAdmin]);
  } catch (error) {
    if (!violates(error, 'users_pkey')) throw error;
    throw new BuilderError('conflict', say`There is a user called "${name}" already`, {
      hint: say`Choose another name, or change that user.`,
      cause: error,
      problems: [
        { field: 'name', code: 'name-taken', message: say`"${name}" is taken`, hint: say`Choose another name.` },
      ],
    });
  }
  return (await findUser(queries, name))!;
}

/** Makes a user of an identity provider; `false` when the name or the identity is taken. */
export async function insertOidcUser(queries: Queries, name: string, identity: OidcIdentity): Promise<boolean> {
  const inserted = await queries.query(
    'insert into users (name, oidc_issuer, oidc_subject) values ($1, $2, $3) on conflict do nothing returning name',
    [name, identity.issuer, identity.subject],
  );
  return inserted.length > 0;
}

export async function findUser(queries: Queries, name: string): Promise<StoredUser | undefined> {
  return (await queries.query<UserRow>(`select ${columns} from users u where u.name = $1`, [name]))[0];
}

export async function findOidcUser(
  queries: Queries,
  { issuer, subject }: OidcIdentity,
): Promise<StoredUser | undefined> {
  const sql = `select ${columns} from users u where u.oidc_issuer = $1 and u.oidc_subject = $2`;
  return (await queries.query<UserRow>(sql, [issuer, subject]))[0];
}

/** Sets what is given; `undefined` when there is no such user. */
export async function updateUser(
  queries: Queries,
  name: string,
  fields: { readonly [K in keyof UserFields]?: UserFields[K] | undefined } & {
    readonly isDisabled?: boolean | undefined;
  },
): Promise<StoredUser | undefined> {
  const { displayName = null, email = null, isAdmin = null, isDisabled = null } = fields;
  const updated = await queries.query(
    `update users set display_name = coalesce($2, display_name), email = coalesce($3, email), is_admin = coalesce($4, is_admin),
       disabled_at = case when $5::boolean is null then disabled_at when $5 then coalesce(disabled_at, now()) end
     where name = $1 returning name`,
    [name, displayName, email, isAdmin, isDisabled],
  );
  return updated.length === 0 ? undefined : findUser(queries, name);
}

/** Takes away the user with memberships, tokens and sessions; `false` when there is none. */
export async function deleteUser(queries: Queries, name: string): Promise<boolean> {
  return (await queries.query('delete from users where name = $1 returning name', [name])).length > 0;
}

export interface UserQuery {
  /** Part of a name, display name or address. */
  readonly search?: string | undefined;
  readonly group?: string | undefined;
  readonly page: number;
  readonly pageSize: number;
}

/** One page by name, and how many there are in all. */
export async function listUsers(
  queries: Queries,
  { search, group, page, pageSize }: UserQuery,
): Promise<{ readonly items: readonly StoredUser[]; readonly total: number }> {
  const values: unknown[] = [];
  const value = (given: unknown) => `$${values.push(given)}`;
  const where = ['true'];
  if (search) {
    const pattern = value(`%${search.replaceAll(/[\\%_]/g, '\\$&')}%`);
    where.push(`(u.name ilike ${pattern} or u.display_name ilike ${pattern} or u.email ilike ${pattern})`);
  }
  if (group) {
    where.push(`exists (select from memberships m where m.user_name = u.name and m.group_name = ${value(group)})`);
  }
  const from = `from users u where ${where.join(' and ')}`;
  const [counted] = await queries.query<{ total: number }>(`select count(*)::int as total ${from}`, values);
  const items = await queries.query<UserRow>(
    `select ${columns} ${from} order by u.name limit ${value(pageSize)} offset ${value((page - 1) * pageSize)}`,
    values,
  );
  return { items, total: counted!.total };
}

/** Makes the built-in administrator, or sees to it that it is one. `lastSeenAt` tells whether it has ever signed in. */
export async function ensureAdministrator(queries: Queries): Promise<StoredUser> {
  await queries.query(
    `insert into users (name, display_name, is_admin) values ($1, 'Administrator', true)
     on conflict (name) do update set is_admin = true, disabled_at = null`,
    [builtInAdministrator],
  );
  return (await findUser(queries, builtInAdministrator))!;
}
