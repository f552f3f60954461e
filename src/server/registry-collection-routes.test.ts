import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hono } from 'hono';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freshDatabase } from '../../test/fresh-database.ts';
import { buildNewImage } from '../../test/stored-images.ts';
import { createApiClient } from '../api/create-client.ts';
import { collectRegistryGarbage } from '../api/registry-collections.ts';
import { digestOf } from '../oci/digest.ts';
import { mediaTypes } from '../oci/media-types.ts';
import { listAudit } from '../store/audit.ts';
import type { Database } from '../store/database.ts';
import { insertImage } from '../store/images.ts';
import { createDatabaseRegistryIndex } from '../store/registry/database-registry-index.ts';
import type { Actor } from './actor.ts';
import { answerError } from './answer-error.ts';
import { openRegistry } from './open-registry.ts';
import { registryCollectionRoutes } from './registry-collection-routes.ts';
import type { ApiEnv } from './serve-endpoint.ts';
import { administrator, visionAdministrator } from './settings-app.fixture.ts';

let database: Database;
let dataDir: string;
beforeAll(async () => {
  database = await freshDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'collection-'));
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await rm(dataDir, { recursive: true });
});

it('lets old revisions of images expire, and neither those in force nor other repositories', async () => {
  const index = createDatabaseRegistryIndex(database);
  const registry = await openRegistry({ dataDir, log() {}, index });
  const clientOf = (actor: Actor) => {
    const api = new Hono<ApiEnv>();
    api.use(async (c, next) => {
      c.set('actor', actor);
      await next();
    });
    registryCollectionRoutes(api, { database, registry });
    api.onError((error, c) => answerError(error, c, () => {}));
    const app = new Hono().route('/api/v1', api);
    return createApiClient({ url: 'http://server', fetch: async (url, init) => app.request(url as string, init) });
  };
  for (const repository of ['demo', 'gone', 'python']) {
    for (const tag of ['r1', 'r2', 'r3', 'r4']) {
      const descriptor = { mediaType: mediaTypes.ociManifest, digest: digestOf(tag), size: 2 };
      await index.manifests.put(repository, { entry: { descriptor }, blobs: [], manifests: [], tags: [tag] });
    }
    if (repository !== 'python') await insertImage(database, buildNewImage({ name: repository }));
  }
  await database.query("update registry_tags set tagged_at = now() - interval '1 day' * (100 - substr(tag, 2)::int)");
  await database.query("update images set ready_revision = 'r1'");
  await database.query("update images set deleted_at = now() where name = 'gone'");

  const collect = (isDryRun: boolean, actor = administrator) =>
    clientOf(actor).call(collectRegistryGarbage, { body: { isDryRun, retention: { keepLast: 2, keepDays: 30 } } });
  const tagsOf = (repository: string) => index.tags.list(repository, { limit: 9 });
  await expect(collect(false, visionAdministrator)).rejects.toMatchObject({ code: 'forbidden' });
  expect(await collect(true)).toMatchObject({ isDryRun: true, revisions: 3 });
  expect(await tagsOf('demo')).toHaveLength(4);
  expect(await collect(false)).toMatchObject({ isDryRun: false, revisions: 3 });
  expect(await tagsOf('demo')).toEqual(['r1', 'r3', 'r4']);
  expect(await tagsOf('gone')).toEqual(['r3', 'r4']);
  expect(await tagsOf('python')).toEqual(['r1', 'r2', 'r3', 'r4']);
  expect(await index.manifests.get('demo', digestOf('r2'))).toBeUndefined();
  const { items } = await listAudit(database, { action: 'registry.collect', page: 1, pageSize: 9 });
  expect(items).toMatchObject([{ actor: 'root', detail: { revisions: 3 } }]);
});
