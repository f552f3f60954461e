import { parentPort } from 'node:worker_threads';
import { toPlainError } from '../../../threads/plain-error.ts';
import { indexRepodata } from '../repodata/repodata-index.ts';
import { solve } from './solve.ts';
import type { FromSolver, ToSolver } from './solve-messages.ts';

// The solving thread's program.
const port = parentPort!;

async function answer(message: ToSolver): Promise<FromSolver> {
  if (message.type === 'solve') return { type: 'done', answer: await solve(message.task) };
  await indexRepodata(message.source, message.directory);
  return { type: 'done' };
}

port.on('message', (message: ToSolver) => {
  answer(message).then(
    (said) => port.postMessage(said),
    (error) => port.postMessage({ type: 'failed', error: toPlainError(error) } satisfies FromSolver),
  );
});
