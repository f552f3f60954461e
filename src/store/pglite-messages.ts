/** What is asked of the thread that has the embedded database. Each is answered once, by its `id`. */
export type ToPglite = { readonly id: number } & (
  | {
      readonly type: 'query';
      readonly sql: string;
      readonly values?: readonly unknown[];
      readonly transaction?: number;
    }
  | { readonly type: 'execute'; readonly script: string }
  /** Answered when the transaction is open; its number is this request's. */
  | { readonly type: 'begin' }
  | { readonly type: 'end'; readonly transaction: number; readonly isCommit: boolean }
  /** The listener's number is this request's. */
  | { readonly type: 'listen'; readonly channel: string }
  | { readonly type: 'unlisten'; readonly listener: number }
  | { readonly type: 'close' }
);

/** What the thread says: that it has opened the database, an answer, or what a listener hears. */
export type FromPglite =
  | { readonly type: 'opened' }
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly type: 'failed'; readonly id: number; readonly error: PlainDatabaseError }
  | { readonly type: 'heard'; readonly listener: number; readonly payload: string };

/** An error of PostgreSQL as data: its message and its fields (`code`, `constraint`, …). */
export interface PlainDatabaseError {
  readonly message: string;
  readonly stack: string | undefined;
  readonly fields: Readonly<Record<string, string | number>>;
}

export function toPlainDatabaseError(error: unknown): PlainDatabaseError {
  if (!(error instanceof Error)) return { message: String(error), stack: undefined, fields: {} };
  const fields = Object.entries(error).filter(([, value]) => typeof value === 'string' || typeof value === 'number');
  return { message: error.message, stack: error.stack, fields: Object.fromEntries(fields) };
}

export function fromPlainDatabaseError({ message, stack, fields }: PlainDatabaseError): Error {
  return Object.assign(new Error(message), fields, stack !== undefined && { stack });
}
