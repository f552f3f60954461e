import type { StoredBlob } from '../blobs/blob-store.ts';
import type { Registry } from './registry.ts';
import { RegistryError } from './registry-error.ts';

type Quoted = Pick<Registry, 'index' | 'maxRepositoryBytes'>;

/** Makes a stored blob one of the repository. Throws `DENIED` when the repository may not have so much. */
export async function addBlob(registry: Quoted, repository: string, blob: StoredBlob): Promise<void> {
  const { index, maxRepositoryBytes } = registry;
  if (maxRepositoryBytes !== undefined && !(await index.blobs.lease(repository, [blob.digest])).has(blob.digest)) {
    await checkRoom(registry, repository, blob.sizeBytes);
  }
  await index.blobs.add(repository, blob);
}

/**
 * Throws `DENIED` when so many more bytes would be too many. Uploads that end at the same moment are judged one by one, so together they
 * can go somewhat beyond.
 */
export async function checkRoom(
  { index, maxRepositoryBytes }: Quoted,
  repository: string,
  sizeBytes: number,
): Promise<void> {
  if (maxRepositoryBytes === undefined) return;
  const usedBytes = await index.blobs.sizeOf(repository);
  if (usedBytes + sizeBytes <= maxRepositoryBytes) return;
  const used = `it has ${usedBytes} bytes of the ${maxRepositoryBytes} that it may have`;
  throw new RegistryError('DENIED', `There is no room in ${repository} for ${sizeBytes} bytes: ${used}`);
}
