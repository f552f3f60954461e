import type { BlobLocations } from '../build/blob-locations.ts';
import type { BuildTools } from '../build/build-image.ts';
import { createPipSupport } from '../ecosystems/pip/pip-support.ts';
import type { EgressGuard } from '../http/egress-guard.ts';
import type { HttpClient } from '../http/http-client.ts';
import type { WaysOut } from '../http/ways-out.ts';
import type { LayerAssembler } from '../layers/layer-assembler.ts';
import type { LockCache } from '../lock/lock-cache.ts';
import { parseReference } from '../oci/reference.ts';
import type { Credential } from '../registry/client/credentials.ts';
import { createRegistryClient } from '../registry/client/registry-client.ts';
import type { BuildSettings, PushSettings } from './build-settings.ts';

/** What all jobs of a process share: connections, threads, caches. */
export interface SharedTools {
  readonly waysOut: WaysOut;
  /** Judges what they lead to. */
  readonly egress: EgressGuard;
  readonly assembler: LayerAssembler;
  readonly lockCache: LockCache;
  readonly locations: BlobLocations;
  readonly cacheDir: string;
}

export interface JobToolsOptions {
  readonly base: string;
  readonly pullSecret: string | null;
  /** The group that owns the image. */
  readonly ownerGroup: string | null;
  /** Absent when nothing will be pushed. */
  readonly push?: PushSettings;
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
  const { http, unverifiedHttp, programEnv } = await shared.waysOut.for(await settings.network());
  const { assembler, lockCache, locations, cacheDir } = shared;
  const pip = createPipSupport({ cacheDir, env: programEnv, http, indexes: await settings.pipIndexes() });
  return {
    client: createRegistryClient({
      http: push?.insecureSkipVerify ? onlyFor(pushRegistry!, unverifiedHttp, http) : http,
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
