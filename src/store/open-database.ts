import { join } from 'node:path';
import type { Database } from './database.ts';
import { migrate } from './migrate.ts';

/** The PostgreSQL at `databaseUrl`, or an embedded one in `<dataDir>/pg`, with the schema of this version. Throws `database-unavailable`. */
export async function openDatabase(options: {
  readonly databaseUrl?: string | undefined;
  readonly dataDir: string;
}): Promise<Database> {
  const database = await open(options);
  try {
    await migrate(database);
    return database;
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
}

// Each is loaded only where it is used: the embedded one alone is tens of megabytes.
async function open({ databaseUrl, dataDir }: Parameters<typeof openDatabase>[0]): Promise<Database> {
  if (databaseUrl !== undefined && databaseUrl !== '') {
    return (await import('./postgres-database.ts')).openPostgresDatabase(databaseUrl);
  }
  return (await import('./open-pglite.ts')).openPgliteDatabase(join(dataDir, 'pg'));
}
