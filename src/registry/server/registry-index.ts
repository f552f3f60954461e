import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import type { StoredBlob } from '../blobs/blob-store.ts';

/** A manifest of a repository; its bytes are a blob of the blob store. */
export interface ManifestEntry {
  /** As the list of referrers shows it: with `artifactType` and the manifest's own annotations. */
  readonly descriptor: Descriptor;
  /** What the manifest is about, image-spec manifest.md "subject". */
  readonly subject?: Digest;
}

/** A manifest with what it needs and what it is to be called. */
export interface ManifestPush {
  readonly entry: ManifestEntry;
  /** Config and layers. */
  readonly blobs: readonly Digest[];
  /** Of an index: the manifests it lists. */
  readonly manifests: readonly Digest[];
  readonly tags: readonly string[];
}

/** What became of a deletion; what something in the repository needs stays. */
export type Deletion = 'deleted' | 'missing' | 'needed';

/** Which blobs may be read from which repository. */
export interface BlobLinks {
  /** Those of the digests that the repository has. The collector leaves them alone for the time of a lease. */
  lease(repository: string, digests: readonly Digest[]): Promise<ReadonlySet<Digest>>;
  /** Begins with a lease. */
  add(repository: string, blob: StoredBlob): Promise<void>;
  /** The blob itself stays: other repositories may have it. `needed` when a manifest of the repository names it. */
  delete(repository: string, digest: Digest): Promise<Deletion>;
  /** Some of the repositories that have the blob, at most so many. */
  repositoriesOf(digest: Digest, limit: number): Promise<readonly string[]>;
  /** All blobs of the repository together, in bytes. */
  sizeOf(repository: string): Promise<number>;
}

export interface ManifestEntries {
  get(repository: string, digest: Digest): Promise<ManifestEntry | undefined>;
  /** Keeps the manifest and sets its tags, all or nothing. False when something it needs is not in the repository. */
  put(repository: string, push: ManifestPush): Promise<boolean>;
  /** Takes the tags that point to it along. `needed` when an index lists it. */
  delete(repository: string, digest: Digest): Promise<Deletion>;
  /** Manifests whose subject is that digest, by digest. */
  referrersOf(repository: string, subject: Digest): Promise<readonly Descriptor[]>;
  /** Remembers that it was pulled just now. */
  notePull(repository: string, digest: Digest): Promise<void>;
}

export interface Tags {
  get(repository: string, tag: string): Promise<Digest | undefined>;
  delete(repository: string, tag: string): Promise<boolean>;
  /** Up to `limit` tags after the given one, in the order of their bytes; `undefined` when there is no such repository. */
  list(repository: string, page: TagPage): Promise<readonly string[] | undefined>;
  /** All tags of a repository, with what is known of their use. */
  revisions(repository: string): Promise<readonly TaggedRevision[]>;
  /** Takes the tag away, and the manifest when nothing else names it; nothing when it was tagged anew since. True when the tag is gone. */
  expire(repository: string, revision: TaggedRevision): Promise<boolean>;
}

/** What a tag stands for, and when it was made so and last pulled. */
export interface TaggedRevision {
  readonly tag: string;
  readonly digest: Digest;
  readonly taggedAt: Date;
  /** To the hour; by any name. */
  readonly pulledAt?: Date;
}

export interface TagPage {
  readonly after?: string | undefined;
  readonly limit: number;
}

/** What nothing needs any more. */
export interface Garbage {
  /** Takes away blobs of repositories that no manifest there names and whose lease has ended, and tells how many; only counts in a dry run. */
  dropLinks(options: { readonly isDryRun: boolean }): Promise<number>;
  /** Those of the digests that no repository has; in a dry run, those that none would have after `dropLinks`. */
  unneededOf(digests: readonly Digest[], options: { readonly isDryRun: boolean }): Promise<readonly Digest[]>;
}

export interface RegistryTotals {
  readonly repositories: number;
  readonly manifests: number;
  readonly tags: number;
  /** Each blob counted in each repository that has it. */
  readonly linkedBytes: number;
  /** Each blob counted once. */
  readonly distinctBytes: number;
  readonly distinctBlobs: number;
}

/**
 * Port: what the registry knows beside the bytes. Whatever a method has done survives a crash once it has answered. A manifest never
 * stands without what it needs: neither `put` nor a deletion, nor both at once, can bring that about.
 */
export interface RegistryIndex {
  readonly blobs: BlobLinks;
  readonly manifests: ManifestEntries;
  readonly tags: Tags;
  readonly garbage: Garbage;
  /** Tells it from any other index, as long as it lives. */
  id(): Promise<string>;
  totals(): Promise<RegistryTotals>;
}

export interface RegistryIndexOptions {
  /** How long the collector leaves a blob alone that was pushed, mounted or asked for; an hour unless told. */
  readonly leaseMs?: number | undefined;
}

export const usualLeaseMs = 60 * 60 * 1000;
