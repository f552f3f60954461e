import type { Digest } from '../../oci/digest.ts';
import type { ListedBlob } from '../blobs/blob-store.ts';
import type { Registry } from './registry.ts';

export interface CollectionOptions {
  /** Only tells what would go. */
  readonly isDryRun?: boolean;
  /** A blob that was written more recently stays: another process may be about to link it. */
  readonly minAgeMs: number;
}

/** What went, or would go. */
export interface Collection {
  readonly isDryRun: boolean;
  /** Blobs of repositories that no manifest there names. */
  readonly links: number;
  /** Blobs of the store that no repository has. */
  readonly blobs: number;
  readonly bytes: number;
}

const batchSize = 500;

/**
 * Deletes what nobody can pull any more, while pushes go on: first the blobs of repositories that no manifest names and that nobody holds
 * a lease of, then the files that no repository has. A file goes only while it is not held, and what has no repository is looked at
 * again then, so a push that comes in between keeps it.
 */
export async function collectGarbage(
  { blobs, index, holds }: Pick<Registry, 'blobs' | 'index' | 'holds'>,
  { isDryRun = false, minAgeMs }: CollectionOptions,
): Promise<Collection> {
  const links = await index.garbage.dropLinks({ isDryRun });
  const isUnneeded = async (digest: Digest) => (await index.garbage.unneededOf([digest], { isDryRun })).length > 0;
  const removes = (digest: Digest) =>
    holds.collect(digest, async () => (await isUnneeded(digest)) && (isDryRun || blobs.delete(digest)));
  let count = 0;
  let bytes = 0;
  for await (const batch of batchesOf(blobs.list(), batchSize)) {
    const old = batch.filter(({ writtenAt }) => Date.now() - writtenAt.getTime() > minAgeMs);
    const digests = old.map(({ digest }) => digest);
    const unneeded = new Set(await index.garbage.unneededOf(digests, { isDryRun }));
    for (const { digest, sizeBytes } of old.filter((blob) => unneeded.has(blob.digest))) {
      if (!(await removes(digest))) continue;
      count++;
      bytes += sizeBytes;
    }
  }
  return { isDryRun, links, blobs: count, bytes };
}

async function* batchesOf(blobs: AsyncIterable<ListedBlob>, size: number): AsyncGenerator<readonly ListedBlob[]> {
  let batch: ListedBlob[] = [];
  for await (const blob of blobs) {
    batch.push(blob);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
