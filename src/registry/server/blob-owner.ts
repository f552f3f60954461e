import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BuilderError } from '../../errors.ts';
import { say } from '../../sentence.ts';
import { ignoreMissing, writeFileDurably } from '../blobs/durable-files.ts';
import type { Registry } from './registry.ts';

/**
 * Remembers beside the blobs, in `<root>/index-id`, whose they are. To any other index, such as that of a fresh database, all of them would
 * seem to be garbage. Throws `conflict` when they belong to another index, or when nothing tells and this one knows none of them.
 */
export async function checkOwner(root: string, { blobs, index }: Pick<Registry, 'blobs' | 'index'>): Promise<void> {
  const owner = await readFile(ownerFile(root), 'utf8').catch(ignoreMissing);
  const id = await index.id();
  if (owner === id) return;
  if (owner === undefined && ((await isEmpty(blobs)) || (await index.totals()).repositories > 0)) {
    return setOwner(root, index);
  }
  throw new BuilderError('conflict', say`The blobs of the registry belong to another database: none is deleted`, {
    hint: say`Check DATABASE_URL and the data directory. If that database is gone for good, run "imagewright registry gc --force".`,
  });
}

/** From now on the blobs belong to this index. */
export async function setOwner(root: string, index: Registry['index']): Promise<void> {
  await writeFileDurably(ownerFile(root), await index.id(), join(root, 'tmp'));
}

function ownerFile(root: string): string {
  return join(root, 'index-id');
}

async function isEmpty({ list }: Registry['blobs']): Promise<boolean> {
  for await (const _ of list()) return false;
  return true;
}
