import type { PlainError } from '../../../threads/plain-error.ts';
import type { PackedRepodata } from '../repodata/repodata-index.ts';
import type { WantedShard } from '../repodata/shard-store.ts';
import type { SolveAnswer, SolveTask } from './solve-task.ts';

/** What the solving thread is told: questions one after the other, and the answers to its own. */
export type ToSolver =
  | { readonly type: 'fetched'; readonly id: number; readonly file: string }
  | { readonly type: 'fetched'; readonly id: number; readonly error: PlainError }
  | { readonly type: 'solve'; readonly task: SolveTask }
  | {
      readonly type: 'index';
      readonly source: PackedRepodata;
      readonly directory: string;
    };

/** What it answers to each; before that it may ask for shards. */
export type FromSolver =
  | { readonly type: 'fetch'; readonly id: number; readonly wanted: WantedShard }
  | { readonly type: 'done'; readonly answer?: SolveAnswer }
  | { readonly type: 'failed'; readonly error: PlainError };
