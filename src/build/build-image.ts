import type { EcosystemSupport } from '../ecosystems/ecosystem.ts';
import { composeImage } from '../image/compose-image.ts';
import type { LayerAssembler } from '../layers/layer-assembler.ts';
import type { Lock } from '../lock/lock.ts';
import type { LockCache } from '../lock/lock-cache.ts';
import { prefixVariables } from '../lock/prefix-variables.ts';
import type { Digest } from '../oci/digest.ts';
import type { LayerCompression } from '../oci/media-types.ts';
import type { Platform } from '../oci/platform.ts';
import type { Reference } from '../oci/reference.ts';
import { planLayers } from '../plan/plan-layers.ts';
import type { RegistryClient } from '../registry/client/registry-client.ts';
import type { ImageSpec } from '../spec/image-spec.ts';
import type { ThreadPool } from '../threads/thread-pool.ts';
import type { BlobLocations } from './blob-locations.ts';
import type { BuildEvent } from './build-event.ts';
import { findBuiltImage } from './find-built-image.ts';
import { findLock } from './find-lock.ts';
import { describeBuild } from './image-description.ts';
import type { ImageTarget } from './image-target.ts';
import { layDownLayers } from './lay-down-layers.ts';
import { openBase } from './open-base.ts';
import { pushBaseLayers, pushComposedImage } from './push-image.ts';
import { createTally, type Totals } from './tally.ts';

/** What to build. */
export interface BuildRequest {
  readonly spec: ImageSpec;
  readonly target: ImageTarget;
  readonly platform: Platform;
  readonly compression: LayerCompression;
  /** Build exactly this instead of asking what the spec means today. */
  readonly fromLock?: Lock;
  /** How old a remembered answer to "what does this spec mean" may be; 0 asks anew. */
  readonly lockMaxAgeMs: number;
  /** Make every layer again, and the image even if the registry has it. */
  readonly noCache: boolean;
  readonly signal: AbortSignal;
  readonly onEvent: (event: BuildEvent) => void;
}

/** What a build works with. */
export interface BuildTools {
  readonly client: RegistryClient;
  readonly ecosystems: readonly EcosystemSupport[];
  readonly assembler: LayerAssembler;
  readonly threads: ThreadPool;
  readonly lockCache: LockCache;
  readonly locations: BlobLocations;
  readonly cacheDir: string;
}

export interface BuildResult extends Totals {
  readonly reference: Reference;
  readonly digest: Digest;
  readonly revision: string;
  readonly lockDigest: Digest;
  readonly lock: Lock;
  /** The registry had the image of this lock already. */
  readonly upToDate: boolean;
}

/**
 * Builds an image: spec → lock → layers → image. Nothing stands in the registry under the tag before all of it is there. Throws
 * `spec-invalid` or `packages-unresolvable` with all problems, and whatever a registry, an index or a package does wrong.
 */
export async function buildImage(request: BuildRequest, tools: BuildTools): Promise<BuildResult> {
  const { target, signal, onEvent } = request;
  const tally = createTally(onEvent);

  const base = await tally.time('base', () => openBase(request, tools));
  tally.baseLayers = base.image.manifest.layers.length;
  const { lock, lockDigest, revision } = await tally.time('lock', () => findLock(request, tools, base));
  const reference: Reference = { repository: target.repository, tag: target.tagOf(revision) };
  const result = { reference, revision, lockDigest, lock };

  const description = describeBuild(request, { lock, lockDigest, revision });
  const built = await findBuiltImage(tools.client, { reference, target, description, signal });
  if (built !== undefined && !request.noCache) return { ...result, digest: built, upToDate: true, ...tally.totals() };

  const layers = await tally.time('assemble', async () => {
    const rootfs = await base.rootfs();
    const removals = tools.ecosystems.flatMap((each) =>
      'removals' in each ? each.removals(lock, { rootfs, config: base.image.config }) : [],
    );
    const plans = planLayers({ packages: lock.packages, removals, baseLayers: tally.baseLayers });
    return layDownLayers(plans, {
      ...request,
      lock,
      base: base.image,
      rootfs,
      repository: reference.repository,
      tools,
      tally,
    });
  });

  const digest = await tally.time('push', async () => {
    await pushBaseLayers(base.image, { repository: reference.repository, tools, tally, signal });
    const variables = lock.conda === undefined ? [] : prefixVariables(lock.conda, base.image.config);
    const image = composeImage({ base: base.image, layers, lockedBase: lock.base, variables, ...description });
    await pushComposedImage(image, { reference, tools, tally, signal });
    await tools.locations.save();
    return image.digest;
  });
  return { ...result, digest, upToDate: false, ...tally.totals() };
}
