import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildNewImage } from '../../test/stored-images.ts';
import * as api from '../api/pull-secrets.ts';
import { findImage, insertImage, markImageDeleted } from '../store/images.ts';
import { credentialsFor } from '../store/secrets/pull-secrets.ts';
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
  await app.database.query('delete from pull_secrets');
  await app.database.query('delete from base_images');
  await app.database.query('delete from images');
});

const registryHost = 'registry.example.com';
const whole = (name: string, ownerGroup: string | null = null) => ({
  ...{ name, registryHost, username: 'me', password: 'pw-1', ownerGroup },
});
const create = (actor: Actor, body: Parameters<typeof api.newPullSecretSchema.parse>[0]) =>
  app.as(actor).call(api.createPullSecrets, { body: body as never });
const edit = (actor: Actor, name: string, body: object) =>
  app.as(actor).call(api.editPullSecret, { params: { name }, body });
const get = (actor: Actor, name: string) => app.as(actor).call(api.getPullSecret, { params: { name } });
const remove = (actor: Actor, name: string) => app.as(actor).call(api.deletePullSecret, { params: { name } });
const list = (actor: Actor, query: object = {}) => app.as(actor).call(api.listPullSecrets, { query });
const openFor = (name: string, host = registryHost, ownerGroup?: string | null) =>
  credentialsFor(app.database, app.box, { name, registryHost: host, ownerGroup });

describe('a pull secret', () => {
  it('is made, shown without its password, and used for its own registry', async () => {
    const { items } = await create(administrator, {
      ...whole('hub'),
      registryHost: 'https://Registry.Example.com/v2/',
    });
    expect(items).toMatchObject([{ name: 'hub', registryHost, username: 'me', ownerGroup: null, createdBy: 'root' }]);
    expect(await get(administrator, 'hub')).toEqual(items[0]);
    expect(await openFor('hub')).toEqual({ kind: 'password', username: 'me', password: 'pw-1' });
    await expect(openFor('hub', 'evil.example.com')).rejects.toMatchObject({
      code: 'forbidden',
      message: 'The pull secret "hub" is for registry.example.com, not for evil.example.com',
    });
    await expect(openFor('none')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('of a group is for its images and the platform’s only', async () => {
    await create(administrator, whole('theirs', 'vision'));
    for (const group of ['vision', null, undefined]) expect(await openFor('theirs', registryHost, group)).toBeDefined();
    await expect(openFor('theirs', registryHost, 'speech')).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('is of a group that there is, and ends with it', async () => {
    const problems = [expect.objectContaining({ field: 'ownerGroup', code: 'group-not-found' })];
    const invalid = { code: 'request-invalid', problems };
    await expect(create(administrator, whole('a', 'none'))).rejects.toMatchObject(invalid);
    await create(administrator, whole('a'));
    await expect(edit(administrator, 'a', { ownerGroup: 'none' })).rejects.toMatchObject(invalid);
    await app.database.query("insert into groups (name) values ('brief')");
    await edit(administrator, 'a', { ownerGroup: 'brief' });
    await app.database.query("delete from groups where name = 'brief'");
    await expect(get(administrator, 'a')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('has a name of its own', async () => {
    await create(administrator, whole('hub'));
    const problems = [expect.objectContaining({ field: 'name', code: 'name-taken' })];
    await expect(create(administrator, whole('hub'))).rejects.toMatchObject({ code: 'conflict', problems });
  });

  it('keeps its password when something else changes', async () => {
    await create(administrator, whole('hub'));
    expect(await edit(administrator, 'hub', { username: 'you' })).toMatchObject({ username: 'you', registryHost });
    expect(await openFor('hub')).toMatchObject({ username: 'you', password: 'pw-1' });
    await edit(administrator, 'hub', { password: 'pw-2' });
    expect(await openFor('hub')).toMatchObject({ password: 'pw-2' });
  });

  it('does not go to another host without its password', async () => {
    await create(administrator, whole('hub'));
    const moving = edit(administrator, 'hub', { registryHost: 'evil.example.com' });
    await expect(moving).rejects.toMatchObject({ code: 'request-invalid', problems: [{ field: 'password' }] });
    await edit(administrator, 'hub', { registryHost: 'new.example.com', password: 'pw-2' });
    expect(await openFor('hub', 'new.example.com')).toMatchObject({ password: 'pw-2' });
  });

  it.each([
    [{ name: 'hub' }, ['registryHost', 'username', 'password']],
    [{ ...whole('hub'), dockerConfigJson: {} }, ['registryHost', 'username', 'password']],
    [{ ...whole('Hub') }, ['name']],
    [{ ...whole('hub'), username: 'a:b' }, ['username']],
    [{ ...whole('hub'), username: 'a\u0001' }, ['username']],
    [{ ...whole('hub'), password: '' }, ['password']],
    [{ ...whole('hub'), registryHost: 'x/y' }, ['registryHost']],
  ])('is not made of %j', async (body, fields) => {
    const problems = fields.map((field) => expect.objectContaining({ field }));
    await expect(create(administrator, body)).rejects.toMatchObject({ code: 'request-invalid', problems });
  });
});

describe('a docker configuration', () => {
  const auth = Buffer.from('me:pw').toString('base64');

  it('of one registry becomes the secret of that name', async () => {
    const { items } = await create(administrator, {
      name: 'hub',
      dockerConfigJson: { auths: { [registryHost]: { auth } } },
    });
    expect(items).toMatchObject([{ name: 'hub', registryHost }]);
    expect(await openFor('hub')).toEqual({ kind: 'password', username: 'me', password: 'pw' });
  });

  it('of several registries becomes several, all or none', async () => {
    const auths = { 'https://index.docker.io/v1/': { auth }, 'registry.example.com:5000': { identitytoken: 'tok' } };
    await create(administrator, whole('both-registry-example-com-5000'));
    const body = { name: 'both', dockerConfigJson: JSON.stringify({ auths }) };
    await expect(create(administrator, body)).rejects.toMatchObject({ code: 'conflict' });
    expect((await list(administrator)).total).toBe(1);
    await remove(administrator, 'both-registry-example-com-5000');
    const { items } = await create(administrator, body);
    expect(items.map(({ name }) => name)).toEqual(['both-docker-io', 'both-registry-example-com-5000']);
    const opened = await openFor('both-registry-example-com-5000', 'registry.example.com:5000');
    expect(opened).toEqual({ kind: 'identity-token', token: 'tok' });
  });
});

describe('deletion', () => {
  it('is refused while images or base images use it', async () => {
    await create(administrator, whole('hub'));
    await insertImage(app.database, buildNewImage({ pullSecret: 'hub' }));
    await app.database.query(
      "insert into base_images (reference, name, type, pull_secret, created_by) values ('r.example.com/b:1', 'b', 'cpu', 'hub', 'root')",
    );
    await expect(remove(administrator, 'hub')).rejects.toMatchObject({
      code: 'conflict',
      message: 'The pull secret "hub" is used by demo, r.example.com/b:1',
    });
    await markImageDeleted(app.database, (await findImage(app.database, 'demo'))!.id);
    await app.database.query('delete from base_images');
    await remove(administrator, 'hub');
    await expect(get(administrator, 'hub')).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('rights', () => {
  beforeEach(async () => {
    await create(administrator, whole('platform'));
    await create(administrator, whole('vision-1', 'vision'));
    await create(administrator, whole('speech-1', 'speech'));
    await create(administrator, whole('other-1', 'other'));
  });

  it.each<[Actor, string[]]>([
    [administrator, ['other-1', 'platform', 'speech-1', 'vision-1']],
    [visionAdministrator, ['platform', 'speech-1', 'vision-1']],
    [visionMember, ['platform', 'vision-1']],
    [{ name: 'nobody', isAdmin: false, groups: {} }, ['platform']],
  ])('show %j what it may use', async (actor, names) => {
    const { items, total } = await list(actor);
    expect({ names: items.map(({ name }) => name), total }).toEqual({ names, total: names.length });
    for (const hidden of ['other-1', 'speech-1', 'vision-1'].filter((name) => !names.includes(name))) {
      await expect(get(actor, hidden)).rejects.toMatchObject({ code: 'not-found' });
      await expect(remove(actor, hidden)).rejects.toMatchObject({ code: 'not-found' });
    }
  });

  it('show user names to those who may change them', async () => {
    const { items } = await list(visionAdministrator);
    expect(items.map(({ username }) => username)).toEqual([null, null, 'me']);
  });

  it('let group administrators manage those of their group', async () => {
    await create(visionAdministrator, whole('vision-2', 'vision'));
    await edit(visionAdministrator, 'vision-1', { password: 'pw-2' });
    await remove(visionAdministrator, 'vision-2');
    const forbidden = { code: 'forbidden' };
    await expect(create(visionAdministrator, whole('p'))).rejects.toMatchObject(forbidden);
    await expect(create(visionAdministrator, whole('p', 'speech'))).rejects.toMatchObject(forbidden);
    await expect(edit(visionAdministrator, 'platform', { username: 'x' })).rejects.toMatchObject(forbidden);
    await expect(edit(visionAdministrator, 'speech-1', { username: 'x' })).rejects.toMatchObject(forbidden);
    await expect(edit(visionAdministrator, 'vision-1', { ownerGroup: 'speech' })).rejects.toMatchObject(forbidden);
    await expect(edit(visionAdministrator, 'vision-1', { ownerGroup: null })).rejects.toMatchObject(forbidden);
    await expect(remove(visionMember, 'vision-1')).rejects.toMatchObject(forbidden);
  });

  it('find part of a name or host, and page', async () => {
    expect((await list(administrator, { q: '-1', page: 2, pageSize: 2 })).items.map(({ name }) => name)).toEqual([
      'vision-1',
    ]);
    expect((await list(administrator, { q: 'EXAMPLE.com' })).total).toBe(4);
    expect((await list(administrator, { q: '%' })).total).toBe(0);
  });
});
