import { say } from '../sentence.ts';
import { json, type Queries, violates } from './database.ts';
import {
  type JobFailure,
  type JobLimits,
  type JobOutcome,
  type JobProgress,
  type JobRow,
  type JobStep,
  jobColumns,
  notifyJob,
  type StoredJob,
} from './jobs.ts';

/** A worker's hold on a job: it writes only as long as no other attempt has begun. */
export interface Hold {
  readonly id: string;
  readonly attempt: number;
  readonly worker: string;
}

/** A job that a worker has. */
export interface ClaimedJob extends StoredJob {
  readonly limits: JobLimits;
}

/** What the platform allows; a group may have limits of its own in place of all but the first. */
export interface PlatformLimits extends JobLimits {
  /** Jobs under way at once, of all workers. */
  readonly maxRunningJobs: number;
  readonly maxRunningJobsPerGroup: number;
}

export interface ClaimOptions {
  readonly worker: string;
  readonly leaseMs: number;
  readonly limits: PlatformLimits;
}

/** Any number that no other program on the same server locks. */
const claimLock = 2_043_771_020;

/**
 * Takes the job that has waited longest and may run, if there is one: none of its image runs, and neither all nor its group have reached
 * their limit. Claims come one after another. To be called in a transaction.
 */
export async function claimJob(tx: Queries, options: ClaimOptions): Promise<ClaimedJob | undefined> {
  const { worker, leaseMs, limits } = options;
  const { maxRunningJobs, maxRunningJobsPerGroup, ...ofJob } = limits;
  await tx.query('select pg_advisory_xact_lock($1)', [claimLock]);
  const rows = await tx.query<ClaimedJob & JobRow>(
    `with running as (select image_id, owner_group from jobs where state in ('Preparing', 'Running')),
       next as (
         select w.id, $5::jsonb || coalesce(g.limits - 'maxRunningJobs', '{}') as limits
         from jobs w left join groups g on g.name = w.owner_group
         where w.state = 'Pending' and w.not_before <= now()
           and (select count(*) from running) < $3
           and not exists (select 1 from running r where r.image_id = w.image_id)
           and (w.owner_group is null or (select count(*) from running r where r.owner_group = w.owner_group)
             < coalesce((g.limits ->> 'maxRunningJobs')::int, $4))
         order by w.created_at limit 1)
     update jobs set state = 'Preparing', attempt = attempt + 1, worker = $1, lease_until = now() + $2 * interval '1 millisecond',
       started_at = coalesce(started_at, now()), steps = '[]', progress = null, failure = null,
       limits = (select next.limits from next)
     where id in (select next.id from next) and state = 'Pending' returning ${jobColumns}`,
    [worker, leaseMs, maxRunningJobs, maxRunningJobsPerGroup, json(ofJob)],
  );
  if (rows[0] !== undefined) await notifyJob(tx, rows[0].id);
  return rows[0];
}

const held = `id = $1 and attempt = $2 and worker = $3 and state in ('Preparing', 'Running')`;

/** What a worker may tell of a job while it has it. */
export interface JobUpdate {
  readonly state?: 'Preparing' | 'Running';
  readonly steps?: readonly JobStep[];
  readonly progress?: JobProgress;
}

/** Renews the lease and notes how far the job is; false when the job is no longer the worker's. */
export async function renewHold(
  queries: Queries,
  { id, attempt, worker }: Hold,
  { leaseMs, state, steps, progress }: JobUpdate & { readonly leaseMs: number },
): Promise<boolean> {
  const rows = await queries.query(
    `update jobs set lease_until = now() + $4 * interval '1 millisecond', state = coalesce($5, state), steps = coalesce($6, steps),
       progress = coalesce($7, progress)
     where ${held} returning id`,
    [id, attempt, worker, leaseMs, state ?? null, json(steps), json(progress)],
  );
  if (rows.length > 0 && (state ?? steps ?? progress) !== undefined) await notifyJob(queries, id);
  return rows.length > 0;
}

/** How an attempt ended. */
export type Ending =
  | { readonly state: 'Succeeded'; readonly outcome: JobOutcome; readonly steps: readonly JobStep[] }
  | { readonly state: 'Failed' | 'Cancelled'; readonly failure: JobFailure; readonly steps: readonly JobStep[] }
  /** Tried again, not before the delay is over. */
  | { readonly state: 'Pending'; readonly delayMs: number; readonly isRetry: boolean };

/**
 * Ends an attempt; false, and nothing is written, when the job is no longer the worker's. A success becomes a revision of its image.
 * To be called in a transaction.
 */
export async function endAttempt(tx: Queries, { id, attempt, worker }: Hold, ending: Ending): Promise<boolean> {
  const values = [id, attempt, worker];
  const rows = await (ending.state === 'Pending'
    ? tx.query<JobRow>(
        `update jobs set state = 'Pending', worker = null, lease_until = null, not_before = now() + $4 * interval '1 millisecond',
           retries = retries + $5::int
         where ${held} returning ${jobColumns}`,
        [...values, ending.delayMs, ending.isRetry ? 1 : 0],
      )
    : ending.state === 'Succeeded'
      ? tx.query<JobRow>(
          `update jobs set state = 'Succeeded', ended_at = now(), lease_until = null, progress = null, steps = $4, lock = $5,
             lock_digest = $6, revision = $7, image_url = $8, digest = $9, totals = $10
           where ${held} returning ${jobColumns}`,
          [...values, json(ending.steps), ...outcomeValues(ending.outcome)],
        )
      : tx.query<JobRow>(
          `update jobs set state = $4, ended_at = now(), lease_until = null, progress = null, steps = $5, failure = $6
           where ${held} returning ${jobColumns}`,
          [...values, ending.state, json(ending.steps), json(ending.failure)],
        ));
  const job = rows[0];
  if (job === undefined) return false;
  if (ending.state === 'Succeeded') await insertRevision(tx, job, ending.outcome);
  await notifyJob(tx, id);
  return true;
}

function outcomeValues({ lock, lockDigest, revision, imageUrl, digest, totals }: JobOutcome): unknown[] {
  return [json(lock), lockDigest, revision, imageUrl, digest, json(totals)];
}

/** The same lock gives the same revision: it stays as it was first built, and becomes the one in force. */
async function insertRevision(tx: Queries, job: StoredJob, outcome: JobOutcome): Promise<void> {
  const { lock, lockDigest, revision, imageUrl, digest } = outcome;
  await tx.query(
    `insert into revisions (image_id, revision, number, job_id, spec, lock, lock_digest, image_url, digest)
     values ($1, $2, (select coalesce(max(number), 0) + 1 from revisions where image_id = $1), $3, $4, $5, $6, $7, $8)
     on conflict (image_id, revision) do nothing`,
    [job.imageId, revision, job.id, json(job.spec), json(lock), lockDigest, imageUrl, digest],
  );
  await tx.query('update images set ready_revision = $2, ready_url = $3, updated_at = now() where id = $1', [
    job.imageId,
    revision,
    imageUrl,
  ]);
}

/** How many workers a job loses before it is given up. */
const maxLosses = 3;

/**
 * Takes jobs from workers whose lease has run out (all leases, when `everyLease`: the only worker there can be has just started): they
 * wait to be begun again, or fail when that has happened too often. Gives the ids.
 */
export async function recoverLostJobs(queries: Queries, { everyLease = false } = {}): Promise<readonly string[]> {
  const failure: JobFailure = {
    class: 'worker-lost',
    code: 'worker-lost',
    message: say`The process that built it ended without a word, ${maxLosses} times in a row`,
    hint: say`Look into the log of the server: memory may have run out. Then rebuild.`,
    problems: [],
  };
  const lost = await queries.query<{ id: string }>(
    `update jobs set
       state = case when losses + 1 >= $2 then 'Failed' else 'Pending' end,
       failure = case when losses + 1 >= $2 then $3::jsonb end,
       ended_at = case when losses + 1 >= $2 then now() end,
       losses = losses + 1, worker = null, lease_until = null, progress = null, not_before = now()
     where state in ('Preparing', 'Running') and (lease_until < now() or $1) returning id`,
    [everyLease, maxLosses, json(failure)],
  );
  for (const { id } of lost) await notifyJob(queries, id);
  return lost.map(({ id }) => id);
}

/** True for the error of two jobs of an image that would run at once. */
export function isOneTooMany(error: unknown): boolean {
  return violates(error, 'jobs_one_running_per_image');
}
