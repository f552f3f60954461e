import { createReadStream } from 'node:fs';
import { decompress } from '../../rootfs/decompress.ts';
import type { RunInThread } from '../../threads/thread.ts';
import { type ListedName, writeNameList } from '../catalogue/name-list.ts';
import type { ListingTask } from './list-projects.ts';
import { projectNames } from './project-names.ts';

/** Lists what the root of an index tells; says how many names it has. */
export const runInThread: RunInThread<ListingTask, number> = async ({ root, compression, form, file }) => {
  const names = await decompress(createReadStream(root), compression, (text) => projectNames(text, form));
  if (names.size > 0) await writeNameList(file, listed(names));
  return names.size;
};

function* listed(names: ReadonlySet<string>): Generator<ListedName> {
  for (const name of names) yield { name };
}
