import { fromPlainError, type PlainError } from '../../../threads/plain-error.ts';
import type { RunInThread, Talk } from '../../../threads/thread.ts';
import type { OpenOptions, PackedRepodata } from '../repodata/repodata-index.ts';
import { indexRepodata } from '../repodata/repodata-index.ts';
import type { WantedShard } from '../repodata/shard-store.ts';
import { solve } from './solve.ts';
import type { SolveAnswer, SolveTask } from './solve-task.ts';

/** What a thread is asked. */
export type SolverQuestion =
  | { readonly type: 'solve'; readonly task: SolveTask }
  | { readonly type: 'index'; readonly source: PackedRepodata; readonly directory: string };

/** What it may ask on the way; any number at once. */
export interface ShardQuestion {
  readonly id: number;
  readonly wanted: WantedShard;
}

export type FetchedShard =
  | { readonly id: number; readonly file: string }
  | { readonly id: number; readonly error: PlainError };

export const runInThread: RunInThread<SolverQuestion, SolveAnswer | undefined, FetchedShard, ShardQuestion> = async (
  question,
  talk,
) => {
  if (question.type === 'solve') return solve(question.task, fetchBy(talk));
  await indexRepodata(question.source, question.directory);
};

/** Has shards fetched by the main thread. What it answers is heard as long as something is asked. */
function fetchBy(talk: Talk<FetchedShard, ShardQuestion>): OpenOptions['fetchShard'] {
  const asked = new Map<number, PromiseWithResolvers<string>>();
  let count = 0;
  const hear = async () => {
    while (asked.size > 0) {
      const fetched = await talk.next();
      const waiting = asked.get(fetched.id);
      asked.delete(fetched.id);
      if ('file' in fetched) waiting?.resolve(fetched.file);
      else waiting?.reject(fromPlainError(fetched.error));
    }
  };
  return (wanted) => {
    const id = ++count;
    const answer = Promise.withResolvers<string>();
    asked.set(id, answer);
    talk.say({ id, wanted });
    if (asked.size === 1) void hear();
    return answer.promise;
  };
}
