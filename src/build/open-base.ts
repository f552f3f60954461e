import type { Lock } from '../lock/lock.ts';
import { parsePlatform } from '../oci/platform.ts';
import { parseReference } from '../oci/reference.ts';
import type { RegistryClient } from '../registry/client/registry-client.ts';
import { resolveImage } from '../registry/client/resolve-image.ts';
import type { ResolvedImage } from '../registry/client/resolved-image.ts';
import { type FirstSight, type IndexProgress, openRootfs } from '../rootfs/open-rootfs.ts';
import type { Rootfs } from '../rootfs/rootfs.ts';
import type { ImageSpec } from '../spec/image-spec.ts';
import type { BuildRequest, BuildTools } from './build-image.ts';

/** The base image, and its content once somebody asks: a build whose answer is remembered never does. */
export interface OpenedBase {
  readonly image: ResolvedImage;
  rootfs(onFirstSight?: FirstSight): Promise<Rootfs>;
}

/** Finds the base that the spec, or the lock given in its place, is for. */
export async function openBase(
  request: Pick<BuildRequest, 'fromLock' | 'platform' | 'signal' | 'onEvent'> & {
    readonly spec: Pick<ImageSpec, 'base'>;
  },
  { client, threads, cacheDir }: Pick<BuildTools, 'client' | 'threads' | 'cacheDir'>,
): Promise<OpenedBase> {
  const { spec, fromLock, platform, signal, onEvent } = request;
  const image = fromLock
    ? await resolveLockedBase(client, fromLock, signal)
    : await resolveImage(client, parseReference(spec.base), platform, { signal });
  onEvent({ type: 'base', base: image });

  let rootfs: Promise<Rootfs> | undefined;
  const onProgress = (progress: IndexProgress) => onEvent({ type: 'index', ...progress });
  const open = (onFirstSight?: FirstSight) =>
    openRootfs(image, { client, threads, cacheDir, signal, onProgress, onFirstSight });
  return { image, rootfs: (onFirstSight) => (rootfs ??= open(onFirstSight)) };
}

/** The base by its digest, called by the name it was asked for by. */
async function resolveLockedBase(client: RegistryClient, lock: Lock, signal: AbortSignal): Promise<ResolvedImage> {
  const reference = parseReference(lock.base.reference);
  const pinned = { repository: reference.repository, digest: lock.base.digest };
  const image = await resolveImage(client, pinned, parsePlatform(lock.base.platform), { signal });
  return { ...image, reference };
}
