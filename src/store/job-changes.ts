import type { Database } from './database.ts';
import { jobsChannel } from './jobs.ts';

/** Tells this process when jobs change, whichever process changes them. A message may get lost: who waits looks for himself now and then. */
export interface JobChanges extends AsyncDisposable {
  /** Calls `tell` with every change of the job, or of any job, until the function that it gives is called. */
  watch(jobId: string | 'any', tell: (jobId: string) => void): () => void;
}

/** Listens once for all who watch. */
export async function openJobChanges(database: Database): Promise<JobChanges> {
  const watchers = new Map<string, Set<(jobId: string) => void>>();
  const tellAll = (key: string, jobId: string) => {
    for (const tell of watchers.get(key) ?? []) tell(jobId);
  };
  const unlisten = await database.listen(jobsChannel, (jobId) => {
    tellAll(jobId, jobId);
    tellAll('any', jobId);
  });
  return {
    watch(key, tell) {
      const ofKey = watchers.get(key) ?? new Set();
      watchers.set(key, ofKey.add(tell));
      return () => {
        ofKey.delete(tell);
        if (ofKey.size === 0 && watchers.get(key) === ofKey) watchers.delete(key);
      };
    },
    [Symbol.asyncDispose]: unlisten,
  };
}
