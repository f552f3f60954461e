import type { Digest } from '../../oci/digest.ts';

/**
 * Keeps the collector off blobs that are on their way: stored, but not yet linked to a repository. Works within one process; between
 * processes the age of a file does.
 */
export interface BlobHolds {
  /** While `work` runs, the blob is not collected. Waits for a collection of it that is under way. */
  hold<T>(digest: Digest, work: () => Promise<T>): Promise<T>;
  /** Runs `work` unless the blob is held; whoever wants to hold it meanwhile waits. `undefined` when it did not run. */
  collect<T>(digest: Digest, work: () => Promise<T>): Promise<T | undefined>;
}

export function createBlobHolds(): BlobHolds {
  const holders = new Map<Digest, number>();
  const collections = new Map<Digest, Promise<unknown>>();
  return {
    async hold(digest, work) {
      // Counted before waiting, so that a collection that has not begun does not begin.
      holders.set(digest, (holders.get(digest) ?? 0) + 1);
      try {
        await collections.get(digest);
        return await work();
      } finally {
        const left = holders.get(digest)! - 1;
        if (left === 0) holders.delete(digest);
        else holders.set(digest, left);
      }
    },
    async collect(digest, work) {
      if (holders.has(digest) || collections.has(digest)) return undefined;
      const collection = work();
      collections.set(
        digest,
        collection.catch(() => {}),
      );
      try {
        return await collection;
      } finally {
        collections.delete(digest);
      }
    },
  };
}
