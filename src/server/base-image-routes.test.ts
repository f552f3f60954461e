import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildNewImage } from '../../test/stored-images.ts';
import * as api from '../api/base-images.ts';
import { createPullSecrets } from '../api/pull-secrets.ts';
import { insertImage, markImageDeleted, setReady } from '../store/images.ts';
import type { Actor } from './actor.ts';
import {
  administrator,
  openSettingsApp,
  type SettingsApp,
  visionAdministrator,
  visionMember,
} from './settings-app.fixture.ts';

let app: SettingsApp;
beforeAll(async () => {
  app = await openSettingsApp();
}, 60_000);
afterAll(() => app[Symbol.asyncDispose]());
beforeEach(async () => {
  for (const table of ['base_images', 'pull_secrets', 'images']) await app.database.query(`delete from ${table}`);
});

const create = (body: object) => app.as(administrator).call(api.createBaseImage, { body: body as never });
const edit = (id: string, body: object) => app.as(administrator).call(api.editBaseImage, { params: { id }, body });
const list = (actor: Actor, query: object = {}) => app.as(actor).call(api.listBaseImages, { query });
const namesFor = async (actor: Actor, query: object = {}) => (await list(actor, query)).items.map(({ name }) => name);
const reference = 'registry.example.com/python:3.12';

describe('base images', () => {
  it('are registered, changed and taken away', async () => {
    const made = await create({ reference });
    expect(made).toMatchObject({ reference, name: reference, type: 'universal', pullSecret: null, createdBy: 'root' });
    const params = { id: made.id };
    expect(await edit(made.id, { name: 'Python', type: 'cpu' })).toMatchObject({
      reference,
      name: 'Python',
      type: 'cpu',
    });
    expect(await app.as(visionMember).call(api.getBaseImage, { params })).toMatchObject({ name: 'Python' });
    await app.as(administrator).call(api.deleteBaseImage, { params });
    await expect(edit(made.id, {})).rejects.toMatchObject({ code: 'not-found' });
  });

  it('are known by the whole reference', async () => {
    expect(await create({ reference: 'python', name: 'Python' })).toMatchObject({
      reference: 'docker.io/library/python:latest',
    });
    const again = create({ reference: 'docker.io/library/python:latest' });
    await expect(again).rejects.toMatchObject({ code: 'conflict', problems: [{ field: 'reference' }] });
    const other = await create({ reference });
    await expect(edit(other.id, { reference: 'python' })).rejects.toMatchObject({ code: 'conflict' });
    await expect(create({ reference: 'Not A Reference' })).rejects.toMatchObject({ code: 'reference-invalid' });
  });

  it('name a pull secret that everybody may use for that registry', async () => {
    const secret = { registryHost: 'registry.example.com', username: 'me', password: 'pw' };
    const root = app.as(administrator);
    await root.call(createPullSecrets, { body: { ...secret, name: 'hub' } });
    await root.call(createPullSecrets, { body: { ...secret, name: 'theirs', ownerGroup: 'vision' } });
    const refusals: [object, string][] = [
      [{ reference, pullSecret: 'none' }, 'pull-secret-unknown'],
      [{ reference, pullSecret: 'theirs' }, 'pull-secret-of-group'],
      [{ reference: 'other.example.com/x', pullSecret: 'hub' }, 'pull-secret-elsewhere'],
    ];
    for (const [body, code] of refusals) {
      await expect(create(body)).rejects.toMatchObject({ problems: [{ field: 'pullSecret', code }] });
    }
    const { id } = await create({ reference, pullSecret: 'hub' });
    const moved = edit(id, { reference: 'other.example.com/x' });
    await expect(moved).rejects.toMatchObject({ problems: [{ code: 'pull-secret-elsewhere' }] });
    expect(await edit(id, { pullSecret: null })).toMatchObject({ pullSecret: null });
  });

  it('are an administrator’s business', async () => {
    const { id } = await create({ reference });
    const vera = app.as(visionAdministrator);
    const calls = [
      vera.call(api.createBaseImage, { body: { reference: 'a' } }),
      vera.call(api.editBaseImage, { params: { id }, body: {} }),
      vera.call(api.deleteBaseImage, { params: { id } }),
    ];
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'forbidden' });
    await expect(edit('x', {})).rejects.toMatchObject({ code: 'request-invalid' });
  });
});

describe('the pick list', () => {
  beforeEach(async () => {
    await create({ reference, name: 'Python', description: 'Plain', type: 'cpu' });
    const built = await insertImage(
      app.database,
      buildNewImage({ name: 'built', displayName: 'Built', ownerGroup: 'vision', pullSecret: 'hub' }),
    );
    await setReady(app.database, built.id, { revision: '1a2b3c4d', url: 'r.example.com/built:1a2b3c4d' });
    await insertImage(
      app.database,
      buildNewImage({
        name: 'given',
        displayName: '',
        kind: 'existing',
        spec: null,
        url: 'r.example.com/given:1',
        pullSecret: 'hub',
        isGlobal: true,
      }),
    );
    await insertImage(app.database, buildNewImage({ name: 'never-built', displayName: 'Never', isGlobal: true }));
    const gone = await insertImage(app.database, buildNewImage({ name: 'gone', isGlobal: true }));
    await setReady(app.database, gone.id, { revision: '1a2b3c4d', url: 'r.example.com/gone:1a2b3c4d' });
    await markImageDeleted(app.database, gone.id);
  });

  it('has registered bases, then the images that can be pulled', async () => {
    const { items, total } = await list(administrator);
    expect(items).toMatchObject([
      { source: 'registered', reference, name: 'Python', id: expect.any(String), ownerGroup: null },
      {
        source: 'image',
        reference: 'r.example.com/built:1a2b3c4d',
        name: 'Built',
        id: null,
        ownerGroup: 'vision',
        pullSecret: null,
      },
      { source: 'image', reference: 'r.example.com/given:1', name: 'given', id: null, pullSecret: 'hub' },
    ]);
    expect(total).toBe(3);
  });

  it('shows nobody what is not theirs', async () => {
    expect(await namesFor(visionMember)).toEqual(['Python', 'Built', 'given']);
    expect(await namesFor({ name: 'nobody', isAdmin: false, groups: {} })).toEqual(['Python', 'given']);
  });

  it.each<[object, string[]]>([
    [{ q: 'pyTHON' }, ['Python']],
    [{ q: 'r.example.com/' }, ['Built', 'given']],
    [{ q: 'plain' }, ['Python']],
    [{ q: '_' }, []],
    [{ type: 'cpu' }, ['Python']],
    [{ source: 'image' }, ['Built', 'given']],
    [{ page: 2, pageSize: 2 }, ['given']],
  ])('finds %j', async (query, names) => {
    expect(await namesFor(administrator, query)).toEqual(names);
  });
});
