import { parentPort } from 'node:worker_threads';
import { fromPlainError, toPlainError } from '../../../threads/plain-error.ts';
import { indexRepodata } from '../repodata/repodata-index.ts';
import type { WantedShard } from '../repodata/shard-store.ts';
import { solve } from './solve.ts';
import type { FromSolver, ToSolver } from './solve-messages.ts';

// The solving thread's program.
const port = parentPort!;
const tell = (message: FromSolver) => port.postMessage(message);
const fetching = new Map<number, PromiseWithResolvers<string>>();
let fetches = 0;

/** Only the main thread may reach the network. */
function fetchShard(wanted: WantedShard): Promise<string> {
  const id = ++fetches;
  const answer = Promise.withResolvers<string>();
  fetching.set(id, answer);
  tell({ type: 'fetch', id, wanted });
  return answer.promise;
}

async function answer(message: Exclude<ToSolver, { type: 'fetched' }>): Promise<FromSolver> {
  if (message.type === 'solve') return { type: 'done', answer: await solve(message.task, fetchShard) };
  await indexRepodata(message.source, message.directory);
  return { type: 'done' };
}

port.on('message', (message: ToSolver) => {
  if (message.type !== 'fetched') {
    answer(message).then(tell, (error) => tell({ type: 'failed', error: toPlainError(error) }));
    return;
  }
  const waiting = fetching.get(message.id);
  fetching.delete(message.id);
  if ('file' in message) waiting?.resolve(message.file);
  else waiting?.reject(fromPlainError(message.error));
});
