import type { PlainError } from '../../../threads/plain-error.ts';
import type { PackedRepodata } from '../repodata/repodata-index.ts';
import type { SolveAnswer, SolveTask } from './solve-task.ts';

/** What the solving thread is told, one after the other. */
export type ToSolver =
  | { readonly type: 'solve'; readonly task: SolveTask }
  | {
      readonly type: 'index';
      readonly source: PackedRepodata;
      readonly directory: string;
    };

/** What it answers to each. */
export type FromSolver =
  | { readonly type: 'done'; readonly answer?: SolveAnswer }
  | { readonly type: 'failed'; readonly error: PlainError };
