import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../test/fresh-database.ts';
import { type Database, json, violates } from './database.ts';
import { migrate } from './migrate.ts';
import { openDatabase } from './open-database.ts';

const kinds: Readonly<Record<string, () => Promise<Database>>> = {
  'the database of the tests': freshDatabase,
  'an embedded database in a directory': async () => {
    const directory = await mkdtemp(join(tmpdir(), 'database-'));
    const opened = await openDatabase({ dataDir: directory });
    return {
      ...opened,
      async [Symbol.asyncDispose]() {
        await opened[Symbol.asyncDispose]();
        await rm(directory, { recursive: true });
      },
    };
  },
};

describe.each(Object.entries(kinds))('%s', (_name, open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
    await database.execute(
      'create table things (name text primary key, facts jsonb, size bigint, tags text[], at timestamptz)',
    );
  }, 60_000);
  afterAll(() => database[Symbol.asyncDispose]());

  it('gives back what it was given, whatever it is', async () => {
    const at = new Date('2026-01-02T03:04:05.678Z');
    const values = ['a', json([1, { b: 'c' }]), 2 ** 40, ['x', 'y,"z'], at];
    await database.query('insert into things values ($1, $2, $3, $4, $5)', values);
    const rows = await database.query('select * from things');
    expect(rows).toEqual([{ name: 'a', facts: [1, { b: 'c' }], size: 2 ** 40, tags: ['x', 'y,"z'], at }]);
  });

  it('undoes a transaction that fails, and says which rule a statement broke', async () => {
    const failing = database.transaction(async (tx) => {
      await tx.query("insert into things (name) values ('b')");
      await tx.query("insert into things (name) values ('a')");
    });
    const error = await failing.catch((reason) => reason);
    expect(violates(error, 'things_pkey')).toBe(true);
    expect(await database.query("select 1 from things where name = 'b'")).toEqual([]);
  });

  it('keeps what others ask out of a transaction', async () => {
    const seen: unknown[] = [];
    const whole = database.transaction(async (tx) => {
      await tx.query("insert into things (name) values ('inside')");
      seen.push(...(await tx.query("select name from things where name = 'inside'")));
    });
    await Promise.all([whole, database.query("select 'outside' as name from things").then(() => {})]);
    expect(seen).toEqual([{ name: 'inside' }]);
  });

  it('refuses a statement that is none, and goes on', async () => {
    await expect(database.query('select from nowhere at all')).rejects.toThrow(/syntax error|nowhere/);
    expect(await database.query('select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('tells who listens', async () => {
    const heard: string[] = [];
    const stop = await database.listen('bell', (payload) => heard.push(payload));
    await database.query("select pg_notify('bell', 'rings')");
    await expect.poll(() => heard).toEqual(['rings']);
    await stop();
  });

  it('migrates once, however often it is asked to', async () => {
    await Promise.all([migrate(database), migrate(database)]);
    const [row] = await database.query('select count(*) as count, count(distinct name) as names from migrations');
    expect(row).toMatchObject({ count: row!.names });
  });
});
