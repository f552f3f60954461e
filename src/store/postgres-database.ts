import pg from 'pg';
import { BuilderError, messageOf } from '../errors.ts';
import { say } from '../sentence.ts';
import type { Database, Queries } from './database.ts';

/** `bigint`: counts and sizes, all of which a number holds. */
const int8 = 20;
const types = {
  getTypeParser: (type: number, format?: 'text' | 'binary') =>
    type === int8 ? Number : pg.types.getTypeParser(type, format as 'text'),
};

/** Connects to a PostgreSQL server, version 15 or newer. Throws `database-unavailable`. */
export async function openPostgresDatabase(url: string): Promise<Database> {
  const pool = new pg.Pool({ connectionString: url, types, max: 10, application_name: 'imagewright' });
  // An idle connection that breaks is replaced; the query that meets a broken one tells.
  pool.on('error', () => {});
  await checkVersion(pool).catch(async (error) => {
    await pool.end();
    throw unavailable(error);
  });
  const queriesOf = (client: pg.Pool | pg.PoolClient): Queries => ({
    query: async (sql, values) => (await client.query(sql, values as unknown[])).rows,
  });
  return {
    ...queriesOf(pool),
    async transaction(work) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await transact(pool, (client) => work(queriesOf(client)));
        } catch (error) {
          // The server has chosen this one of two that waited for each other; the other is done by now.
          if (!isDeadlock(error) || attempt === maxAttempts) throw error;
        }
      }
    },
    async execute(script) {
      await pool.query(script);
    },
    listen: (channel, onMessage) => listen(url, channel, onMessage),
    [Symbol.asyncDispose]: () => pool.end(),
  };
}

const maxAttempts = 5;

/** `deadlock_detected` and `serialization_failure`, PostgreSQL Appendix A. */
function isDeadlock(error: unknown): boolean {
  return error instanceof pg.DatabaseError && (error.code === '40P01' || error.code === '40001');
}

async function transact<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    client.release();
    return result;
  } catch (error) {
    const broken = await client.query('rollback').then(
      () => undefined,
      (failure: Error) => failure,
    );
    client.release(broken);
    throw error;
  }
}

/** A connection of its own, made again when it breaks: a message lost meanwhile is found by whoever polls. */
async function listen(
  url: string,
  channel: string,
  onMessage: (payload: string) => void,
): Promise<() => Promise<void>> {
  let client: pg.Client | undefined;
  let retry: NodeJS.Timeout | undefined;
  let isEnded = false;
  const connect = async () => {
    const next = new pg.Client({ connectionString: url, application_name: 'imagewright' });
    next.on('notification', ({ payload }) => onMessage(payload ?? ''));
    next.on('error', () => {});
    next.on('end', () => {
      if (!isEnded) retry = setTimeout(() => void connect().catch(() => {}), 1000);
    });
    client = next;
    await next.connect();
    await next.query(`listen ${pg.escapeIdentifier(channel)}`);
  };
  await connect();
  return async () => {
    isEnded = true;
    clearTimeout(retry);
    await client?.end();
  };
}

async function checkVersion(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query("select current_setting('server_version_num')::int as version");
  const version = Number(rows[0].version);
  if (version < 150_000) throw new Error(`it is version ${Math.floor(version / 10_000)}; at least 15 is needed`);
}

function unavailable(error: unknown): BuilderError {
  return new BuilderError('database-unavailable', say`The database cannot be used: ${messageOf(error)}`, {
    hint: say`Check DATABASE_URL and that PostgreSQL 15 or newer answers there.`,
    cause: error,
  });
}
