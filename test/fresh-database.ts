import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Database } from '../src/store/database.ts';
import { migrate } from '../src/store/migrate.ts';
import { createPglite, pgliteDatabase } from '../src/store/pglite-database.ts';
import { openPostgresDatabase } from '../src/store/postgres-database.ts';
import { startPostgres } from './postgres.ts';

/**
 * An empty database with the schema of this version: embedded and in memory, or with `DB=postgres` a new one on a PostgreSQL server that
 * the test starts.
 */
export async function freshDatabase(): Promise<Database> {
  if (process.env.DB !== 'postgres') return pgliteDatabase(await createPglite({ loadDataDir: await migratedData() }));
  const database = await onPostgres();
  await migrate(database);
  return database;
}

/** An embedded database takes two seconds to make: the data directory of a migrated one is made once and kept. */
async function migratedData(): Promise<Blob> {
  const directory = resolve(import.meta.dirname, '../.cache/test');
  const file = join(directory, `pglite-${await schemaKey()}.tar`);
  if (existsSync(file)) return new Blob([await readFile(file)]);
  const pg = await createPglite();
  await migrate(pgliteDatabase(pg));
  const data = await pg.dumpDataDir('none');
  await pg.close();
  await mkdir(directory, { recursive: true });
  const temporary = `${file}.${randomUUID()}`;
  await writeFile(temporary, Buffer.from(await data.arrayBuffer()));
  await rename(temporary, file);
  return data;
}

async function schemaKey(): Promise<string> {
  const migrations = resolve(import.meta.dirname, '../src/store/migrations');
  const hash = createHash('sha256');
  for (const name of (await readdir(migrations)).sort())
    hash.update(name).update(await readFile(join(migrations, name)));
  hash.update(await readFile(resolve(import.meta.dirname, '../node_modules/@electric-sql/pglite/package.json')));
  return hash.digest('hex').slice(0, 16);
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
