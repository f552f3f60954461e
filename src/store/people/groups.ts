import { BuilderError } from '../../errors.ts';
import { say } from '../../sentence.ts';
import { json, type Queries, violates } from '../database.ts';
import type { Memberships } from './users.ts';

/** What the builds of a group may use; absent: what the platform allows everybody. */
export interface GroupLimits {
  /** Builds at once. */
  readonly maxRunningJobs?: number | undefined;
  /** Longest time for one build. */
  readonly timeoutMinutes?: number | undefined;
  readonly memoryMiB?: number | undefined;
  readonly diskMiB?: number | undefined;
}

export interface GroupFields {
  readonly displayName: string;
  readonly limits: GroupLimits;
}

export interface StoredGroup extends GroupFields {
  /** `research` */
  readonly name: string;
  readonly memberCount: number;
  readonly createdAt: Date;
}

export interface Member {
  /** Name of the user. */
  readonly user: string;
  readonly displayName: string;
  readonly role: 'admin' | 'member';
}

const columns = `g.name, g.display_name as "displayName", g.limits, g.created_at as "createdAt",
  (select count(*)::int from memberships m where m.group_name = g.name) as "memberCount"`;

type GroupRow = StoredGroup & Record<string, unknown>;

/** Throws `conflict` when a group has the name. */
export async function insertGroup(
  queries: Queries,
  { name, displayName, limits }: GroupFields & Pick<StoredGroup, 'name'>,
): Promise<StoredGroup> {
  const sql = 'insert into groups (name, display_name, limits) values ($1, $2, $3)';
  try {
    await queries.query(sql, [name, displayName, json(limits)]);
  } catch (error) {
    if (!violates(error, 'groups_pkey')) throw error;
    throw new BuilderError('conflict', say`There is a group called "${name}" already`, {
      hint: say`Choose another name, or change that group.`,
      cause: error,
      problems: [
        { field: 'name', code: 'name-taken', message: say`"${name}" is taken`, hint: say`Choose another name.` },
      ],
    });
  }
  return (await findGroup(queries, name))!;
}

export async function findGroup(queries: Queries, name: string): Promise<StoredGroup | undefined> {
  return (await queries.query<GroupRow>(`select ${columns} from groups g where g.name = $1`, [name]))[0];
}

/** Those of the names that no group has. */
export async function listMissingGroups(queries: Queries, names: readonly string[]): Promise<readonly string[]> {
  const sql = 'select name from groups where name = any($1::text[])';
  const found = new Set((await queries.query<{ name: string }>(sql, [[...names]])).map(({ name }) => name));
  return names.filter((name) => !found.has(name));
}

/** Sets what is given; limits as a whole. `undefined` when there is no such group. */
export async function updateGroup(
  queries: Queries,
  name: string,
  { displayName, limits }: { readonly [K in keyof GroupFields]?: GroupFields[K] | undefined },
): Promise<StoredGroup | undefined> {
  const updated = await queries.query(
    `update groups set display_name = coalesce($2, display_name), limits = coalesce($3::jsonb, limits) where name = $1 returning name`,
    [name, displayName ?? null, json(limits)],
  );
  return updated.length === 0 ? undefined : findGroup(queries, name);
}

/**
 * Takes away the group with its memberships, and no image is shown to it any more, lest a later group of the same name sees them.
 * `false` when there is none. Throws `conflict` while images belong to it.
 */
export async function deleteGroup(queries: Queries, name: string): Promise<boolean> {
  const sql = 'select name from images where owner_group = $1 and deleted_at is null order by name limit 3';
  const owned = await queries.query<{ name: string }>(sql, [name]);
  if (owned.length > 0) {
    const names = owned.map((image) => image.name).join(', ');
    throw new BuilderError('conflict', say`Images belong to the group "${name}": ${names}`, {
      hint: say`Delete these images, or give them to another group, first.`,
    });
  }
  await queries.query(
    'update images set groups = array_remove(groups, $1), version = version + 1, updated_at = now() where $1 = any(groups)',
    [name],
  );
  return (await queries.query('delete from groups where name = $1 returning name', [name])).length > 0;
}

export interface GroupQuery {
  /** Only groups of this user. */
  readonly ofUser?: string | undefined;
  /** Part of a name or display name. */
  readonly search?: string | undefined;
  readonly page: number;
  readonly pageSize: number;
}

/** One page by name, and how many there are in all. */
export async function listGroups(
  queries: Queries,
  { ofUser, search, page, pageSize }: GroupQuery,
): Promise<{ readonly items: readonly StoredGroup[]; readonly total: number }> {
  const values: unknown[] = [];
  const value = (given: unknown) => `$${values.push(given)}`;
  const where = ['true'];
  if (ofUser) {
    where.push(`exists (select from memberships m where m.group_name = g.name and m.user_name = ${value(ofUser)})`);
  }
  if (search) {
    const pattern = value(`%${search.replaceAll(/[\\%_]/g, '\\$&')}%`);
    where.push(`(g.name ilike ${pattern} or g.display_name ilike ${pattern})`);
  }
  const from = `from groups g where ${where.join(' and ')}`;
  const [counted] = await queries.query<{ total: number }>(`select count(*)::int as total ${from}`, values);
  const items = await queries.query<GroupRow>(
    `select ${columns} ${from} order by g.name limit ${value(pageSize)} offset ${value((page - 1) * pageSize)}`,
    values,
  );
  return { items, total: counted!.total };
}

/** All members of a group by name. */
export function listMembers(queries: Queries, group: string): Promise<readonly Member[]> {
  return queries.query<Member & Record<string, unknown>>(
    `select u.name as "user", u.display_name as "displayName", m.role from memberships m join users u on u.name = m.user_name
     where m.group_name = $1 order by u.name`,
    [group],
  );
}

/** Gives a user of a group a role in it. Throws `not-found` when there is no such user or group. */
export async function setMember(
  queries: Queries,
  { user, group, role }: { readonly user: string; readonly group: string; readonly role: Member['role'] },
): Promise<void> {
  const set = await queries.query(
    `insert into memberships (user_name, group_name, role)
     select u.name, g.name, $3 from users u, groups g where u.name = $1 and g.name = $2
     on conflict (user_name, group_name) do update set role = excluded.role returning role`,
    [user, group, role],
  );
  if (set.length === 0) throw new BuilderError('not-found', say`There is no user "${user}", or no group "${group}"`);
}

/** `false` when the user was not in the group. */
export async function removeMember(queries: Queries, user: string, group: string): Promise<boolean> {
  const sql = 'delete from memberships where user_name = $1 and group_name = $2 returning role';
  return (await queries.query(sql, [user, group])).length > 0;
}

/** Puts a user into exactly these groups; those that are missing are made. */
export async function replaceMemberships(queries: Queries, user: string, memberships: Memberships): Promise<void> {
  const groups = Object.keys(memberships);
  const wanted = [groups, Object.values(memberships)];
  await queries.query('insert into groups (name) select unnest($1::text[]) on conflict do nothing', [groups]);
  const gone = 'delete from memberships where user_name = $1 and group_name <> all($2::text[])';
  await queries.query(gone, [user, groups]);
  await queries.query(
    `insert into memberships (user_name, group_name, role) select $1, * from unnest($2::text[], $3::text[])
     on conflict (user_name, group_name) do update set role = excluded.role`,
    [user, ...wanted],
  );
}
