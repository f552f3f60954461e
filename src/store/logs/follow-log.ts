import type { LogPart, LogStore } from './log-store.ts';

/** Lines that were added, and where the next one will begin. */
export interface LogChunk {
  readonly offset: number;
  readonly lines: readonly string[];
}

/** Whether a job has ended: `true` while its worker may still have a last word, `whole` when the log is whole, too. */
export type LogEnding = boolean | 'whole';

export interface FollowOptions {
  /** Where to begin, 0 when absent; the `offset` of the last chunk goes on without gap or repeat. */
  readonly from?: number;
  /** Asked at every change and twice a second, once for all who follow the job. */
  readonly isEnded: () => LogEnding | Promise<LogEnding>;
  /** Has `tell` called when the answer to that may be another, until the function that it gives is called. */
  readonly watchEnd?: ((tell: () => void) => () => void) | undefined;
  /** Ends it, too. */
  readonly signal?: AbortSignal;
}

/** Writers in other processes do not tell, and what is told may get lost. */
const pollMs = 500;

/**
 * Gives the lines of a job's log as they come, and ends when the job has ended and all is read, or on the signal. A job that ends meanwhile
 * may still have something to say, as a cancelled one does: it is listened to until half a second brings nothing. All who follow a job
 * share what is read: those that stand at the same place get the same chunk.
 */
export async function* followLog(
  store: LogStore,
  jobId: string,
  { from = 0, isEnded, watchEnd, signal }: FollowOptions,
): AsyncGenerator<LogChunk, void, void> {
  const feed = joinFeed(store, jobId, watchEnd);
  let offset = from;
  let hadEnded: LogEnding | undefined;
  try {
    while (!signal?.aborted) {
      // Taken before reading, so that no change is missed.
      const changed = feed.nextChange();
      const hasEnded = await feed.hasEnded(isEnded);
      const isOver = hasEnded === 'whole' || (hasEnded && hadEnded !== false);
      let isQuiet = true;
      for (;;) {
        const chunk = await feed.read(offset, isOver);
        offset = chunk.offset;
        if (signal?.aborted || chunk.lines.length === 0) break;
        isQuiet = false;
        yield chunk;
      }
      if (isOver && (isQuiet || hasEnded === 'whole' || hadEnded === undefined)) return;
      hadEnded = hasEnded;
      await either(changed, signal);
    }
  } finally {
    feed.leave();
  }
}

/** Not `Promise.race`: the signal would remember every wait for as long as it lives. */
function either(changed: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      signal?.removeEventListener('abort', end);
      resolve();
    };
    signal?.addEventListener('abort', end);
    if (signal?.aborted) end();
    void changed.then(end);
  });
}

/** What all who follow one job have in common. */
interface Feed {
  /** Resolves when there may be something new. */
  nextChange(): Promise<void>;
  hasEnded(ask: FollowOptions['isEnded']): Promise<LogEnding>;
  read(from: number, isEnded: boolean): Promise<LogChunk>;
  leave(): void;
}

interface OpenFeed extends Feed {
  followers: number;
}

const feeds = new WeakMap<LogStore, Map<string, OpenFeed>>();

function joinFeed(store: LogStore, jobId: string, watchEnd: FollowOptions['watchEnd']): Feed {
  const ofStore = feeds.get(store) ?? new Map<string, OpenFeed>();
  feeds.set(store, ofStore);
  const feed = ofStore.get(jobId) ?? openFeed(store, jobId, { watchEnd, onClose: () => ofStore.delete(jobId) });
  ofStore.set(jobId, feed);
  feed.followers++;
  return feed;
}

function openFeed(
  store: LogStore,
  jobId: string,
  { watchEnd, onClose }: Pick<FollowOptions, 'watchEnd'> & { readonly onClose: () => void },
): OpenFeed {
  let change = Promise.withResolvers<void>();
  let ended: Promise<LogEnding> | undefined;
  const reads = new Map<string, Promise<LogChunk>>();

  const tell = () => {
    // A reading that has begun before may lack what is new.
    reads.clear();
    ended = undefined;
    const told = change;
    change = Promise.withResolvers();
    told.resolve();
  };
  const unwatch = [store.watch(jobId, tell), ...(watchEnd === undefined ? [] : [watchEnd(tell)])];
  const poll = setInterval(tell, pollMs);

  const read = (from: number, isEnded: boolean): Promise<LogChunk> => {
    const place = `${from} ${isEnded}`;
    const shared = reads.get(place);
    if (shared !== undefined) return shared;
    const own = store.read(jobId, { from, isEnded }).then(chunkOf);
    reads.set(place, own);
    const forget = () => reads.get(place) === own && reads.delete(place);
    own.then(forget, forget);
    return own;
  };

  const feed: OpenFeed = {
    followers: 0,
    nextChange: () => change.promise,
    hasEnded(ask) {
      ended ??= Promise.resolve(ask());
      return ended;
    },
    read,
    leave() {
      if (--feed.followers > 0) return;
      clearInterval(poll);
      for (const leave of unwatch) leave();
      onClose();
    },
  };
  return feed;
}

const chunkOf = ({ lines, to }: LogPart): LogChunk => ({ offset: to, lines });
