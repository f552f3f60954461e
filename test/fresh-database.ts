import { randomUUID } from 'node:crypto';
import type { Database } from '../src/store/database.ts';
import { migrate } from '../src/store/migrate.ts';
import { openPgliteDatabase } from '../src/store/pglite-database.ts';
import { openPostgresDatabase } from '../src/store/postgres-database.ts';
import { startPostgres } from './postgres.ts';

/**
 * An empty database with the schema of this version: embedded and in memory, or with `DB=postgres` a new one on a PostgreSQL server that
 * the test starts.
 */
export async function freshDatabase(): Promise<Database> {
  const database = process.env.DB === 'postgres' ? await onPostgres() : await openPgliteDatabase();
  await migrate(database);
  return database;
}

async function onPostgres(): Promise<Database> {
  const server = await startPostgres();
  const database = await openPostgresDatabase(await server.createDatabase(`t${randomUUID().replaceAll('-', '')}`));
  return {
    ...database,
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}
