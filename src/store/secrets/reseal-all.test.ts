import { afterAll, beforeAll, expect, it } from 'vitest';
import { freshDatabase } from '../../../test/fresh-database.ts';
import type { Database } from '../database.ts';
import { insertSource, openSources } from '../settings/package-sources.ts';
import { effectiveRegistry, saveRegistrySettings } from '../settings/registry-settings.ts';
import { credentialsFor, insertPullSecret } from './pull-secrets.ts';
import { resealAll } from './reseal-all.ts';
import { createSecretBox, type SecretBox } from './secret-box.ts';

let database: Database;
beforeAll(async () => {
  database = await freshDatabase();
}, 60_000);
afterAll(() => database[Symbol.asyncDispose]());

const [first, second, stranger] = [1, 2, 3].map((fill) => Buffer.alloc(32, fill)) as [Buffer, Buffer, Buffer];
const registryHost = 'registry.example.com';

async function plant(box: SecretBox, name: string) {
  const own = { name, createdBy: 'root' };
  await insertPullSecret(database, box, { ...own, registryHost, username: 'me', password: 'pw', ownerGroup: null });
  const credentials = { username: 'me', password: 'pw' };
  const url = 'https://pypi.example.com/simple';
  await insertSource(database, box, { ...own, kind: 'pip', url, position: 0, options: {}, credentials });
}

it('seals everything with the first key, and leaves what it cannot open', async () => {
  const old = createSecretBox([first]);
  await plant(old, 'old');
  const settings = {
    ...{ endpoint: registryHost, username: 'me', pushRepo: null, pushRepoPrefix: null },
    ...{ insecureSkipVerify: false, plainHttp: false, embedded: true },
  };
  await saveRegistrySettings(database, old, { settings, password: 'pw', by: 'root', version: undefined });
  await plant(createSecretBox([stranger]), 'lost');

  const rotated = createSecretBox([second, first]);
  const unreadable = [expect.stringMatching(/^pull-secret\//), expect.stringMatching(/^package-source\//)];
  expect(await resealAll(database, rotated)).toEqual({ resealed: 3, unreadable });
  expect(await resealAll(database, rotated)).toEqual({ resealed: 0, unreadable });

  const current = createSecretBox([second]);
  const password = { kind: 'password', username: 'me', password: 'pw' };
  expect(await credentialsFor(database, current, { name: 'old', registryHost })).toEqual(password);
  const registry = await effectiveRegistry(database, current, { embeddedUrl: 'http://localhost' });
  expect(registry).toMatchObject({ credential: password });
  const lost = credentialsFor(database, current, { name: 'lost', registryHost });
  await expect(lost).rejects.toMatchObject({
    code: 'secret-unreadable',
    message: expect.stringContaining('is missing'),
  });
  await database.query("delete from package_sources where name = 'lost'");
  expect(await openSources(database, current, 'pip')).toEqual([
    { name: 'old', url: 'https://me:pw@pypi.example.com/simple', options: {} },
  ]);
});
