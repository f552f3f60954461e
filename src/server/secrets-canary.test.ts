import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answer, serveScript } from '../../test/scripted-server.ts';
import * as sources from '../api/package-sources.ts';
import * as secrets from '../api/pull-secrets.ts';
import * as registry from '../api/registry-settings.ts';
import { resealAll } from '../store/secrets/reseal-all.ts';
import { createSecretBox } from '../store/secrets/secret-box.ts';
import {
  administrator,
  openSettingsApp,
  type SettingsApp,
  testPrivateKey,
  visionAdministrator,
} from './settings-app.fixture.ts';

let app: SettingsApp;
beforeAll(async () => {
  app = await openSettingsApp();
}, 60_000);
afterAll(() => app[Symbol.asyncDispose]());

const planted: string[] = [];

/** A secret that stands nowhere else; its signs look different in a URL. */
function canary(): string {
  const secret = `canary/${randomBytes(9).toString('hex')}+ü%:@`;
  planted.push(secret);
  return secret;
}

/** How a secret may stand in a text: as it is, in JSON, in a URL, or somewhere within base64, whatever stands before it. */
function formsOf(secret: string): string[] {
  const base64 = [0, 1, 2].flatMap((before) => {
    const text = Buffer.from('x'.repeat(before) + secret).toString('base64');
    // Letters that mix with what stands before and after are left out.
    const core = text
      .slice(before === 0 ? 0 : 4)
      .replace(/=+$/, '')
      .slice(0, -2);
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
  });
  // What is left of it wherever some of its signs are written in another way.
  const heart = secret.slice(7, 25);
  return [heart, Buffer.from(heart).toString('hex'), encodeURIComponent(secret), ...base64];
}

/** What comes of it does not matter here. */
const attempt = (call: Promise<unknown>) =>
  call.then(
    () => 'done',
    (error) => error.code,
  );

async function everyRow(): Promise<string> {
  const tables = await app.database.query<{ name: string }>(
    `select quote_ident(table_schema) || '.' || quote_ident(table_name) as name from information_schema.tables
     where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
  );
  expect(tables.map(({ name }) => name)).toContain('public.pull_secrets');
  const rows = await Promise.all(
    tables.map(({ name }) => app.database.query<{ row: string }>(`select t::text as row from ${name} t`)),
  );
  return rows
    .flat()
    .map(({ row }) => row)
    .join('\n');
}

describe('secrets', () => {
  it('stand in no row, answer, error or log', async () => {
    const root = app.as(administrator);
    const vera = app.as(visionAdministrator);
    const basic = (password: string) => Buffer.from(`me:${password}`).toString('base64');
    await plantPullSecrets();
    await plantSources();
    await plantRegistry();
    expect(
      (await resealAll(app.database, createSecretBox([Buffer.alloc(32, 2), Buffer.alloc(32, 1)]))).unreadable,
    ).toEqual([]);

    const rows = await everyRow();
    const told = app.told.join('\n');
    expect(rows.match(/v1:[0-9a-f]{8}:/g)!.length).toBeGreaterThanOrEqual(8);
    // What may be seen is seen: the search does look where secrets could be.
    for (const text of [rows, told]) expect(text).toContain('marker.example.com');
    expect(planted.length).toBeGreaterThan(25);
    for (const secret of planted) {
      for (const form of formsOf(secret)) {
        expect(rows.includes(form), `${form} in the database`).toBe(false);
        expect(told.includes(form), `${form} in what was told`).toBe(false);
      }
    }

    async function plantPullSecrets() {
      const host = { registryHost: 'marker.example.com', username: 'me' };
      const body = { ...host, name: 'one', password: canary() };
      await root.call(secrets.createPullSecrets, { body });
      expect(await attempt(root.call(secrets.createPullSecrets, { body }))).toBe('conflict');
      await vera.call(secrets.createPullSecrets, {
        body: { ...body, name: 'two', ownerGroup: 'vision', password: canary() },
      });
      const auths = {
        'a.example.com': { auth: basic(canary()) },
        'b.example.com': { identitytoken: canary() },
        'c.example.com': { username: 'me', password: canary() },
      };
      await root.call(secrets.createPullSecrets, { body: { name: 'three', dockerConfigJson: { auths } } });
      const text = Buffer.from(JSON.stringify({ auths: { 'a.example.com': { auth: basic(canary()) } } })).toString(
        'base64',
      );
      await root.call(secrets.createPullSecrets, { body: { name: 'four', dockerConfigJson: text } });
      const wrong = [
        { ...body, name: 'five', password: [canary()] },
        { ...body, name: 'five', passwort: canary() },
        { ...body, name: 'five', registryHost: `https://me:${canary()}@marker.example.com` },
        { ...body, name: 'five', password: `${canary()}\ud800` },
        { ...body, name: 'five', password: canary(), username: 'a:b' },
        { name: 'five', dockerConfigJson: `{"auths": ${canary()}` },
        {
          name: 'five',
          dockerConfigJson: { auths: { [`https://me:${canary()}@a.example.com`]: { auth: basic(canary()) } } },
        },
        { name: 'five', dockerConfigJson: { auths: { 'a.example.com/path': { auth: basic(canary()) } } } },
        { name: 'five', dockerConfigJson: { auths: { 'a.example.com': { auth: canary() } } } },
      ];
      for (const each of wrong) {
        const call = root.call(secrets.createPullSecrets, { body: each as never });
        expect(await attempt(call)).toBe('request-invalid');
      }
      const params = { name: 'one' };
      await root.call(secrets.editPullSecret, { params, body: { password: canary() } });
      await root.call(secrets.getPullSecret, { params });
      await root.call(secrets.listPullSecrets, { query: {} });
      expect(await attempt(vera.call(secrets.editPullSecret, { params, body: { password: canary() } }))).toBe(
        'forbidden',
      );
      await root.call(secrets.deletePullSecret, { params });
    }

    async function plantSources() {
      const url = (secret: string) => `https://me:${encodeURIComponent(secret)}@marker.example.com/simple`;
      const create = (body: object) => root.call(sources.createPackageSource, { body: body as never });
      await create({ kind: 'pip', name: 'one', url: url(canary()) });
      await create({
        kind: 'pip',
        name: 'two',
        url: 'https://marker.example.com/',
        username: canary(),
        password: canary(),
      });
      await create({ kind: 'pip', name: 'three', url: `https://${encodeURIComponent(canary())}@marker.example.com/` });
      await create({
        kind: 'conda',
        name: 'four',
        url: `https://conda.example.com/t/${encodeURIComponent(canary())}/team`,
      });
      await create({ kind: 'proxy', name: 'five', url: url(canary()) });
      await root.call(sources.editPackageSource, { params: { name: 'one' }, body: { url: url(canary()) } });
      await root.call(sources.listPackageSources, { query: {} });
      expect(await attempt(create({ kind: 'pip', name: 'one', url: url(canary()) }))).toBe('conflict');
      const wrong = [
        { kind: 'pip', name: 'six', url: `https://marker.example.com/?token=${encodeURIComponent(canary())}` },
        { kind: 'pip', name: 'six', url: `me:${canary()}@marker.example.com` },
        { kind: 'pip', name: 'six', url: `https://me:%zz${canary()}@marker.example.com` },
        { kind: 'pip', name: 'six', url: 'https://marker.example.com/', password: canary() },
        { kind: 'ca-bundle', name: 'six', options: { certificates: testPrivateKey } },
        { kind: 'apt', name: 'six', url: url(canary()), options: { isDefault: true } },
      ];
      planted.push(testPrivateKey.split('\n')[1]!);
      for (const body of wrong) expect(await attempt(create(body))).toBe('request-invalid');
    }

    async function plantRegistry() {
      await using server = await serveScript(({ headers: { authorization = '' } }, response) => {
        const clear = Buffer.from(authorization.slice(6), 'base64').toString();
        const message = `${authorization} ${clear} ${encodeURIComponent(clear)}`;
        const challenge = { 'www-authenticate': 'Basic realm="x"' };
        answer(
          response,
          authorization === '' ? 401 : 403,
          challenge,
          JSON.stringify({ errors: [{ code: 'DENIED', message }] }),
        );
      });
      const settings = { endpoint: server.host, username: 'me', password: canary() };
      await root.call(registry.testRegistry, { body: { settings } });
      await root.call(registry.setRegistry, { body: settings });
      await root.call(registry.testRegistry, { body: {} });
      await root.call(registry.getRegistry, {});
      const stale = root.call(registry.setRegistry, { body: { ...settings, password: canary(), version: 7 } });
      expect(await attempt(stale)).toBe('conflict');
      const wrong = [
        { endpoint: `https://me:${canary()}@marker.example.com` },
        { endpoint: 'marker.example.com', pushRepo: `me:${canary()}@marker.example.com/team` },
        { endpoint: 'marker.example.com', password: canary() },
        { endpoint: 'marker.example.com', username: 'me', password: 5, passwort: canary() },
      ];
      for (const body of wrong) {
        expect(await attempt(root.call(registry.setRegistry, { body: body as never }))).toBe('request-invalid');
        const tried = root.call(registry.testRegistry, { body: { settings: body as never } });
        expect(await attempt(tried)).toBe('request-invalid');
      }
    }
  });
});
