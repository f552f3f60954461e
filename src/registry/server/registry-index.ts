import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';

/** A manifest of a repository; its bytes are a blob of the blob store. */
export interface ManifestEntry {
  /** As the list of referrers shows it: with `artifactType` and the manifest's own annotations. */
  readonly descriptor: Descriptor;
  /** What the manifest is about, image-spec manifest.md "subject". */
  readonly subject?: Digest;
}

/** Which blobs may be read from which repository. */
export interface BlobLinks {
  has(repository: string, digest: Digest): Promise<boolean>;
  add(repository: string, digest: Digest): Promise<void>;
  /** False when there was none. The blob itself stays: other repositories may have it. */
  remove(repository: string, digest: Digest): Promise<boolean>;
}

export interface ManifestEntries {
  get(repository: string, digest: Digest): Promise<ManifestEntry | undefined>;
  put(repository: string, entry: ManifestEntry): Promise<void>;
  /** Takes the tags that point to it along. False when there was none. */
  delete(repository: string, digest: Digest): Promise<boolean>;
  /** Manifests whose subject is that digest, by digest. */
  referrersOf(repository: string, subject: Digest): Promise<readonly Descriptor[]>;
}

export interface Tags {
  get(repository: string, tag: string): Promise<Digest | undefined>;
  set(repository: string, tag: string, digest: Digest): Promise<void>;
  delete(repository: string, tag: string): Promise<boolean>;
  /** Up to `limit` tags after the given one, in the order of their bytes; `undefined` when there is no such repository. */
  list(repository: string, page: TagPage): Promise<readonly string[] | undefined>;
}

export interface TagPage {
  readonly after?: string | undefined;
  readonly limit: number;
}

/**
 * What the registry knows beside the bytes. Whatever a method has done survives a crash once it has answered; callers write in the
 * order blobs, manifest, tag, so that nothing ever points to what is not there.
 */
export interface RegistryIndex {
  readonly blobs: BlobLinks;
  readonly manifests: ManifestEntries;
  readonly tags: Tags;
}
