import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import type { Database, Queries } from './database.ts';
import { lockDirectory } from './lock-directory.ts';

/**
 * Opens an embedded PostgreSQL in a directory, made when missing. One process has it at a time. Throws `command-invalid` when another
 * has it.
 */
export async function openPgliteDatabase(directory: string): Promise<Database> {
  await mkdir(dirname(directory), { recursive: true });
  const release = await lockDirectory(`${directory}.lock`);
  const pg = await PGlite.create(directory, { relaxedDurability: false });
  // A server does this by itself; without it lists look at every row to see whether it still counts.
  await pg.exec('vacuum analyze');
  return pgliteDatabase(pg, release);
}

/** An embedded PostgreSQL that is open; it is closed with the database, and then `release` is called. */
export function pgliteDatabase(pg: PGlite, release?: () => Promise<void>): Database {
  const queriesOf = (client: Pick<PGlite, 'query'>): Queries => ({
    query: async (sql, values) => (await client.query(sql, values as unknown[])).rows as never,
  });
  return {
    ...queriesOf(pg),
    transaction: (work) => pg.transaction((tx) => work(queriesOf(tx as unknown as Pick<PGlite, 'query'>))) as never,
    async execute(script) {
      await pg.exec(script);
    },
    listen: async (channel, onMessage) => {
      const stop = await pg.listen(channel, onMessage);
      return () => stop();
    },
    async [Symbol.asyncDispose]() {
      await pg.close();
      await release?.();
    },
  };
}
