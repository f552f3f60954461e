import { json, type Queries } from './database.ts';

/** A change that somebody made. */
export interface AuditEntry {
  /** Name of the user. */
  readonly actor: string;
  /** Noun and verb: `image.create`. */
  readonly action: string;
  /** What was changed, by name. */
  readonly target: string;
  /** Never a secret. */
  readonly detail?: Readonly<Record<string, unknown>> | undefined;
}

export interface StoredAuditEntry extends Required<AuditEntry> {
  /** Grows with time. */
  readonly id: number;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly at: Date;
}

/** Notes a change, for ever. Give it the queries of the transaction that makes the change. */
export async function recordAudit(queries: Queries, { actor, action, target, detail = {} }: AuditEntry): Promise<void> {
  const sql = 'insert into audit (actor, action, target, detail) values ($1, $2, $3, $4)';
  await queries.query(sql, [actor, action, target, json(detail)]);
}

export interface AuditQuery {
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly target?: string | undefined;
  readonly page: number;
  readonly pageSize: number;
}

/** One page, the newest first, and how many there are in all. */
export async function listAudit(
  queries: Queries,
  { page, pageSize, ...wanted }: AuditQuery,
): Promise<{ readonly items: readonly StoredAuditEntry[]; readonly total: number }> {
  const values: unknown[] = [];
  const value = (given: unknown) => `$${values.push(given)}`;
  const where = ['true'];
  for (const column of ['actor', 'action', 'target'] as const) {
    if (wanted[column] !== undefined) where.push(`${column} = ${value(wanted[column])}`);
  }
  const from = `from audit where ${where.join(' and ')}`;
  const [counted] = await queries.query<{ total: number }>(`select count(*)::int as total ${from}`, values);
  const items = await queries.query<StoredAuditEntry & Record<string, unknown>>(
    `select id, at, actor, action, target, detail ${from}
     order by id desc limit ${value(pageSize)} offset ${value((page - 1) * pageSize)}`,
    values,
  );
  return { items, total: counted!.total };
}
