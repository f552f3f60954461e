import { setTimeout as sleep } from 'node:timers/promises';
import { BuilderError, errorTable, isBuilderError } from '../errors.ts';
import type { Database } from '../store/database.ts';
import { type ClaimedJob, type Ending, endAttempt, type Hold, renewHold } from '../store/job-holds.ts';
import type { LogStore } from '../store/logs/log-store.ts';
import { describeFailure, timeoutError } from './describe-failure.ts';
import { createJobCourse, type JobCourse } from './job-course.ts';
import { createJobLog, failureLines } from './job-log.ts';
import type { Runner } from './runner.ts';

export interface RunJobOptions {
  readonly database: Database;
  readonly logs: LogStore;
  readonly runner: Runner;
  readonly worker: string;
  readonly leaseMs: number;
  /** Fires when the process is to end: the job then waits to be begun again. */
  readonly signal: AbortSignal;
  /** Hears of what is our own fault. */
  readonly onBug: (error: unknown) => void;
}

/** A hold is renewed this often within its lease, so that one late renewal loses nothing. */
const renewalsPerLease = 5;
/** At most this long until a worker notices that its job was cancelled. */
const longestRenewalMs = 1000;
/** How often what went wrong and may pass is tried again. */
const maxRetries = 2;

/** Why a worker lets a job go without a word about it. */
class HoldLost extends Error {}

/** Runs a claimed job to its end, and writes its log and its course, as long as it is ours. */
export async function runJob(job: ClaimedJob, options: RunJobOptions): Promise<void> {
  const { database, logs, runner, worker, signal } = options;
  const { timeoutMinutes } = job.limits;
  const hold: Hold = { id: job.id, attempt: job.attempt, worker };
  const stop = new AbortController();
  const course = createJobCourse();
  const log = await logs.openWriter(job.id, job.attempt, { secrets: await runner.secretsOf(job) });
  const writeLines = (lines: readonly string[]) => {
    for (const line of lines) log.write(`${new Date().toISOString()} ${line}`);
  };
  const jobLog = createJobLog();
  const renewing = keepHold(hold, { ...options, course, stop });
  const timer = setTimeout(() => stop.abort(timeoutError(timeoutMinutes)), timeoutMinutes * 60_000);
  if (job.attempt > 1) writeLines([`Attempt ${job.attempt}`]);

  let ending: Ending;
  try {
    const outcome = await runner.run(job, {
      signal: AbortSignal.any([stop.signal, signal]),
      onEvent(event) {
        course.see(event);
        writeLines(jobLog.linesOf(event));
      },
    });
    ending = { state: 'Succeeded', outcome, steps: course.steps };
    writeLines([`[Completed] ${outcome.imageUrl}`]);
  } catch (error) {
    // What the build throws then is only that it was told to stop.
    const cause = stop.signal.aborted ? stop.signal.reason : error;
    if (!(cause instanceof HoldLost) && !signal.aborted && !isBuilderError(cause)) options.onBug(cause);
    ending = endingOf(cause, job, { course, isStopping: signal.aborted && !stop.signal.aborted });
    if (cause instanceof HoldLost) writeLines(['Stopped: the job was cancelled, or another worker has it now']);
    else if (ending.state === 'Pending') writeLines([laterLine(ending.delayMs, cause)]);
    else if (ending.state === 'Failed' || ending.state === 'Cancelled') writeLines(failureLines(ending.failure));
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
  await renewing;
  await log.end();
  await database.transaction((tx) => endAttempt(tx, hold, ending));
}

function endingOf(
  cause: unknown,
  job: ClaimedJob,
  { course, isStopping }: { readonly course: JobCourse; readonly isStopping: boolean },
): Ending {
  if (isStopping) return { state: 'Pending', delayMs: 0, isRetry: false };
  if (cause instanceof BuilderError && errorTable[cause.code].retryable && job.retries < maxRetries) {
    return { state: 'Pending', delayMs: 2000 * 4 ** job.retries, isRetry: true };
  }
  return { state: 'Failed', failure: describeFailure(cause, course.step), steps: course.steps };
}

function laterLine(delayMs: number, cause: unknown): string {
  if (delayMs === 0) return 'The server is stopping; the job goes on when it is back';
  const why = cause instanceof Error ? cause.message : String(cause);
  return `${why}. That may pass: it is tried again in ${delayMs / 1000} s`;
}

/** Renews the hold, with what is new of the course, until the job stops; stops it when the hold is lost. */
async function keepHold(
  hold: Hold,
  {
    database,
    leaseMs,
    course,
    stop,
  }: Pick<RunJobOptions, 'database' | 'leaseMs'> & { course: JobCourse; stop: AbortController },
): Promise<void> {
  const everyMs = Math.min(leaseMs / renewalsPerLease, longestRenewalMs);
  let renewedAt = Date.now();
  while (!stop.signal.aborted) {
    await sleep(everyMs, undefined, { signal: stop.signal }).catch(() => {});
    if (stop.signal.aborted) return;
    try {
      if (!(await renewHold(database, hold, { leaseMs, ...course.takeUpdate() }))) return stop.abort(new HoldLost());
      renewedAt = Date.now();
    } catch {
      // The database may be back in time.
      if (Date.now() - renewedAt > leaseMs) return stop.abort(new HoldLost());
    }
  }
}
