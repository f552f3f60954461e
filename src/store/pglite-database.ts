import { PGlite, type PGliteOptions } from '@electric-sql/pglite';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import type { Database, Queries } from './database.ts';

/** Opens an embedded PostgreSQL with what the schema needs, in memory unless a directory is given. */
export function createPglite(options: PGliteOptions = {}): Promise<PGlite> {
  return PGlite.create({ ...options, extensions: { pg_trgm } });
}

/** An embedded PostgreSQL that is open, in the thread of the caller; it is closed with the database. */
export function pgliteDatabase(pg: PGlite): Database {
  const queriesOf = (client: Pick<PGlite, 'query'>): Queries => ({
    query: async (sql, values) => (await client.query(sql, values as unknown[])).rows as never,
  });
  return {
    ...queriesOf(pg),
    transaction: (work) => pg.transaction((tx) => work(queriesOf(tx as unknown as Pick<PGlite, 'query'>))) as never,
    async execute(script) {
      await pg.exec(script);
    },
    listen: async (channel, onMessage) => {
      const stop = await pg.listen(channel, onMessage);
      return () => stop();
    },
    [Symbol.asyncDispose]: () => pg.close(),
  };
}
