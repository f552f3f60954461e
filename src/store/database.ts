/** A row as the query names its columns. */
export type Row = Readonly<Record<string, unknown>>;

/** Where SQL goes: a database, or a transaction in it. */
export interface Queries {
  /** Runs one statement; `$1`… stand for the values. Times come as `Date`, `bigint` as number, `jsonb` parsed. */
  query<R extends Row = Row>(sql: string, values?: readonly unknown[]): Promise<R[]>;
}

/**
 * Port: a PostgreSQL, be it a server (`postgres-database.ts`) or embedded (`open-pglite.ts`). Values for `jsonb` are given through
 * `json`, as the two would otherwise read arrays differently.
 */
export interface Database extends Queries, AsyncDisposable {
  /**
   * Commits what `work` did when it returns, and undoes it when it throws. Only the queries given to it belong to the transaction; it does
   * nothing else, as it is called again when the server ends a deadlock at its cost.
   */
  transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T>;
  /** Runs a script of several statements. */
  execute(script: string): Promise<void>;
  /** Tells of every `notify` on the channel from now on; what it gives ends that. */
  listen(channel: string, onMessage: (payload: string) => void): Promise<() => Promise<void>>;
}

/** A value for a `jsonb` parameter. */
export function json(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}

/** True for the error of a statement that breaks the named unique index or constraint. */
export function violates(error: unknown, constraint: string): boolean {
  return error instanceof Error && (error as { constraint?: string }).constraint === constraint;
}
