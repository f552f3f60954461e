import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiClient, createApiClient } from '../src/api/create-client.ts';
import { createHttpClient } from '../src/http/create-http-client.ts';
import { createRegistryClient } from '../src/registry/client/registry-client.ts';
import { type RunningService, type ServiceOptions, startService } from '../src/server/start-service.ts';
import { importBase } from './import-base.ts';
import { startPackageIndex } from './package-index.ts';
import { startPostgres } from './postgres.ts';

/** A whole service with a base in its registry and a package index of these wheels; on PostgreSQL with `DB=postgres`. */
export interface ServiceBed extends AsyncDisposable {
  readonly service: RunningService;
  readonly client: ApiClient;
  readonly token: string;
  readonly directory: string;
  /** `127.0.0.1:40001/base:1` */
  readonly base: string;
  /** Ends the process's part of it and starts anew on the same state. */
  restart(): Promise<void>;
}

export const adminToken = 'iw_test-administrator-token';

export async function startServiceBed(
  wheels: Parameters<typeof startPackageIndex>[0],
  options: Partial<ServiceOptions> = {},
): Promise<ServiceBed> {
  const directory = await mkdtemp(join(tmpdir(), 'service-'));
  const postgres = process.env.DB === 'postgres' ? await startPostgres() : undefined;
  const databaseUrl = await postgres?.createDatabase('imagewright');
  const index = await startPackageIndex(wheels);
  const env = { PATH: process.env.PATH, HOME: directory, UV_INDEX_URL: index.url };
  const log = (line: string) => void process.stderr.write(`service: ${line}\n`);
  const start = (port: number) =>
    startService({
      dataDir: join(directory, 'data'),
      log,
      adminToken,
      env,
      databaseUrl,
      ...options,
      listen: { host: options.listen?.host ?? '127.0.0.1', port },
    });
  let service = await start(0);
  // One that listens everywhere answers here as well.
  const base = `127.0.0.1:${new URL(service.url).port}/base:1`;
  const credential = { kind: 'password', username: 'admin', password: adminToken } as const;
  const registry = createRegistryClient({ http: createHttpClient(), credentials: { lookup: async () => credential } });
  await importBase(base, { directory, client: registry });
  return {
    get service() {
      return service;
    },
    client: createApiClient({ url: service.url, token: adminToken }),
    token: adminToken,
    directory,
    base,
    async restart() {
      const { port } = new URL(service.url);
      await service.close();
      service = await start(Number(port));
    },
    async [Symbol.asyncDispose]() {
      await service.close();
      await index.close();
      await postgres?.[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
