import type { PlainError } from './plain-error.ts';

/** What the main thread says to another. A thread has one job at a time; what it is told belongs to the job that began last. */
export type ToThread =
  | { readonly type: 'load'; readonly modules: readonly string[] }
  | { readonly type: 'begin'; readonly module: string; readonly input: unknown }
  | { readonly type: 'told'; readonly message: unknown };

/** What a thread says. */
export type FromThread =
  | { readonly type: 'said'; readonly message: unknown }
  | { readonly type: 'done'; readonly result: unknown }
  | { readonly type: 'failed'; readonly error: PlainError };
