import type { Digest } from './digest.ts';
import type { Platform } from './platform.ts';

/** A typed, sized, content-addressed pointer, image-spec descriptor.md. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Size of the content in bytes. */
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Which machine the image is for; in the manifests of an index only. */
  readonly platform?: Platform;
  readonly artifactType?: string;
}
