import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../../test/fresh-database.ts';
import { listAudit, recordAudit } from '../audit.ts';
import type { Database, Queries } from '../database.ts';
import { insertImage, type NewImage } from '../images.ts';
import { findPersonBySession, findPersonByToken } from './find-person.ts';
import {
  deleteGroup,
  findGroup,
  insertGroup,
  listGroups,
  listMembers,
  listMissingGroups,
  removeMember,
  replaceMemberships,
  setMember,
  updateGroup,
} from './groups.ts';
import { createSession, deleteSession, deleteSessionsOf } from './sessions.ts';
import { consumeSignInLink, createSignInLink } from './sign-in-links.ts';
import { createToken, listTokens, revokeToken } from './tokens.ts';
import { deleteUser, ensureAdministrator, findUser, insertUser, listUsers, updateUser } from './users.ts';

let database: Database;
beforeAll(async () => {
  database = await freshDatabase();
}, 60_000);
afterAll(() => database[Symbol.asyncDispose]());

const makeUser = (name: string, isAdmin = false) =>
  insertUser(database, { name, displayName: `${name}!`, email: `${name}@example.com`, isAdmin });
const makeGroup = (name: string) => insertGroup(database, { name, displayName: '', limits: {} });
const page = { page: 1, pageSize: 20 };
const hour = 3_600_000;
const everyRow = async () => {
  const tables = ['users', 'tokens', 'sessions', 'sign_in_links', 'audit'];
  return JSON.stringify(await Promise.all(tables.map((table) => database.query(`select * from ${table}`))));
};

describe('users', () => {
  it('are made, changed field by field, disabled and enabled', async () => {
    expect(await makeUser('ann')).toMatchObject({
      name: 'ann',
      isAdmin: false,
      groups: {},
      disabledAt: null,
      lastSeenAt: null,
    });
    const disabled = await updateUser(database, 'ann', { email: '', isDisabled: true });
    expect(disabled).toMatchObject({ displayName: 'ann!', email: '', disabledAt: expect.any(Date) });
    expect(await updateUser(database, 'ann', { isAdmin: true })).toMatchObject({
      isAdmin: true,
      disabledAt: disabled!.disabledAt,
    });
    expect(await updateUser(database, 'ann', { isDisabled: false })).toMatchObject({ disabledAt: null });
    expect(await updateUser(database, 'nobody', { email: '' })).toBeUndefined();
  });

  it('have names of their own', async () => {
    await makeUser('bob');
    await expect(makeUser('bob')).rejects.toMatchObject({ code: 'conflict', problems: [{ field: 'name' }] });
    await expect(makeUser('Bob')).rejects.toThrow();
  });

  it('are found by a part of their name as it is written', async () => {
    await makeUser('per_cent');
    const named = async (search: string) =>
      (await listUsers(database, { ...page, search })).items.map(({ name }) => name);
    expect(await named('R_C')).toEqual(['per_cent']);
    expect(await named('b_b')).toEqual([]);
    expect(await listUsers(database, { page: 2, pageSize: 1, search: 'example.com' })).toMatchObject({
      items: [{ name: 'per_cent' }],
      total: 2,
    });
  });

  it('go with all that is theirs', async () => {
    await makeUser('leaver');
    await makeGroup('left');
    await setMember(database, { user: 'leaver', group: 'left', role: 'admin' });
    const { text } = await createToken(database, { user: 'leaver', name: 't', scopes: ['read'], expiresAt: null });
    expect(await deleteUser(database, 'leaver')).toBe(true);
    expect(await deleteUser(database, 'leaver')).toBe(false);
    expect(await findPersonByToken(database, text)).toBeUndefined();
    expect(await listMembers(database, 'left')).toEqual([]);
  });

  it('always have an administrator', async () => {
    expect(await ensureAdministrator(database)).toMatchObject({ name: 'admin', isAdmin: true, lastSeenAt: null });
    await database.query("update users set is_admin = false, disabled_at = now() where name = 'admin'");
    expect(await ensureAdministrator(database)).toMatchObject({ isAdmin: true, disabledAt: null });
  });
});

describe('groups', () => {
  it('have members with roles', async () => {
    await Promise.all([makeUser('mia'), makeUser('max')]);
    await makeGroup('red');
    await setMember(database, { user: 'mia', group: 'red', role: 'member' });
    await setMember(database, { user: 'mia', group: 'red', role: 'admin' });
    await setMember(database, { user: 'max', group: 'red', role: 'member' });
    expect(await listMembers(database, 'red')).toEqual([
      { user: 'max', displayName: 'max!', role: 'member' },
      { user: 'mia', displayName: 'mia!', role: 'admin' },
    ]);
    expect(await findGroup(database, 'red')).toMatchObject({ memberCount: 2 });
    expect(await findUser(database, 'mia')).toMatchObject({ groups: { red: 'admin' } });
    expect(await removeMember(database, 'max', 'red')).toBe(true);
    expect(await removeMember(database, 'max', 'red')).toBe(false);
    await expect(setMember(database, { user: 'no', group: 'red', role: 'member' })).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('keep limits, which are set as a whole', async () => {
    await makeGroup('limited');
    await updateGroup(database, 'limited', { limits: { maxRunningJobs: 2, timeoutMinutes: 30 } });
    expect(await updateGroup(database, 'limited', { displayName: 'L' })).toMatchObject({
      displayName: 'L',
      limits: { maxRunningJobs: 2 },
    });
    expect((await updateGroup(database, 'limited', { limits: {} }))?.limits).toEqual({});
  });

  it('are listed for a user, and missing ones are told', async () => {
    expect(await listGroups(database, { ...page, ofUser: 'mia' })).toMatchObject({
      items: [{ name: 'red' }],
      total: 1,
    });
    expect(await listMissingGroups(database, ['red', 'never', 'limited'])).toEqual(['never']);
  });

  it('are replaced as a whole, and made where they are missing', async () => {
    await replaceMemberships(database, 'max', { red: 'admin', fresh: 'member' });
    expect(await findUser(database, 'max')).toMatchObject({ groups: { red: 'admin', fresh: 'member' } });
    await replaceMemberships(database, 'max', { red: 'member' });
    expect((await findUser(database, 'max'))?.groups).toEqual({ red: 'member' });
    await replaceMemberships(database, 'max', {});
    expect((await findUser(database, 'max'))?.groups).toEqual({});
  });

  it('do not go while images belong to them, and are shown nothing once they are gone', async () => {
    await Promise.all([makeGroup('owner'), makeGroup('guest')]);
    const image: NewImage = {
      ...{ name: 'shown', kind: 'existing', createdBy: 'ann', displayName: '', description: '', type: 'cpu' },
      ...{
        isGlobal: false,
        groups: ['guest', 'red'],
        ownerGroup: 'owner',
        spec: null,
        url: 'a/b',
        gpuUrl: null,
        pullSecret: null,
      },
    };
    const { id } = await insertImage(database, image);
    await expect(deleteGroup(database, 'owner')).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('shown'),
    });
    expect(await deleteGroup(database, 'guest')).toBe(true);
    expect(await deleteGroup(database, 'guest')).toBe(false);
    expect(await database.query('select groups, version from images where id = $1', [id])).toEqual([
      { groups: ['red'], version: 2 },
    ]);
    await database.query('update images set deleted_at = now()');
    expect(await deleteGroup(database, 'owner')).toBe(true);
  });
});

describe('tokens', () => {
  const make = (expiresAt: Date | null = null) =>
    createToken(database, { user: 'ann', name: 'ci', scopes: ['read', 'write'], expiresAt });

  it('stand for their owner until they expire, are revoked or the owner is disabled', async () => {
    const { token, text } = await make(new Date(Date.now() + hour));
    expect(text).toMatch(/^iw_[\w-]{43}$/);
    expect(text.startsWith(token.prefix)).toBe(true);
    expect(await findPersonByToken(database, text)).toEqual({
      name: 'ann',
      isAdmin: true,
      groups: {},
      scopes: ['read', 'write'],
    });
    expect(await findPersonByToken(database, text.slice(0, -1))).toBeUndefined();
    await updateUser(database, 'ann', { isDisabled: true });
    expect(await findPersonByToken(database, text)).toBeUndefined();
    await updateUser(database, 'ann', { isDisabled: false });
    expect(await findPersonByToken(database, text)).toBeDefined();
    expect(await revokeToken(database, token.id)).toBe(true);
    expect(await revokeToken(database, token.id)).toBe(false);
    expect(await findPersonByToken(database, text)).toBeUndefined();
    const expired = await make(new Date(Date.now() - 1000));
    expect(await findPersonByToken(database, expired.text)).toBeUndefined();
  });

  it('are not kept, only their hashes', async () => {
    const { text } = await make();
    const session = await createSession(database, { user: 'ann', userAgent: 'x', lifetimeMs: hour });
    const link = await createSignInLink(database, { userName: 'ann', publicUrl: 'http://h' });
    const rows = await everyRow();
    for (const secret of [text, session.text, new URL(link).searchParams.get('token')!]) {
      expect(rows).not.toContain(secret.slice(9));
    }
  });

  it('cost one query, and one more a minute to note their use', async () => {
    const { token, text } = await make();
    let queries = 0;
    const counting: Queries = {
      query(sql, values) {
        queries++;
        return database.query(sql, values);
      },
    };
    const use = async () => {
      queries = 0;
      await findPersonByToken(counting, text);
      return queries;
    };
    expect([await use(), await use(), await use()]).toEqual([2, 1, 1]);
    await database.query("update tokens set last_used_at = now() - interval '61 seconds' where id = $1", [token.id]);
    expect(await use()).toBe(2);
    const { items } = await listTokens(database, { user: 'ann', ...page });
    expect(items[0]).toMatchObject({ id: token.id, lastUsedAt: expect.any(Date) });
    expect((await findUser(database, 'ann'))?.lastSeenAt).toBeInstanceOf(Date);
  });
});

describe('sessions', () => {
  it('stand for a user until they end', async () => {
    const open = (lifetimeMs: number) => createSession(database, { user: 'mia', userAgent: 'Browser', lifetimeMs });
    const [one, two, old] = [await open(hour), await open(hour), await open(-hour)];
    expect(await findPersonBySession(database, one.text)).toEqual({
      name: 'mia',
      isAdmin: false,
      groups: { red: 'admin' },
    });
    expect(await findPersonBySession(database, old.text)).toBeUndefined();
    await deleteSession(database, one.text);
    expect(await findPersonBySession(database, one.text)).toBeUndefined();
    expect(await findPersonBySession(database, two.text)).toBeDefined();
    await deleteSessionsOf(database, 'mia');
    expect(await findPersonBySession(database, two.text)).toBeUndefined();
  });
});

describe('sign-in links', () => {
  const make = async (userName: string) => {
    const link = await createSignInLink(database, { userName, publicUrl: 'https://images.example.com/' });
    expect(link).toMatch(/^https:\/\/images\.example\.com\/sign-in\?token=iw_[\w-]{43}$/);
    return new URL(link).searchParams.get('token')!;
  };

  it('are good once, even for many at once', async () => {
    const token = await make('mia');
    const used = await Promise.all(Array.from({ length: 5 }, () => consumeSignInLink(database, token)));
    expect(used.filter((user) => user !== undefined)).toEqual(['mia']);
  });

  it('are good for a day, and not for who is disabled', async () => {
    const [late, disabled] = [await make('mia'), await make('max')];
    await database.query(
      "update sign_in_links set expires_at = expires_at - interval '24 hours 1 second' where user_name = 'mia'",
    );
    await updateUser(database, 'max', { isDisabled: true });
    expect(await consumeSignInLink(database, late)).toBeUndefined();
    expect(await consumeSignInLink(database, disabled)).toBeUndefined();
  });
});

describe('the audit', () => {
  it('is listed from the newest, by actor, action and target', async () => {
    for (const target of ['a', 'b', 'c']) {
      await recordAudit(database, {
        actor: 'eve',
        action: `image.${target === 'b' ? 'edit' : 'create'}`,
        target,
        detail: { target },
      });
    }
    const targets = async (query: object) => {
      const { items, total } = await listAudit(database, { ...page, actor: 'eve', ...query });
      return [items.map(({ target }) => target).join(''), total];
    };
    expect(await targets({})).toEqual(['cba', 3]);
    expect(await targets({ action: 'image.create' })).toEqual(['ca', 2]);
    expect(await targets({ target: 'b' })).toEqual(['b', 1]);
    expect(await targets({ page: 2, pageSize: 2 })).toEqual(['a', 3]);
    const [latest] = (await listAudit(database, { ...page, actor: 'eve' })).items;
    expect(latest).toMatchObject({ id: expect.any(Number), at: expect.any(Date), detail: { target: 'c' } });
  });

  it('keeps nothing of a change that is undone', async () => {
    const failing = database.transaction(async (tx) => {
      await recordAudit(tx, { actor: 'eve', action: 'image.delete', target: 'undone' });
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await listAudit(database, { ...page, target: 'undone' })).toMatchObject({ total: 0 });
  });
});
