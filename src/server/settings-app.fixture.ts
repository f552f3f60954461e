import { generateKeyPairSync } from 'node:crypto';
import { Hono } from 'hono';
import { freshDatabase } from '../../test/fresh-database.ts';
import { type ApiClient, createApiClient } from '../api/create-client.ts';
import { createHttpClient } from '../http/create-http-client.ts';
import type { Database } from '../store/database.ts';
import { createSecretBox, type SecretBox } from '../store/secrets/secret-box.ts';
import type { Actor } from './actor.ts';
import { answerError } from './answer-error.ts';
import { baseImageRoutes } from './base-image-routes.ts';
import { packageSourceRoutes } from './package-source-routes.ts';
import { pullSecretRoutes } from './pull-secret-routes.ts';
import { registrySettingsRoutes } from './registry-settings-routes.ts';
import type { ApiEnv } from './serve-endpoint.ts';

/** The endpoints of secrets and settings over a database with the groups `vision`, `speech` and `other`, asked as whomever a test wants. */
export interface SettingsApp extends AsyncDisposable {
  readonly database: Database;
  readonly box: SecretBox;
  /** Lines of the server's log, and every answer as it was sent. */
  readonly told: string[];
  as(actor: Actor): ApiClient;
}

export const administrator: Actor = { name: 'root', isAdmin: true, groups: {} };
export const visionAdministrator: Actor = {
  name: 'vera',
  isAdmin: false,
  groups: { vision: 'admin', speech: 'member' },
};
export const visionMember: Actor = { name: 'max', isAdmin: false, groups: { vision: 'member' } };

export async function openSettingsApp(): Promise<SettingsApp> {
  const database = await freshDatabase();
  await database.query("insert into groups (name) values ('vision'), ('speech'), ('other')");
  const box = createSecretBox([Buffer.alloc(32, 1)]);
  const told: string[] = [];
  const http = createHttpClient({ sleep: async () => {} });
  const opened: SettingsApp = {
    ...{ database, box, told },
    as(actor) {
      const api = new Hono<ApiEnv>();
      api.use(async (c, next) => {
        c.set('actor', actor);
        await next();
      });
      pullSecretRoutes(api, { database, box });
      packageSourceRoutes(api, { database, box });
      baseImageRoutes(api, { database });
      const embeddedUrl = () => 'http://127.0.0.1:8080';
      registrySettingsRoutes(api, { database, box, embeddedUrl, registryHttp: async () => http });
      api.onError((error, c) => answerError(error, c, (line) => told.push(line)));
      const app = new Hono().route('/api/v1', api);
      const send = async (...[url, init]: Parameters<typeof fetch>) => {
        const response = await app.request(url as string, init);
        told.push(await response.clone().text());
        return response;
      };
      return createApiClient({ url: 'http://imagewright.test', fetch: send });
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
  return opened;
}

/** Of an authority of our own, good for a hundred years. */
export const testCertificate = `-----BEGIN CERTIFICATE-----
MIIBiDCCAS+gAwIBAgIUPtzUyZhB84q0owqDTZ/tj/9kjhUwCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwOVGVzdCBhdXRob3JpdHkwIBcNMjYxMTI1MDQ0MzE0WhgPMjEy
NjExMDEwNDQzMTRaMBkxFzAVBgNVBAMMDlRlc3QgYXV0aG9yaXR5MFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAEiVXjJtNCJedq3trlyX7ca+2g4vHnzLmB52C+yrjG
8mMdH3csWOjQIpdZwvGyuqZxj2KZGRTG/6xcL66dhUv/YKNTMFEwHQYDVR0OBBYE
FPmIob9zDIXcBqQK0mL2KbDZXlOnMB8GA1UdIwQYMBaAFPmIob9zDIXcBqQK0mL2
KbDZXlOnMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgcYKfTsyU
W1z+QByodop5/ewyhi2mc8z8vJOj5gewsiECIEcozdILrF7vzcjoGpRXImuJ77yu
GFnvpzjWFW0ja6vY
-----END CERTIFICATE-----
`;

export const testPrivateKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
  type: 'pkcs8',
  format: 'pem',
}) as string;
