import { threadId } from 'node:worker_threads';
import { BuilderError } from '../../errors.ts';
import { say } from '../../sentence.ts';
import type { RunInThread } from '../thread.ts';

/** What a job of the tests does. */
export interface ListedJob {
  readonly behaviour: 'answer' | 'echo' | 'refuse' | 'break' | 'exit';
}

export const runInThread: RunInThread<ListedJob, number, string, string> = async ({ behaviour }, talk) => {
  if (behaviour === 'refuse') throw new BuilderError('package-corrupt', say`it lies`, { hint: say`Take another.` });
  if (behaviour === 'break') throw new Error('unreachable');
  if (behaviour === 'exit') process.exit(7);
  if (behaviour === 'echo') for (let n = 0; n < 2; n++) talk.say(`${await talk.next()}!`);
  return threadId;
};
