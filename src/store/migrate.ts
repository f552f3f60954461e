import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from './database.ts';

const directory = join(import.meta.dirname, 'migrations');

/** Any number that no other program on the same server locks. */
const lockKey = 2_043_771_019;

/**
 * Brings the schema up to what this version wants: every script of `migrations/` that has not run yet, in the order of their names, each
 * whole or not at all. Processes that start together wait for one another.
 */
export async function migrate(database: Database): Promise<void> {
  await database.execute(
    'create table if not exists migrations (name text primary key, applied_at timestamptz not null default now())',
  );
  for (const name of (await readdir(directory)).filter((each) => each.endsWith('.sql')).sort()) {
    const script = await readFile(join(directory, name), 'utf8');
    await database.transaction(async (tx) => {
      await tx.query('select pg_advisory_xact_lock($1)', [lockKey]);
      const [done] = await tx.query('select 1 from migrations where name = $1', [name]);
      if (done !== undefined) return;
      for (const statement of statementsOf(script)) await tx.query(statement);
      await tx.query('insert into migrations (name) values ($1)', [name]);
    });
  }
}

/** A statement ends with a semicolon at the end of a line. */
function statementsOf(script: string): string[] {
  return script
    .replace(/^\s*--.*$/gm, '')
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
