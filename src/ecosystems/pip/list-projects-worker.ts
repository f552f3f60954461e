import { createReadStream } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { decompress } from '../../rootfs/decompress.ts';
import { toPlainError } from '../../threads/plain-error.ts';
import { type ListedName, writeNameList } from '../catalogue/name-list.ts';
import type { ListingDone, ListingTask } from './list-projects.ts';
import { projectNames } from './project-names.ts';

// A thread's program: lists what the root of an index tells, and ends.
async function list({ root, compression, form, file }: ListingTask): Promise<ListingDone> {
  const names = await decompress(createReadStream(root), compression, (text) => projectNames(text, form));
  if (names.size > 0) await writeNameList(file, listed(names));
  return { count: names.size };
}

function* listed(names: ReadonlySet<string>): Generator<ListedName> {
  for (const name of names) yield { name };
}

list(workerData as ListingTask).then(
  (done) => parentPort!.postMessage(done),
  (error) => parentPort!.postMessage({ error: toPlainError(error) } satisfies ListingDone),
);
