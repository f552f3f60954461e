import { afterAll, beforeAll } from 'vitest';
import { freshDatabase } from '../../../test/fresh-database.ts';
import { describeRegistryIndex } from '../../registry/server/registry-index.contract.ts';
import type { Database } from '../database.ts';
import { createDatabaseRegistryIndex } from './database-registry-index.ts';

let database: Database;
beforeAll(async () => {
  database = await freshDatabase();
}, 60_000);
afterAll(() => database[Symbol.asyncDispose]());

describeRegistryIndex('the database', async (options) => {
  await database.execute('truncate registry_blobs, registry_manifests cascade');
  return createDatabaseRegistryIndex(database, options);
});
