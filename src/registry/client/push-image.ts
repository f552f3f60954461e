import type { Repository } from '../../oci/reference.ts';
import type { BlobSource, CallOptions, RegistryClient } from './registry-client.ts';

export interface EnsureBlobOptions extends CallOptions {
  /** Repositories that may have the blob, the likeliest first; those of another registry are passed over. */
  readonly mountFrom?: readonly Repository[];
  /** Told of bytes that go over the wire. */
  onBytes?(count: number): void;
}

/** How a blob came to be in a repository. */
export type BlobPlacement = 'present' | 'mounted' | 'pushed';

/**
 * Makes a repository have a blob, by the cheapest way: it is there, it can be mounted, or it is sent. Throws what the client throws,
 * and `content-mismatch` when the source is not what its descriptor says.
 */
export async function ensureBlob(
  client: RegistryClient,
  repository: Repository,
  source: BlobSource,
  { mountFrom = [], signal, onBytes }: EnsureBlobOptions = {},
): Promise<BlobPlacement> {
  const { digest } = source.descriptor;
  if (await client.hasBlob(repository, digest, { signal })) return 'present';
  for (const from of mountFrom) {
    if (await client.mountBlob(repository, digest, from, { signal })) return 'mounted';
  }
  await client.uploadBlob(repository, source, { signal, ...(onBytes && { onBytes }) });
  return 'pushed';
}
