import type { BlobLocations } from '../build/blob-locations.ts';
import type { BuildTools } from '../build/build-image.ts';
import { openEcosystems, type PackageTools } from '../ecosystems/open-ecosystems.ts';
import type { EgressGuard } from '../http/egress-guard.ts';
import type { HttpClient } from '../http/http-client.ts';
import type { WayOut, WaysOut } from '../http/ways-out.ts';
import type { LayerAssembler } from '../layers/layer-assembler.ts';
import type { LockCache } from '../lock/lock-cache.ts';
import { parseReference, type Repository } from '../oci/reference.ts';
import type { Credential } from '../registry/client/credentials.ts';
import { createEcrRepository, mintEcrPassword, needsEcrToken } from '../registry/client/ecr.ts';
import { createRegistryClient, type RegistryClient } from '../registry/client/registry-client.ts';
import { createRoutedClient } from '../registry/client/routed-client.ts';
import { type RoomLimits, type Sandbox, usualLimits } from '../sandbox/sandbox.ts';
import type { Ecosystem } from '../spec/image-spec.ts';
import type { JobLimits } from '../store/jobs.ts';
import type { ThreadPool } from '../threads/thread-pool.ts';
import type { BuildSettings, PushSettings } from './build-settings.ts';
import type { OwnRegistry, RegistryGrant } from './registry-grant.ts';

/** What all jobs of a process share: connections, threads, caches. */
export interface SharedTools {
  readonly waysOut: WaysOut;
  /** Judges what they lead to. */
  readonly egress: EgressGuard;
  readonly threads: ThreadPool;
  /** See `SolverOptions`. */
  readonly solverThreads: ThreadPool;
  readonly assembler: LayerAssembler;
  readonly sandbox: Sandbox;
  readonly lockCache: LockCache;
  readonly locations: BlobLocations;
  readonly cacheDir: string;
  readonly ownRegistry: OwnRegistry;
}

/** What may be had of registries. */
export interface RegistryAccess {
  readonly base: string;
  readonly pullSecret: string | null;
  /** The group that owns the image. */
  readonly ownerGroup: string | null;
  /** What it may do in the registry of this service. */
  readonly grant: RegistryGrant;
  /** Absent when nothing will be pushed. */
  readonly push?: PushSettings & { readonly repository: Repository };
  readonly signal?: AbortSignal;
}

export interface JobToolsOptions extends RegistryAccess {
  /** What is to be solved or built; none unless told. */
  readonly wanted?: ReadonlySet<Ecosystem>;
  /** Of what runs in the sandbox; the usual ones unless told. */
  readonly limits?: Pick<JobLimits, 'memoryMiB' | 'diskMiB' | 'timeoutMinutes'>;
}

/** One client for a host, another for all else. */
function onlyFor(host: string, special: HttpClient, usual: HttpClient): HttpClient {
  return {
    prepare: () => usual.prepare?.(),
    request: (request) => (new URL(request.url).host === host ? special : usual).request(request),
  };
}

/** The tools for one job: the shared ones, and a registry client with the credentials that this job may use. */
export async function openJobTools(
  { wanted = new Set(), limits, ...access }: JobToolsOptions,
  shared: SharedTools,
  settings: BuildSettings,
): Promise<BuildTools & Disposable> {
  const { threads, assembler, lockCache, locations, cacheDir } = shared;
  const [client, tools] = await Promise.all([
    openRegistryClient(access, shared, settings),
    openPackageTools(shared, settings, limits),
  ]);
  const support = await openEcosystems(wanted, { ...tools, client, assembler });
  return { ...support, client, threads, assembler, lockCache, locations, cacheDir };
}

/** Where packages are to be had, as an administrator has set it. */
export async function openPackageTools(
  shared: SharedTools,
  settings: BuildSettings,
  limits?: JobToolsOptions['limits'],
): Promise<PackageTools> {
  const [{ http, programEnv }, aptSources, channels, indexes] = await Promise.all([
    wayOut(shared, settings),
    settings.aptSources(),
    settings.condaChannels(),
    settings.pipIndexes(),
  ]);
  const { cacheDir, sandbox, solverThreads } = shared;
  return {
    cacheDir,
    env: programEnv,
    http,
    solverThreads,
    sandbox,
    limits: limitsOf(limits),
    aptSources,
    channels,
    indexes,
  };
}

async function wayOut({ egress, waysOut }: SharedTools, settings: BuildSettings): Promise<WayOut> {
  const [hosts, network] = await Promise.all([settings.trustedHosts(), settings.network()]);
  egress.trust(hosts);
  return waysOut.for(network);
}

/** A registry client with these credentials, and no others. Throws what asking for them throws. */
export async function openRegistryClient(
  { base, pullSecret, ownerGroup, grant, push, signal }: RegistryAccess,
  shared: SharedTools,
  settings: BuildSettings,
): Promise<RegistryClient> {
  const baseRegistry = parseReference(base).repository.registry;
  const credentials = new Map<string, Credential>();
  const { http, unverifiedHttp } = await wayOut(shared, settings);
  const pushRegistry = push?.repository.registry;
  if (push?.credential !== undefined) {
    credentials.set(push.repository.registry, await openForPush(push.repository, push.credential, { http, signal }));
  }
  if (pullSecret !== null) {
    const credential = await settings.pullCredential({ name: pullSecret, registry: baseRegistry, ownerGroup });
    credentials.set(baseRegistry, await opened(baseRegistry, credential, { http, signal }));
  }
  const own = shared.ownRegistry.clientFor(grant);
  const remote = createRegistryClient({
    http: push?.insecureSkipVerify ? onlyFor(pushRegistry!, unverifiedHttp, http) : http,
    credentials: { lookup: async ({ registry }) => credentials.get(registry) },
    insecureRegistries: push?.plainHttp ? [pushRegistry!] : [],
  });
  // Who is given credentials for our own registry goes by those.
  const isOwn = (registry: string) => shared.ownRegistry.hosts.includes(registry) && !credentials.has(registry);
  return createRoutedClient((registry) => (isOwn(registry) ? own : remote));
}

const mebibyte = 1024 * 1024;

function limitsOf(limits: JobToolsOptions['limits']): RoomLimits {
  if (limits === undefined) return usualLimits;
  const { memoryMiB, diskMiB, timeoutMinutes } = limits;
  return {
    ...usualLimits,
    memoryBytes: memoryMiB * mebibyte,
    diskBytes: diskMiB * mebibyte,
    timeoutMs: timeoutMinutes * 60_000,
  };
}

interface Asking {
  readonly http: HttpClient;
  readonly signal: AbortSignal | undefined;
}

/** What the registry takes for the repository, which is made where the registry does not do so by itself. */
async function openForPush(repository: Repository, credential: Credential, asking: Asking): Promise<Credential> {
  const { registry } = repository;
  if (needsEcrToken(registry, credential)) await createEcrRepository(repository, { ...asking, key: credential });
  return opened(registry, credential, asking);
}

async function opened(registry: string, credential: Credential, asking: Asking): Promise<Credential> {
  return needsEcrToken(registry, credential) ? mintEcrPassword({ ...asking, registry, key: credential }) : credential;
}
