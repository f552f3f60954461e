import { randomUUID } from 'node:crypto';
import type { Digest } from '../../oci/digest.ts';
import type { StoredBlob } from '../blobs/blob-store.ts';
import {
  type ManifestPush,
  type RegistryIndex,
  type RegistryIndexOptions,
  type TaggedRevision,
  type TagPage,
  usualLeaseMs,
} from './registry-index.ts';

interface BlobLink extends StoredBlob {
  readonly leasedUntil: number;
}

interface RepositoryEntry {
  readonly blobs: Map<Digest, BlobLink>;
  readonly manifests: Map<Digest, ManifestPush>;
  readonly tags: Map<string, TaggedRevision>;
  readonly pulls: Map<Digest, Date>;
}

/** A `RegistryIndex` that lives as long as the process: for tests. */
export function createMemoryRegistryIndex({ leaseMs = usualLeaseMs }: RegistryIndexOptions = {}): RegistryIndex {
  const id = randomUUID();
  const repositories = new Map<string, RepositoryEntry>();
  const find = (name: string) => repositories.get(name);
  const make = (name: string): RepositoryEntry => {
    const entry = find(name) ?? { blobs: new Map(), manifests: new Map(), tags: new Map(), pulls: new Map() };
    repositories.set(name, entry);
    return entry;
  };
  const lease = (blob: StoredBlob): BlobLink => ({ ...blob, leasedUntil: Date.now() + leaseMs });
  const unused = ({ blobs, manifests }: RepositoryEntry): Digest[] => {
    const needed = new Set([...manifests.values()].flatMap((manifest) => manifest.blobs));
    const links = [...blobs.values()].filter((link) => link.leasedUntil < Date.now() && !needed.has(link.digest));
    return links.map(({ digest }) => digest);
  };

  return {
    blobs: {
      async lease(repository, digests) {
        const blobs = find(repository)?.blobs;
        const links = digests.flatMap((digest) => blobs?.get(digest) ?? []);
        for (const link of links) blobs!.set(link.digest, lease(link));
        return new Set(links.map(({ digest }) => digest));
      },
      add: async (repository, blob) => void make(repository).blobs.set(blob.digest, lease(blob)),
      async delete(repository, digest) {
        const { blobs, manifests } = find(repository) ?? make(repository);
        if ([...manifests.values()].some((manifest) => manifest.blobs.includes(digest))) return 'needed';
        return blobs.delete(digest) ? 'deleted' : 'missing';
      },
      repositoriesOf: async (digest, limit) =>
        [...repositories].flatMap(([name, { blobs }]) => (blobs.has(digest) ? [name] : [])).slice(0, limit),
      sizeOf: async (repository) =>
        [...(find(repository)?.blobs.values() ?? [])].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    },
    manifests: {
      get: async (repository, digest) => find(repository)?.manifests.get(digest)?.entry,
      async put(repository, push) {
        const { blobs, manifests, tags } = make(repository);
        if (!push.blobs.every((digest) => blobs.has(digest))) return false;
        if (!push.manifests.every((digest) => manifests.has(digest))) return false;
        const { digest } = push.entry.descriptor;
        manifests.set(digest, push);
        for (const tag of push.tags) tags.set(tag, { tag, digest, taggedAt: new Date() });
        return true;
      },
      async delete(repository, digest) {
        const { manifests, tags } = make(repository);
        if ([...manifests.values()].some((manifest) => manifest.manifests.includes(digest))) return 'needed';
        for (const { tag, digest: target } of [...tags.values()]) if (target === digest) tags.delete(tag);
        return manifests.delete(digest) ? 'deleted' : 'missing';
      },
      async referrersOf(repository, subject) {
        const entries = [...(find(repository)?.manifests.values() ?? [])].map(({ entry }) => entry);
        const descriptors = entries.filter((entry) => entry.subject === subject).map(({ descriptor }) => descriptor);
        return descriptors.sort((a, b) => (a.digest < b.digest ? -1 : 1));
      },
      notePull: async (repository, digest) => void make(repository).pulls.set(digest, new Date()),
    },
    tags: {
      get: async (repository, tag) => find(repository)?.tags.get(tag)?.digest,
      delete: async (repository, tag) => find(repository)?.tags.delete(tag) ?? false,
      async list(repository, page) {
        const entry = find(repository);
        if (entry === undefined || (entry.blobs.size === 0 && entry.manifests.size === 0)) return undefined;
        return pageOfTags([...entry.tags.keys()], page);
      },
      async revisions(repository) {
        const { tags, pulls } = make(repository);
        return [...tags.values()].map((revision) => {
          const pulledAt = pulls.get(revision.digest);
          return { ...revision, ...(pulledAt && { pulledAt }) };
        });
      },
      async expire(repository, { tag, digest, taggedAt }) {
        const { manifests, tags } = make(repository);
        const standing = tags.get(tag);
        if (standing?.digest !== digest || standing.taggedAt.getTime() !== taggedAt.getTime()) return false;
        tags.delete(tag);
        const isNamed = [...tags.values()].some((other) => other.digest === digest);
        const isListed = [...manifests.values()].some((manifest) => manifest.manifests.includes(digest));
        if (!isNamed && !isListed) manifests.delete(digest);
        return true;
      },
    },
    garbage: {
      async dropLinks({ isDryRun }) {
        let count = 0;
        for (const entry of repositories.values()) {
          const links = unused(entry);
          count += links.length;
          if (!isDryRun) for (const digest of links) entry.blobs.delete(digest);
        }
        return count;
      },
      async unneededOf(digests, { isDryRun }) {
        const needed = new Set<Digest>();
        for (const entry of repositories.values()) {
          const dropped = new Set(isDryRun ? unused(entry) : []);
          for (const digest of [...entry.blobs.keys(), ...entry.manifests.keys()]) {
            if (!dropped.has(digest)) needed.add(digest);
          }
        }
        return digests.filter((digest) => !needed.has(digest));
      },
    },
    id: async () => id,
    async totals() {
      const entries = [...repositories.values()].filter(({ blobs, manifests }) => blobs.size + manifests.size > 0);
      const links = entries.flatMap(({ blobs }) => [...blobs.values()]);
      const distinct = [...new Map(links.map((link) => [link.digest, link])).values()];
      const bytesOf = (blobs: readonly StoredBlob[]) => blobs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      return {
        repositories: entries.length,
        manifests: entries.reduce((sum, { manifests }) => sum + manifests.size, 0),
        tags: entries.reduce((sum, { tags }) => sum + tags.size, 0),
        linkedBytes: bytesOf(links),
        distinctBytes: bytesOf(distinct),
        distinctBlobs: distinct.length,
      };
    },
  };
}

/** Cuts a page out of all tags of a repository, sorted by bytes (tags are ASCII). */
function pageOfTags(tags: readonly string[], { after = '', limit }: TagPage): readonly string[] {
  return tags
    .filter((tag) => tag > after)
    .sort((a, b) => (a < b ? -1 : 1))
    .slice(0, limit);
}
