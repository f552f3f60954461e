import type { BlobLocations } from '../build/blob-locations.ts';
import type { BuildTools } from '../build/build-image.ts';
import { createPipSupport } from '../ecosystems/pip/pip-support.ts';
import { createHttpClient } from '../http/create-http-client.ts';
import type { EgressGuard } from '../http/egress-guard.ts';
import type { HttpClient } from '../http/http-client.ts';
import type { LayerAssembler } from '../layers/layer-assembler.ts';
import type { LockCache } from '../lock/lock-cache.ts';
import { parseReference } from '../oci/reference.ts';
import type { Credential } from '../registry/client/credentials.ts';
import { createRegistryClient } from '../registry/client/registry-client.ts';
import type { BuildSettings, PushSettings } from './build-settings.ts';

/** What all jobs of a process share: connections, threads, caches. */
export interface SharedTools {
  readonly http: HttpClient;
  /** Judges what `http` and the programs connect to. */
  readonly egress: EgressGuard;
  readonly assembler: LayerAssembler;
  readonly lockCache: LockCache;
  readonly locations: BlobLocations;
  readonly cacheDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The environment of programs that make connections of their own: their proxy is one that `egress` guards. */
  readonly programEnv: Readonly<Record<string, string | undefined>>;
}

export interface JobToolsOptions {
  readonly base: string;
  readonly pullSecret: string | null;
  /** The group that owns the image. */
  readonly ownerGroup: string | null;
  /** Absent when nothing will be pushed. */
  readonly push?: PushSettings;
}

/** A way out that takes any certificate. */
function unverifiedHttp({ env, egress }: Pick<SharedTools, 'env' | 'egress'>): HttpClient {
  return createHttpClient({ env, skipVerify: true, isAllowedAddress: egress.isAllowedAddress });
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
  { base, pullSecret, ownerGroup, push }: JobToolsOptions,
  shared: SharedTools,
  settings: BuildSettings,
): Promise<BuildTools & Disposable> {
  const baseRegistry = parseReference(base).repository.registry;
  const pushRegistry =
    push && parseReference(push.target.endsWith('/') ? `${push.target}x` : push.target).repository.registry;
  const credentials = new Map<string, Credential>();
  if (push?.credential !== undefined) credentials.set(pushRegistry!, push.credential);
  if (pullSecret !== null) {
    credentials.set(
      baseRegistry,
      await settings.pullCredential({ name: pullSecret, registry: baseRegistry, ownerGroup }),
    );
  }
  shared.egress.trust(await settings.trustedHosts());
  const indexes = await settings.pipIndexes();
  const pip = createPipSupport({ cacheDir: shared.cacheDir, env: shared.programEnv, http: shared.http, indexes });
  const { assembler, lockCache, locations, cacheDir } = shared;
  return {
    client: createRegistryClient({
      http: push?.insecureSkipVerify ? onlyFor(pushRegistry!, unverifiedHttp(shared), shared.http) : shared.http,
      credentials: { lookup: async ({ registry }) => credentials.get(registry) },
      insecureRegistries: push?.plainHttp ? [pushRegistry!] : [],
    }),
    ecosystems: [pip],
    assembler,
    lockCache,
    locations,
    cacheDir,
    [Symbol.dispose]: () => pip[Symbol.dispose](),
  };
}
