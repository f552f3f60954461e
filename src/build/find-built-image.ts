import { BuilderError } from '../errors.ts';
import type { Digest } from '../oci/digest.ts';
import { parseManifestOrIndex } from '../oci/manifest.ts';
import { formatReference, type Reference } from '../oci/reference.ts';
import type { RegistryClient } from '../registry/client/registry-client.ts';
import { say } from '../sentence.ts';
import { annotationNames, type ImageDescription } from './image-description.ts';
import type { ImageTarget } from './image-target.ts';

export interface FindRequest {
  readonly reference: Reference;
  readonly target: ImageTarget;
  readonly description: ImageDescription;
  readonly signal: AbortSignal;
}

/**
 * The digest of the image that stands under the tag already, if it was built from the same lock in the same way. Throws
 * `registry-refused` when a tag that never moves names something else.
 */
export async function findBuiltImage(client: RegistryClient, request: FindRequest): Promise<Digest | undefined> {
  const { reference, target, description, signal } = request;
  const found = await client.getManifest(reference.repository, reference.tag!, { signal });
  if (found === undefined) return undefined;
  const { annotations = {} } = parseManifestOrIndex(found.bytes, found.mediaType);
  const isSame = (name: string) => annotations[name] === description.annotations[name];
  if (isSame(annotationNames.lockDigest) && isSame(annotationNames.compression)) return found.digest;
  if (!target.isFixedTag && !isSame(annotationNames.lockDigest)) {
    throw new BuilderError('registry-refused', say`${formatReference(reference)} names another image already`, {
      hint: say`Tags made from a revision never move. Push to another repository, or give a tag of your own with --to.`,
    });
  }
  return undefined;
}
