import { randomUUID } from 'node:crypto';
import type { JobChange } from '../api/job-change.ts';
import type { Database } from '../store/database.ts';
import type { JobChanges } from '../store/job-changes.ts';
import { findJobsOf } from '../store/jobs.ts';
import type { Target } from './rights.ts';

/** One change of a job, as everybody who may see it is told of it. */
export interface ToldChange {
  /** Names it: `6b1f…-17`. */
  readonly eventId: string;
  readonly change: JobChange;
  /** Who may see it: whoever may see the image. */
  readonly image: Target;
}

/** Tells how jobs change: the database is asked once for all who listen. */
export interface JobFeed extends AsyncDisposable {
  /** Calls `listener` for each change until the returned function is called. */
  subscribe(listener: (told: ToldChange) => void): () => void;
  /** The changes after that one, oldest first, one a job; `undefined` when they are not known any more. */
  since(eventId: string): readonly ToldChange[] | undefined;
  /** Names the last change that was told. */
  lastEventId(): string;
}

/** A job that tells every layer is told of a few times a second. */
const gatherMs = 200;
const remembered = 500;

interface JobFeedOptions {
  readonly database: Database;
  readonly jobChanges: JobChanges;
  readonly onBug: (error: unknown) => void;
}

export function openJobFeed({ database, jobChanges, onBug }: JobFeedOptions): JobFeed {
  const run = randomUUID();
  const listeners = new Set<(told: ToldChange) => void>();
  const changed = new Set<string>();
  const history: ToldChange[] = [];
  let count = 0;
  let timer: NodeJS.Timeout | undefined;
  let telling: Promise<void> | undefined;

  const tell = async () => {
    const ids = [...changed];
    changed.clear();
    for (const { job, image } of await findJobsOf(database, ids)) {
      count += 1;
      const { id, imageName, number, state, steps, progress } = job;
      const change = { id, image: imageName, number, state, steps: [...steps], progress };
      const told = { eventId: `${run}-${count}`, change, image };
      history.push(told);
      if (history.length > remembered) history.shift();
      for (const listener of listeners) listener(told);
    }
  };
  const tellSoon = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      telling = tell().catch(onBug);
    }, gatherMs);
  };
  const stopWatching = jobChanges.watch('any', (id) => {
    changed.add(id);
    tellSoon();
  });
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    since(eventId) {
      const [, of, number] = /^(.+)-(\d{1,15})$/.exec(eventId) ?? [];
      const missed = count - Number(number);
      if (of !== run || missed < 0 || missed > history.length) return undefined;
      const latest = new Map(history.slice(history.length - missed).map((told) => [told.change.id, told]));
      return [...latest.values()];
    },
    lastEventId: () => `${run}-${count}`,
    async [Symbol.asyncDispose]() {
      stopWatching();
      clearTimeout(timer);
      await telling;
    },
  };
}
