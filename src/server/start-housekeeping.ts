import { pruneCache } from '../build/prune-cache.ts';
import { isBuilderError } from '../errors.ts';
import { forgetDeleted } from '../queue/forget-deleted.ts';
import type { Database } from '../store/database.ts';
import type { LogStore } from '../store/logs/log-store.ts';
import { everyHour } from '../threads/every-hour.ts';
import type { EmbeddedRegistry } from './open-registry.ts';

export interface HousekeepingOptions {
  readonly database: Database;
  readonly logs: LogStore;
  readonly registry: Pick<EmbeddedRegistry, 'collect'>;
  readonly cacheDir: string;
  /** What of the cache was not used for long may take so much on the disk. */
  readonly maxCacheBytes: number;
  /** How long jobs and logs of deleted images are kept. */
  readonly keepDeletedMs: number;
  readonly log: (line: string) => void;
  /** Makes what is told of a failure that is our own. */
  readonly bugLogger: (where: string) => (error: unknown) => void;
}

/** What a service does every hour, that its disk does not fill, until it is disposed. */
export function startHousekeeping(options: HousekeepingOptions): AsyncDisposable {
  const { database, logs, registry, cacheDir, maxCacheBytes, keepDeletedMs, log, bugLogger } = options;
  const onCollectFailure = (error: unknown) => {
    if (!isBuilderError(error)) return bugLogger('collecting garbage')(error);
    log(`collecting garbage: ${error.message}. ${error.hint ?? ''}`);
  };
  const stack = new AsyncDisposableStack();
  stack.use(
    everyHour((signal) => pruneCache(cacheDir, { maxBytes: maxCacheBytes, signal }), {
      onFailure: bugLogger('pruning the cache'),
    }),
  );
  stack.use(everyHour(() => registry.collect({ isDryRun: false }), { onFailure: onCollectFailure, isAtOnce: false }));
  stack.use(
    everyHour(() => forgetDeleted({ database, logs, keepDeletedMs }), {
      onFailure: bugLogger('forgetting what was deleted'),
    }),
  );
  return stack;
}
