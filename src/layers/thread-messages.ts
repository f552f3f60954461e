import type { PlainError } from '../threads/plain-error.ts';
import type { AssembledBlob, AssembleTask } from './assemble-layer.ts';
import type { AskedDirectory, BaseSurvey } from './base-survey.ts';

/** What the main thread says to a worker. A worker has one task at a time. */
export type ToWorker =
  | { readonly type: 'assemble'; readonly task: AssembleTask }
  | { readonly type: 'answer'; readonly survey: BaseSurvey };

/** What a worker says to the main thread. */
export type FromWorker =
  | { readonly type: 'ask'; readonly asked: readonly AskedDirectory[] }
  | { readonly type: 'done'; readonly blob: AssembledBlob }
  | { readonly type: 'failed'; readonly error: PlainError };
