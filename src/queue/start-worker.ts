import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClaimedJob, type ClaimOptions, claimJob, isOneTooMany, recoverLostJobs } from '../store/job-holds.ts';
import { jobsChannel } from '../store/jobs.ts';
import { type RunJobOptions, runJob } from './run-job.ts';

export interface WorkerOptions
  extends Pick<RunJobOptions, 'database' | 'logs' | 'runner' | 'onBug'>,
    Pick<ClaimOptions, 'limits'> {
  /** How long a job stays ours without a sign of life, 15 s unless told. */
  readonly leaseMs?: number;
  /** True when no other process works on this database: what is held when we start, a dead one held. */
  readonly isOnlyWorker: boolean;
}

/** Works on jobs until it is disposed; those under way then wait to be begun again. */
export interface JobWorker extends AsyncDisposable {
  /** Names this worker in the rows of its jobs. */
  readonly name: string;
}

/** Looked for without having been told: a notification may be lost, a delay be over, another worker have died. */
const pollMs = 1000;

/** Starts a worker: it takes jobs as they come, as many at once as may run, and those of workers that died. */
export async function startWorker(options: WorkerOptions): Promise<JobWorker> {
  const { database, isOnlyWorker, limits, leaseMs = 15_000 } = options;
  const name = `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
  const stop = new AbortController();
  const underWay = new Set<Promise<void>>();
  let wake = Promise.withResolvers<void>();

  await recoverLostJobs(database, { everyLease: isOnlyWorker });
  const unlisten = await database.listen(jobsChannel, () => wake.resolve());

  const claim = (): Promise<ClaimedJob | undefined> =>
    database
      .transaction((tx) => claimJob(tx, { worker: name, leaseMs, limits }))
      .catch((error) => {
        if (isOneTooMany(error)) return undefined;
        throw error;
      });
  const begin = (job: ClaimedJob) => {
    const running = runJob(job, { ...options, worker: name, leaseMs, signal: stop.signal })
      .catch(options.onBug)
      .finally(() => {
        underWay.delete(running);
        wake.resolve();
      });
    underWay.add(running);
  };
  const work = async () => {
    while (!stop.signal.aborted) {
      wake = Promise.withResolvers<void>();
      try {
        await database.transaction((tx) => recoverLostJobs(tx));
        for (let job = await claim(); job !== undefined; job = await claim()) {
          begin(job);
          if (stop.signal.aborted) break;
        }
      } catch (error) {
        options.onBug(error);
      }
      await Promise.race([wake.promise, sleep(pollMs, undefined, { signal: stop.signal }).catch(() => {})]);
    }
  };
  const working = work();
  return {
    name,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await working;
      await Promise.all(underWay);
      await unlisten();
    },
  };
}
