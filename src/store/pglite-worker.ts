import { parentPort, workerData } from 'node:worker_threads';
import type { Queries } from './database.ts';
import { createPglite, pgliteDatabase } from './pglite-database.ts';
import { type FromPglite, type ToPglite, toPlainDatabaseError } from './pglite-messages.ts';

// The program of the thread that has the embedded database.
const port = parentPort!;
const tell = (message: FromPglite) => port.postMessage(message);

interface OpenTransaction {
  readonly queries: Queries;
  /** Settles when it is committed, or undone. */
  end(isCommit: boolean): Promise<void>;
}

const { directory } = workerData as { readonly directory: string };
const pg = await createPglite({ dataDir: directory, relaxedDurability: false });
// A server does this by itself; without it lists look at every row to see whether it still counts.
await pg.exec('vacuum analyze');
const database = pgliteDatabase(pg);
const transactions = new Map<number, OpenTransaction>();
const listeners = new Map<number, () => Promise<void>>();

async function answer(asked: ToPglite): Promise<unknown> {
  switch (asked.type) {
    case 'query': {
      const queries = asked.transaction === undefined ? database : transactions.get(asked.transaction)!.queries;
      return queries.query(asked.sql, asked.values);
    }
    case 'execute':
      return database.execute(asked.script);
    case 'begin':
      transactions.set(asked.id, await begin());
      return;
    case 'end': {
      const transaction = transactions.get(asked.transaction)!;
      transactions.delete(asked.transaction);
      return transaction.end(asked.isCommit);
    }
    case 'listen':
      listeners.set(
        asked.id,
        await database.listen(asked.channel, (payload) => tell({ type: 'heard', listener: asked.id, payload })),
      );
      return;
    case 'unlisten':
      await listeners.get(asked.listener)?.();
      listeners.delete(asked.listener);
      return;
    case 'close':
      await database[Symbol.asyncDispose]();
  }
}

/** Opens a transaction that others go on with. */
function begin(): Promise<OpenTransaction> {
  const undone = new Error('the transaction is undone');
  const opened = Promise.withResolvers<OpenTransaction>();
  const whole = database.transaction((queries) => {
    const work = Promise.withResolvers<void>();
    opened.resolve({
      queries,
      async end(isCommit) {
        if (isCommit) work.resolve();
        else work.reject(undone);
        await whole.catch((error) => {
          if (error !== undone) throw error;
        });
      },
    });
    return work.promise;
  });
  whole.catch(opened.reject);
  return opened.promise;
}

port.on('message', (asked: ToPglite) => {
  answer(asked).then(
    (value) => tell({ type: 'answer', id: asked.id, value }),
    (error) => tell({ type: 'failed', id: asked.id, error: toPlainDatabaseError(error) }),
  );
});
tell({ type: 'opened' });
