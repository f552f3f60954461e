import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as api from '../api/package-sources.ts';
import { aptSources, openSources, pipIndexes } from '../store/settings/package-sources.ts';
import {
  administrator,
  openSettingsApp,
  type SettingsApp,
  testCertificate,
  testPrivateKey,
  visionAdministrator,
} from './settings-app.fixture.ts';

let app: SettingsApp;
beforeAll(async () => {
  app = await openSettingsApp();
}, 60_000);
afterAll(() => app[Symbol.asyncDispose]());
beforeEach(() => app.database.query('delete from package_sources'));

const client = () => app.as(administrator);
const create = (body: object) => client().call(api.createPackageSource, { body: body as never });
const edit = (name: string, body: object) => client().call(api.editPackageSource, { params: { name }, body });
const aptSource = { kind: 'apt', name: 'a', url: 'https://a.example.com/' };
const names = async (kind?: 'pip' | 'apt') => {
  const { items } = await client().call(api.listPackageSources, { query: { kind } });
  return items.map(({ name }) => name);
};
const urlOf = async (name: string, kind: 'pip' | 'conda' | 'proxy' = 'pip') =>
  (await openSources(app.database, app.box, kind)).find((source) => source.name === name)?.url;

const pip = (name: string, more: object = {}) => ({
  kind: 'pip',
  name,
  url: `https://${name}.example.com/simple`,
  ...more,
});

describe('package sources', () => {
  it('keep their credentials to themselves', async () => {
    const made = await create(pip('a', { url: 'https://me:p%40ss@a.example.com/simple' }));
    expect(made).toMatchObject({ kind: 'pip', url: 'https://a.example.com/simple', hasCredentials: true, position: 0 });
    const other = await create(pip('b', { username: 'me', password: 'p@ss:/' }));
    expect(other).toMatchObject({ url: 'https://b.example.com/simple', hasCredentials: true });
    expect(await urlOf('a')).toBe('https://me:p%40ss@a.example.com/simple');
    expect(await urlOf('b')).toBe('https://me:p%40ss%3A%2F@b.example.com/simple');
    expect(await client().call(api.getPackageSource, { params: { name: 'a' } })).toEqual(made);
  });

  it('become the indexes of pip, in their order', async () => {
    expect(await pipIndexes(app.database, app.box)).toBeUndefined();
    await create(pip('late', { position: 2 }));
    await create(pip('early', { position: 1 }));
    await create(pip('main', { options: { isDefault: true } }));
    await create({ kind: 'conda', name: 'channel', url: 'https://conda.example.com/team' });
    expect(await pipIndexes(app.database, app.box)).toEqual({
      default: 'https://main.example.com/simple',
      extra: ['https://early.example.com/simple', 'https://late.example.com/simple'],
    });
    expect(await names('pip')).toEqual(['main', 'early', 'late']);
    expect(await names()).toEqual(['channel', 'main', 'early', 'late']);
  });

  it('have one default, and a name each', async () => {
    await create(pip('main', { options: { isDefault: true } }));
    const second = create(pip('second', { options: { isDefault: true } }));
    await expect(second).rejects.toMatchObject({ code: 'conflict', problems: [{ field: 'options.isDefault' }] });
    await create(pip('second'));
    await expect(edit('second', { options: { isDefault: true } })).rejects.toMatchObject({ code: 'conflict' });
    await edit('main', { options: {} });
    expect(await edit('second', { options: { isDefault: true } })).toMatchObject({ options: { isDefault: true } });
    await expect(create(pip('main'))).rejects.toMatchObject({ code: 'conflict', problems: [{ field: 'name' }] });
  });

  it('keep their credentials when something else changes, but not for another host', async () => {
    await create(pip('a', { username: 'me', password: 'pw' }));
    await edit('a', { position: 5 });
    await edit('a', { url: 'https://a.example.com/other' });
    expect(await urlOf('a')).toBe('https://me:pw@a.example.com/other');
    await edit('a', { password: 'pw-2' });
    expect(await urlOf('a')).toBe('https://me:pw-2@a.example.com/other');
    for (const url of ['https://evil.example.com/simple', 'http://a.example.com/simple']) {
      await expect(edit('a', { url })).rejects.toMatchObject({ problems: [{ field: 'password' }] });
    }
    await edit('a', { url: 'https://new.example.com/simple', username: 'you', password: 'pw-3' });
    expect(await urlOf('a')).toBe('https://you:pw-3@new.example.com/simple');
    expect(await edit('a', { username: null })).toMatchObject({ hasCredentials: false });
    expect(await urlOf('a')).toBe('https://new.example.com/simple');
  });

  it('do not take part of the old credentials to another host', async () => {
    await create(pip('a', { username: 'me', password: 'pw' }));
    await edit('a', { url: 'https://you@evil.example.com/simple' });
    expect(await urlOf('a')).toBe('https://you@evil.example.com/simple');
  });

  it('can be given credentials anew when the key of the old ones is lost', async () => {
    await create(pip('a', { username: 'me', password: 'pw' }));
    await app.database.query(
      "update package_sources set sealed_credentials = 'v1:00000000:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA'",
    );
    await expect(urlOf('a')).rejects.toMatchObject({ code: 'secret-unreadable' });
    await expect(edit('a', { password: 'pw-2' })).rejects.toMatchObject({ code: 'secret-unreadable' });
    expect(await edit('a', { position: 3 })).toMatchObject({ position: 3, hasCredentials: true });
    await edit('a', { username: 'me', password: 'pw-2' });
    expect(await urlOf('a')).toBe('https://me:pw-2@a.example.com/simple');
  });

  it('hide the token of a conda channel', async () => {
    const made = await create({ kind: 'conda', name: 'team', url: 'https://conda.example.com/t/tok-1/team' });
    expect(made).toMatchObject({ url: 'https://conda.example.com/t/***/team', hasCredentials: true });
    await edit('team', { url: 'https://conda.example.com/t/***/other' });
    expect(await urlOf('team', 'conda')).toBe('https://conda.example.com/t/tok-1/other');
    const moved = edit('team', { url: 'https://evil.example.com/t/***/other', username: 'me' });
    await expect(moved).rejects.toMatchObject({ problems: [{ field: 'url', code: 'token-needed' }] });
    expect(await edit('team', { url: 'https://conda.example.com/other' })).toMatchObject({ hasCredentials: false });
  });

  it('may be certificates, a mirror or a proxy', async () => {
    await create({ kind: 'ca-bundle', name: 'ca', options: { certificates: `# ours\n${testCertificate}` } });
    const apt = { suite: 'bookworm', components: ['main'] };
    expect(
      await create({ kind: 'apt', name: 'deb', url: 'https://deb.example.com/debian', options: apt }),
    ).toMatchObject({ options: apt });
    const mirrorOf = 'http://archive.example.com';
    await create({ kind: 'apt', name: 'mirror', url: 'https://me:pw@mirror.example.com/', options: { mirrorOf } });
    expect(await aptSources(app.database, app.box)).toEqual({
      added: [{ name: 'deb', url: 'https://deb.example.com/debian', ...apt }],
      mirrors: [{ url: 'https://me:pw@mirror.example.com/', of: mirrorOf }],
    });
    await create({
      kind: 'proxy',
      name: 'way',
      url: 'http://me:pw@proxy.example.com:3128',
      options: { noProxy: ['.example.com'] },
    });
    expect(await urlOf('way', 'proxy')).toBe('http://me:pw@proxy.example.com:3128/');
  });

  it.each<[object, string[]]>([
    [aptSource, ['options.suite']],
    [{ ...aptSource, options: { suite: 'a b', components: ['main'] } }, ['options.suite']],
    [{ ...aptSource, options: { suite: 'bookworm' } }, ['options.components']],
    [{ ...aptSource, options: { suite: './', components: ['main'] } }, ['options.components']],
    [{ ...aptSource, options: { suite: 'bookworm', components: ['main\u00a0x'] } }, ['options.components']],
    [{ ...aptSource, options: { suite: './', signedBy: 'x' } }, ['options.signedBy']],
    [{ ...aptSource, options: { suite: './', mirrorOf: 'http://archive.example.com' } }, ['options.mirrorOf']],
    [{ ...aptSource, options: { mirrorOf: 'http://me:pw@archive.example.com' } }, ['options.mirrorOf']],
    [{ kind: 'pip', name: 'a' }, ['url']],
    [{ kind: 'pip', name: 'a', url: 'ftp://a.example.com' }, ['url']],
    [{ kind: 'pip', name: 'a', url: 'https://a.example.com/', password: 'pw' }, ['username']],
    [{ kind: 'conda', name: 'a', url: 'https://a.example.com/t/***/x' }, ['url']],
    [
      { kind: 'pip', name: 'a', url: 'https://a.example.com/', options: { suite: 'x', noProxy: [] } },
      ['options.suite', 'options.noProxy'],
    ],
    [{ kind: 'ca-bundle', name: 'a' }, ['options.certificates']],
    [
      { kind: 'ca-bundle', name: 'a', url: 'https://a.example.com/', options: { certificates: 'x' } },
      ['url', 'options.certificates'],
    ],
    [
      { kind: 'ca-bundle', name: 'a', options: { certificates: testCertificate + testPrivateKey } },
      ['options.certificates'],
    ],
    [
      { kind: 'ca-bundle', name: 'a', options: { certificates: testCertificate.slice(0, -40) } },
      ['options.certificates'],
    ],
    [{ kind: 'ca-bundle', name: 'a', options: { certificates: testCertificate }, username: 'me' }, ['password']],
    [{ kind: 'pip', name: 'a', url: 'https://a.example.com/', options: { isDefault: true, other: 1 } }, ['options']],
  ])('are not made of %j', async (body, fields) => {
    const problems = fields.map((field) => expect.objectContaining({ field }));
    await expect(create(body)).rejects.toMatchObject({ code: 'request-invalid', problems });
  });

  it('are removed', async () => {
    await create(pip('a'));
    await client().call(api.deletePackageSource, { params: { name: 'a' } });
    await expect(client().call(api.deletePackageSource, { params: { name: 'a' } })).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(edit('a', {})).rejects.toMatchObject({ code: 'not-found' });
  });

  it('are an administrator’s business', async () => {
    await create(pip('a'));
    const vera = app.as(visionAdministrator);
    const params = { name: 'a' };
    const calls = [
      vera.call(api.listPackageSources, { query: {} }),
      vera.call(api.createPackageSource, { body: pip('b') as never }),
      vera.call(api.getPackageSource, { params }),
      vera.call(api.editPackageSource, { params, body: {} }),
      vera.call(api.deletePackageSource, { params }),
    ];
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'forbidden' });
  });
});
