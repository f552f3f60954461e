import type { Digest } from '../../oci/digest.ts';
import type { ManifestEntry, RegistryIndex } from './registry-index.ts';
import { pageOfTags } from './tag-pages.ts';

interface RepositoryEntry {
  readonly blobs: Set<Digest>;
  readonly manifests: Map<Digest, ManifestEntry>;
  readonly tags: Map<string, Digest>;
}

/** A `RegistryIndex` that lives as long as the process. */
export function createMemoryRegistryIndex(): RegistryIndex {
  const repositories = new Map<string, RepositoryEntry>();
  const find = (name: string) => repositories.get(name);
  const make = (name: string): RepositoryEntry => {
    const entry = find(name) ?? { blobs: new Set(), manifests: new Map(), tags: new Map() };
    repositories.set(name, entry);
    return entry;
  };

  return {
    blobs: {
      has: async (repository, digest) => find(repository)?.blobs.has(digest) ?? false,
      add: async (repository, digest) => void make(repository).blobs.add(digest),
      remove: async (repository, digest) => find(repository)?.blobs.delete(digest) ?? false,
    },
    manifests: {
      get: async (repository, digest) => find(repository)?.manifests.get(digest),
      put: async (repository, entry) => void make(repository).manifests.set(entry.descriptor.digest, entry),
      async delete(repository, digest) {
        const { manifests, tags } = make(repository);
        for (const [tag, target] of tags) if (target === digest) tags.delete(tag);
        return manifests.delete(digest);
      },
      async referrersOf(repository, subject) {
        const entries = [...(find(repository)?.manifests.values() ?? [])];
        const descriptors = entries.filter((entry) => entry.subject === subject).map(({ descriptor }) => descriptor);
        return descriptors.sort((a, b) => (a.digest < b.digest ? -1 : 1));
      },
    },
    tags: {
      get: async (repository, tag) => find(repository)?.tags.get(tag),
      set: async (repository, tag, digest) => void make(repository).tags.set(tag, digest),
      delete: async (repository, tag) => find(repository)?.tags.delete(tag) ?? false,
      async list(repository, page) {
        const tags = find(repository)?.tags;
        return tags && pageOfTags([...tags.keys()], page);
      },
    },
  };
}
