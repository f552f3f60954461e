import type { ComposeRequest } from '../image/compose-image.ts';
import type { Lock } from '../lock/lock.ts';
import { canonicalLock } from '../lock/lock-digest.ts';
import type { BuildRequest } from './build-image.ts';
import type { NamedLock } from './find-lock.ts';

/** Names of the annotations by which an image tells, without its configuration being read, what it was built from. */
export const annotationNames = {
  lockDigest: 'dev.imagewright.lock-digest',
  compression: 'dev.imagewright.compression',
} as const;

/** The label that `docker inspect` shows. */
export const revisionLabel = 'dev.imagewright.revision';

/** The part of an image that is text: what people and tools read about where it comes from. */
export type ImageDescription = Pick<ComposeRequest, 'annotations' | 'labels' | 'provenance'>;

/** Describes an image by its lock alone: what the spec is called does not matter, so the same lock gives the same digest. */
export function describeBuild(
  { compression }: Pick<BuildRequest, 'compression'>,
  { lock, lockDigest, revision }: NamedLock,
): ImageDescription {
  return {
    annotations: { [annotationNames.lockDigest]: lockDigest, [annotationNames.compression]: compression },
    labels: { [revisionLabel]: revision },
    // In one order of members, wherever the lock comes from: these bytes are part of the image's digest.
    provenance: { lock: JSON.parse(canonicalLock(lock)) as Lock },
  };
}
