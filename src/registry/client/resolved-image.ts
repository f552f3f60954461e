import type { Digest } from '../../oci/digest.ts';
import type { ImageConfig } from '../../oci/image-config.ts';
import type { Manifest } from '../../oci/manifest.ts';
import type { Platform } from '../../oci/platform.ts';
import type { Reference } from '../../oci/reference.ts';

/** An image of a registry for one platform: what a build starts from, before its layers are looked at. */
export interface ResolvedImage {
  /** As asked for, e.g. with its tag. */
  readonly reference: Reference;
  /** Digest of the manifest for the platform (not of the index it was found in). */
  readonly digest: Digest;
  readonly platform: Platform;
  readonly manifest: Manifest;
  readonly config: ImageConfig;
}
