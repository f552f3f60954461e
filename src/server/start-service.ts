import { join, resolve } from 'node:path';
import { openBlobLocations } from '../build/blob-locations.ts';
import { layerModules } from '../ecosystems/open-ecosystems.ts';
import { indexesFrom, indexHosts } from '../ecosystems/pip/uv-settings.ts';
import { isBuilderError } from '../errors.ts';
import { type AllowedHosts, createEgressGuard } from '../http/egress-guard.ts';
import { startGuardedProxy } from '../http/guarded-proxy.ts';
import { isLoopbackHost } from '../http/loopback.ts';
import { createWaysOut } from '../http/ways-out.ts';
import { createLayerAssembler } from '../layers/create-layer-assembler.ts';
import { createLockCache } from '../lock/lock-cache.ts';
import { startWorker } from '../queue/start-worker.ts';
import { createInProcessRunner } from '../runners/in-process.ts';
import type { SharedTools } from '../runners/open-job-tools.ts';
import { createPackageCatalogues } from '../runners/package-catalogues.ts';
import type { OwnRegistry } from '../runners/registry-grant.ts';
import { createBuildahSandbox } from '../sandbox/create-buildah-sandbox.ts';
import { openJobChanges } from '../store/job-changes.ts';
import type { PlatformLimits } from '../store/job-holds.ts';
import { openDiskLogStore } from '../store/logs/disk-log-store.ts';
import { openDatabase } from '../store/open-database.ts';
import { createSignInLink } from '../store/people/sign-in-links.ts';
import { ensureAdministrator } from '../store/people/users.ts';
import { createDatabaseRegistryIndex } from '../store/registry/database-registry-index.ts';
import { openSecretBox } from '../store/secrets/open-secret-box.ts';
import { resealAll } from '../store/secrets/reseal-all.ts';
import { createThreadPool } from '../threads/thread-pool.ts';
import { openAdminToken } from './admin-token.ts';
import { storedBuildSettings } from './build-settings.ts';
import { type ApiContext, createApiApp } from './create-api-app.ts';
import { openJobFeed } from './job-feed.ts';
import { openRegistry } from './open-registry.ts';
import { openPageFiles } from './page-files.ts';
import { pageRoutes } from './page-routes.ts';
import { createThrottle } from './people/throttle.ts';
import { jobAccess, registryAccess } from './registry-access.ts';
import { startHousekeeping } from './start-housekeeping.ts';
import { type RunningServer, type ServerOptions, startServer } from './start-server.ts';

export interface ServiceOptions extends Pick<ServerOptions, 'listen' | 'dataDir' | 'log'> {
  /** PostgreSQL in place of the embedded one. */
  readonly databaseUrl?: string | undefined;
  /** A fixed token of the built-in administrator; one is made and kept when absent. */
  readonly adminToken?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where people reach us, `https://images.example.com`; the address that is served unless told. */
  readonly publicUrl?: string | undefined;
  readonly isBehindProxy?: boolean;
  readonly oidc?: ApiContext['oidc'];
  /** What builds may use, see `usualLimits`. */
  readonly limits?: Partial<PlatformLimits>;
  /** Hosts and networks that are no part of the public internet and may be reached nevertheless. */
  readonly allowedHosts?: AllowedHosts;
  /** What cached packages and layers that were not used for long may take on the disk, 50 GiB unless told. */
  readonly maxCacheBytes?: number;
  /** How long jobs and logs of deleted images are kept, 90 days unless told. */
  readonly keepDeletedMs?: number;
  /** Who may use the registry: everybody who reaches it, or who has a token. Everybody on loopback unless told, else tokens. */
  readonly registryAccess?: 'open' | 'tokens' | undefined;
  /** What the blobs of one repository may come to; any size unless told. */
  readonly maxRepositoryBytes?: number | undefined;
}

/** Where `npm run build:web` puts the page. */
const pageDirectory = resolve(import.meta.dirname, '../../dist/web');

export interface RunningService extends RunningServer {
  readonly adminToken: string;
  /** Signs the built-in administrator in, once; absent when that person has been here. */
  readonly signInLink?: string;
}

export const usualLimits: PlatformLimits = {
  maxRunningJobs: 4,
  maxRunningJobsPerGroup: 2,
  timeoutMinutes: 60,
  memoryMiB: 4096,
  diskMiB: 20_480,
};

const usualCacheBytes = 50 * 1024 ** 3;
const usualKeepDeletedMs = 90 * 24 * 60 * 60_000;

/** Starts the whole product: registry, API and the worker that builds. Throws `command-invalid`, `database-unavailable`. */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const { dataDir, log, databaseUrl, env, listen } = options;
  await using opened = new AsyncDisposableStack();
  const database = opened.use(await openDatabase({ databaseUrl, dataDir }));
  const box = await openSecretBox({ dataDir, env });
  const { unreadable } = await resealAll(database, box);
  if (unreadable.length > 0) log(`secrets that no key opens: ${unreadable.join(', ')}`);
  const admin = await ensureAdministrator(database);
  const logs = await openDiskLogStore(join(dataDir, 'logs'));
  const jobChanges = opened.use(await openJobChanges(database));
  const sharedTools = opened.use(await openSharedTools(options));
  const adminToken = options.adminToken ?? (await openAdminToken(dataDir));
  const limits = { ...usualLimits, ...options.limits };
  const { registryAccess: access = isLoopbackHost(listen.host) ? 'open' : 'tokens' } = options;
  const closing = new AbortController();
  const bugLogger = (where: string) => (error: unknown) =>
    log(`${where}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  const feed = opened.use(openJobFeed({ database, jobChanges, onBug: bugLogger('job feed') }));

  let host = '';
  const tools: SharedTools = {
    ...sharedTools,
    get ownRegistry() {
      return { hosts: namesOf(host, publicUrl()), clientFor };
    },
  };
  const clientFor: OwnRegistry['clientFor'] = (grant) =>
    registry.clientFor(access === 'open' ? undefined : jobAccess(database, grant));
  const publicUrl = () => options.publicUrl ?? `http://${host}`;
  // Registries stand at the root of their host: below a path, others do not reach ours by that name.
  const embeddedUrl = () => (new URL(publicUrl()).pathname === '/' ? publicUrl() : `http://${host}`);
  // What the operator's environment names is trusted like what administrators configure.
  const ownHosts = () => [host, ...indexHosts(indexesFrom(env))];
  const settings = storedBuildSettings({ database, box, embeddedUrl, ownHosts });
  const logFailure = (where: string) => {
    const onBug = bugLogger(where);
    return (error: unknown) => (isBuilderError(error) ? log(`${where}: ${error.message}`) : onBug(error));
  };
  const catalogues = opened.use(
    createPackageCatalogues(tools, settings, { onFailure: logFailure('names of packages') }),
  );
  const triedOut = createWaysOut({ env, egress: administratorsEgress, cacheDir: tools.cacheDir });
  const throttle = createThrottle();
  const authorize =
    access === 'open'
      ? undefined
      : registryAccess({ database, adminToken, throttle, isBehindProxy: options.isBehindProxy });
  const registry = await openRegistry({
    ...{ dataDir, log, authorize, maxRepositoryBytes: options.maxRepositoryBytes },
    index: createDatabaseRegistryIndex(database),
  });
  const app = createApiApp({
    ...{ database, registry, logs, jobChanges, tools, settings, limits, log },
    ...{ feed, catalogues, closing: closing.signal },
    ...{ box, embeddedUrl, publicUrl, adminToken, isBehindProxy: options.isBehindProxy ?? false },
    oidc: options.oidc,
    registryHttp: async ({ insecureSkipVerify }) => {
      const way = await triedOut.for(await settings.network());
      return insecureSkipVerify ? way.unverifiedHttp : way.http;
    },
  });
  const page = await openPageFiles(pageDirectory);
  if (page === undefined)
    log('The page is not built, only the API is served: run "npm run build:web" and start again.');
  app.route('/', pageRoutes(page));
  const server = await startServer({ listen, dataDir, log, registry, app: app as never });
  host = new URL(server.url).host;
  opened.defer(() => server.close());
  opened.use(
    await startWorker({
      ...{ database, logs, limits },
      runner: createInProcessRunner(tools, settings),
      onBug: bugLogger('worker'),
      isOnlyWorker: databaseUrl === undefined,
    }),
  );
  const { maxCacheBytes = usualCacheBytes, keepDeletedMs = usualKeepDeletedMs } = options;
  const { cacheDir } = tools;
  opened.use(startHousekeeping({ database, logs, registry, cacheDir, maxCacheBytes, keepDeletedMs, log, bugLogger }));
  const signInLink =
    admin.lastSeenAt === null
      ? await createSignInLink(database, { userName: admin.name, publicUrl: publicUrl() })
      : undefined;
  const running = opened.move();
  let closed: Promise<void> | undefined;
  return {
    url: server.url,
    adminToken,
    ...(signInLink !== undefined && { signInLink }),
    close() {
      closing.abort();
      closed ??= running.disposeAsync();
      return closed;
    },
  };
}

/** What the registry of this process is called: on its own machine, and by others. */
function namesOf(host: string, publicUrl: string): readonly string[] {
  const { port } = new URL(`http://${host}`);
  return [host, `127.0.0.1:${port}`, `localhost:${port}`, new URL(publicUrl).host];
}

/** An administrator may try a registry at any address before it is saved, and by that trusted. */
const administratorsEgress = createEgressGuard({ isOnlyOurs: true });

/** More than most machines have processors for, so that a few hard questions do not keep the easy ones waiting. */
const solversAtOnce = 4;

async function openSharedTools({
  dataDir,
  env,
  listen,
  allowedHosts,
}: ServiceOptions): Promise<Omit<SharedTools, 'ownRegistry'> & AsyncDisposable> {
  const cacheDir = join(dataDir, 'cache');
  const isOnlyOurs = isLoopbackHost(listen.host);
  const egress = createEgressGuard({ isOnlyOurs, ...(allowedHosts && { allowed: allowedHosts }) });
  const proxy = await startGuardedProxy(egress.isAllowedAddress);
  const threads = createThreadPool();
  const solverThreads = createThreadPool(solversAtOnce);
  const assembler = createLayerAssembler({ cacheDir, threads, modules: Object.values(layerModules) });
  return {
    waysOut: createWaysOut({ env, egress, guardedProxy: proxy.url, cacheDir }),
    egress,
    threads,
    solverThreads,
    assembler,
    sandbox: createBuildahSandbox({ cacheDir }),
    lockCache: createLockCache(cacheDir),
    locations: await openBlobLocations(cacheDir),
    cacheDir,
    async [Symbol.asyncDispose]() {
      await threads[Symbol.asyncDispose]();
      await solverThreads[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
    },
  };
}
