import { algorithmOf, createDigestMeter, type Digest } from '../../oci/digest.ts';
import type { BlobStore, StoredBlob } from './blob-store.ts';

/** A blob whose content is not what its digest says, or that cannot be read. */
export interface DamagedBlob extends StoredBlob {
  readonly why: string;
}

export interface ScrubProgress {
  readonly blobs: number;
  readonly bytes: number;
}

export interface ScrubOptions {
  readonly onDamaged: (blob: DamagedBlob) => void;
  /** Told after each blob. */
  readonly onProgress?: (progress: ScrubProgress) => void;
  readonly signal?: AbortSignal;
}

/** Reads every blob and holds it against its digest. Changes nothing, so it may run beside everything else. */
export async function scrubBlobs(
  store: Pick<BlobStore, 'list' | 'open' | 'stat'>,
  { onDamaged, onProgress, signal }: ScrubOptions,
): Promise<ScrubProgress> {
  let [blobs, bytes] = [0, 0];
  for await (const { digest, sizeBytes } of store.list()) {
    signal?.throwIfAborted();
    const why = await damageOf(store, digest);
    if (why !== undefined) onDamaged({ digest, sizeBytes, why });
    blobs++;
    bytes += sizeBytes;
    onProgress?.({ blobs, bytes });
  }
  return { blobs, bytes };
}

async function damageOf(store: Pick<BlobStore, 'open' | 'stat'>, digest: Digest): Promise<string | undefined> {
  const meter = createDigestMeter(algorithmOf(digest));
  try {
    for await (const chunk of store.open(digest)) meter.update(chunk as Uint8Array);
  } catch (error) {
    // The collector may have been here in between.
    if ((await store.stat(digest)) === undefined) return undefined;
    return `it cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
  const actual = meter.digest();
  return actual === digest ? undefined : `its content has the digest ${actual}`;
}
