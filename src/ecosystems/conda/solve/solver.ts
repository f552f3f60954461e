import { extname } from 'node:path';
import { BuilderError } from '../../../errors.ts';
import { say } from '../../../sentence.ts';
import { toPlainError } from '../../../threads/plain-error.ts';
import type { ThreadPool } from '../../../threads/thread-pool.ts';
import type { PackedRepodata } from '../repodata/repodata-index.ts';
import type { FetchShard } from '../repodata/shard-store.ts';
import type { FetchedShard, ShardQuestion, SolverQuestion } from './solve-job.ts';
import type { SolveAnswer, SolveTask } from './solve-task.ts';

/** Indexes repodata and solves, in threads beside what else the process does. */
export interface Solver extends Disposable {
  /** Sees to it that a thread is there soon: it takes a tenth of a second to be ready. */
  warm(): void;
  /** Throws `resolver-failed` when no answer is found in time, `registry-invalid-response` for broken repodata, `cancelled`. */
  solve(task: SolveTask, signal: AbortSignal): Promise<SolveAnswer>;
  /** As `indexRepodata`. */
  index(source: PackedRepodata, directory: string, signal: AbortSignal): Promise<void>;
}

export interface SolverOptions {
  /** They do nothing else: what they hold of the solver makes the next answer a quick one. */
  readonly threads: ThreadPool;
  /** Fetches what a thread asks for: only this one may reach the network. */
  readonly fetchShard: FetchShard;
  /** Longest time for one answer, 60 s unless told. */
  readonly timeoutMs?: number;
}

const solveModule = new URL(`./solve-job${extname(import.meta.url)}`, import.meta.url).href;
/** By itself it is not worth a second thread to be made ready; one more question is. */
const weight = 4e6;

export function createSolver({ threads, fetchShard, timeoutMs = 60_000 }: SolverOptions): Solver {
  const ended = new AbortController();
  const ask = async <Answer>(input: SolverQuestion, asker: AbortSignal): Promise<Answer> => {
    const late = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const signal = AbortSignal.any([asker, ended.signal, late.signal]);
    try {
      return await threads.run<Answer, FetchedShard, ShardQuestion>({
        module: solveModule,
        input,
        weight,
        signal,
        converse(tell) {
          // It may have waited for others until now.
          timer = setTimeout(() => late.abort(), timeoutMs);
          return async ({ id, wanted }) =>
            tell(
              await fetchShard(wanted, signal).then(
                (file) => ({ id, file }),
                (error) => ({ id, error: toPlainError(error) }),
              ),
            );
        },
      });
    } catch (error) {
      if (!late.signal.aborted || asker.aborted) throw error;
      throw new BuilderError('resolver-failed', say`The conda solver found no answer in ${timeoutMs / 1000} s`, {
        hint: say`Narrow the versions that the lines allow.`,
      });
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    warm: () => threads.warm([solveModule]),
    solve: (task, signal) => ask<SolveAnswer>({ type: 'solve', task }, signal),
    index: (source, directory, signal) => ask<void>({ type: 'index', source, directory }, signal),
    [Symbol.dispose]: () => ended.abort(),
  };
}
