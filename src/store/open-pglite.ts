import { mkdir } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { BuilderError, messageOf } from '../errors.ts';
import { quoted, type Sentence, say } from '../sentence.ts';
import type { Database, Queries } from './database.ts';
import { lockDirectory } from './lock-directory.ts';
import { type FromPglite, fromPlainDatabaseError, type ToPglite } from './pglite-messages.ts';

/**
 * Opens an embedded PostgreSQL in a directory, made when missing, in a thread of its own: it computes where a server would, beside us.
 * One process has it at a time. Throws `command-invalid` when another has it, `database-unavailable` when it does not open.
 */
export async function openPgliteDatabase(directory: string): Promise<Database> {
  await mkdir(dirname(directory), { recursive: true });
  const release = await lockDirectory(`${directory}.lock`);
  const thread = createPgliteThread(directory);
  try {
    await thread.opened;
  } catch (error) {
    await release();
    throw new BuilderError(
      'database-unavailable',
      say`The database in ${directory} cannot be opened: ${messageOf(error)}`,
      {
        hint: say`Look whether the disk is full and the directory is ours to write.`,
        cause: error,
      },
    );
  }
  return databaseOf(thread, release);
}

interface PgliteThread {
  /** Settles when the database is open, or cannot be. */
  readonly opened: Promise<void>;
  /** Fails as the statement does, and for all once the thread has died. */
  ask(asked: Asked): Promise<{ readonly id: number; readonly value: unknown }>;
  hear(listener: number, onMessage: (payload: string) => void): void;
  end(): Promise<void>;
}

type Asked = ToPglite extends infer Each ? (Each extends ToPglite ? Omit<Each, 'id'> : never) : never;

function createPgliteThread(directory: string): PgliteThread {
  const worker = new Worker(new URL(`./pglite-worker${extname(import.meta.url)}`, import.meta.url), {
    execArgv: [],
    workerData: { directory },
  });
  const opened = Promise.withResolvers<void>();
  const pending = new Map<number, PromiseWithResolvers<unknown>>();
  const listeners = new Map<number, (payload: string) => void>();
  let death: Error | undefined;
  let lastId = 0;

  const die = (error: Error) => {
    death ??= error;
    opened.reject(death);
    for (const { reject } of pending.values()) reject(death);
    pending.clear();
  };
  const settle = (id: number) => {
    const waiting = pending.get(id);
    pending.delete(id);
    return waiting;
  };
  worker.on('message', (message: FromPglite) => {
    if (message.type === 'opened') opened.resolve();
    else if (message.type === 'heard') listeners.get(message.listener)?.(message.payload);
    else if (message.type === 'answer') settle(message.id)?.resolve(message.value);
    else settle(message.id)?.reject(fromPlainDatabaseError(message.error));
  });
  worker.on('error', (error) => die(unavailable(quoted(messageOf(error)), error)));
  worker.on('exit', () => die(unavailable(say`its thread has ended`)));

  return {
    opened: opened.promise,
    async ask(asked) {
      if (death !== undefined) throw death;
      const id = ++lastId;
      const waiting = Promise.withResolvers<unknown>();
      pending.set(id, waiting);
      worker.postMessage({ ...asked, id });
      return { id, value: await waiting.promise };
    },
    hear: (listener, onMessage) => void listeners.set(listener, onMessage),
    async end() {
      await worker.terminate();
    },
  };
}

function databaseOf(thread: PgliteThread, release: () => Promise<void>): Database {
  const queriesOf = (transaction?: number): Queries => ({
    async query(sql, values = []) {
      const within = transaction !== undefined && { transaction };
      const { value } = await thread.ask({ type: 'query', sql, values, ...within });
      return value as never;
    },
  });
  return {
    ...queriesOf(),
    async transaction(work) {
      const { id } = await thread.ask({ type: 'begin' });
      const end = (isCommit: boolean) => thread.ask({ type: 'end', transaction: id, isCommit });
      let result: Awaited<ReturnType<typeof work>>;
      try {
        result = await work(queriesOf(id));
      } catch (error) {
        await end(false);
        throw error;
      }
      await end(true);
      return result;
    },
    async execute(script) {
      await thread.ask({ type: 'execute', script });
    },
    async listen(channel, onMessage) {
      let isHeard = true;
      const { id } = await thread.ask({ type: 'listen', channel });
      thread.hear(id, (payload) => {
        if (isHeard) onMessage(payload);
      });
      return async () => {
        isHeard = false;
        await thread.ask({ type: 'unlisten', listener: id });
      };
    },
    async [Symbol.asyncDispose]() {
      await thread.ask({ type: 'close' }).catch(() => {});
      await thread.end();
      await release();
    },
  };
}

function unavailable(why: Sentence, cause?: unknown): BuilderError {
  return new BuilderError('database-unavailable', say`The embedded database has stopped: ${why}`, {
    hint: say`Start Imagewright again; all that was answered is kept.`,
    ...(cause !== undefined && { cause }),
  });
}
