import { BuilderError } from '../errors.ts';
import type { Lock } from '../lock/lock.ts';
import { lockDigest, revisionOf } from '../lock/lock-digest.ts';
import { parseLockObject } from '../lock/parse-lock.ts';
import type { Digest } from '../oci/digest.ts';
import type { ImageConfig } from '../oci/image-config.ts';
import { isObject } from '../oci/manifest.ts';
import type { Platform } from '../oci/platform.ts';
import type { ResolvedImage } from '../registry/client/resolved-image.ts';
import { say } from '../sentence.ts';

/** What an image says of itself. */
export interface ImageInspection {
  readonly digest: Digest;
  readonly platform: Platform;
  /** Of all layers as stored. */
  readonly sizeBytes: number;
  /** Lowest first. */
  readonly layers: readonly InspectedLayer[];
  /** What it was built from; absent for an image that Imagewright did not build. */
  readonly built?: { readonly revision: string; readonly lockDigest: Digest; readonly lock: Lock };
}

export interface InspectedLayer {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly sizeBytes: number;
  /** The step of the image's history that made it, where the history tells. */
  readonly createdBy?: string;
}

/** Reads what an image's manifest and configuration tell; no layer is fetched. Throws `image-invalid` when the lock in it is damaged. */
export function inspectImage({ digest, platform, manifest, config }: ResolvedImage): ImageInspection {
  const steps = layerSteps(config, manifest.layers.length);
  const lock = embeddedLock(config);
  return {
    digest,
    platform,
    sizeBytes: manifest.layers.reduce((sum, { size }) => sum + size, 0),
    layers: manifest.layers.map(({ digest: layerDigest, mediaType, size }, index) => {
      const createdBy = steps[index];
      return { digest: layerDigest, mediaType, sizeBytes: size, ...(createdBy !== undefined && { createdBy }) };
    }),
    ...(lock !== undefined && { built: { revision: revisionOf(lock), lockDigest: lockDigest(lock), lock } }),
  };
}

function layerSteps(config: ImageConfig, layerCount: number): readonly (string | undefined)[] {
  const steps = (config.history ?? []).filter((step) => step.empty_layer !== true);
  return steps.length === layerCount ? steps.map((step) => step.created_by) : [];
}

function embeddedLock(config: ImageConfig): Lock | undefined {
  const { imagewright } = config;
  if (!isObject(imagewright) || imagewright.lock === undefined) return undefined;
  try {
    return parseLockObject(imagewright.lock);
  } catch (error) {
    throw new BuilderError('image-invalid', say`The lock in the image is damaged`, { cause: error });
  }
}
