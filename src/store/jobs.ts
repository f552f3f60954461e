import type { Problem } from '../errors.ts';
import type { Lock } from '../lock/lock.ts';
import type { SpecText } from '../spec/spec-text.ts';
import { countRows } from './count-rows.ts';
import { json, type Queries, violates } from './database.ts';
import { type Viewer, visibleTo } from './images.ts';

export const jobStates = ['Pending', 'Preparing', 'Running', 'Succeeded', 'Failed', 'Cancelled'] as const;
export type JobState = (typeof jobStates)[number];

export const jobReasons = ['create', 'edit', 'rebuild', 'rollback'] as const;
export type JobReason = (typeof jobReasons)[number];

/** States that a job does not leave. */
export const endStates: readonly JobState[] = ['Succeeded', 'Failed', 'Cancelled'];

/** What is built, and with what: a copy, so that later edits of the image change nothing of a job. */
export interface JobSpec extends SpecText {
  readonly pullSecret: string | null;
}

/** Kinds of causes, for people and for statistics. */
export const failureClasses = [
  'spec',
  'package-not-found',
  'conflict',
  'auth',
  'base',
  'registry',
  'network',
  'disk',
  'limit',
  'package',
  'timeout',
  'cancelled',
  'superseded',
  'worker-lost',
  'bug',
] as const;
export type FailureClass = (typeof failureClasses)[number];

/** Why a job did not succeed: what people read first. */
export interface JobFailure {
  readonly class: FailureClass;
  /** In which step it ended; absent when none had begun. */
  readonly step?: string;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly problems: readonly Problem[];
}

export interface JobStep {
  readonly step: string;
  readonly startedAt: string;
  readonly seconds?: number;
}

/** How far a running job is. */
export interface JobProgress {
  readonly step: string;
  readonly message: string;
  /** Of `total`; what is counted depends on the step. */
  readonly done: number;
  readonly total: number;
}

/** What a job that succeeded made. */
export interface JobOutcome {
  readonly lock: Lock;
  readonly lockDigest: string;
  readonly revision: string;
  /** `host/repo:tag@sha256:…` */
  readonly imageUrl: string;
  readonly digest: string;
  readonly totals: unknown;
}

export interface StoredJob {
  readonly id: string;
  readonly imageId: string;
  readonly imageName: string;
  /** Counts the jobs of an image, from 1. */
  readonly number: number;
  readonly state: JobState;
  readonly reason: JobReason;
  readonly requestedBy: string;
  readonly ownerGroup: string | null;
  readonly spec: JobSpec;
  readonly noCache: boolean;
  readonly lock: Lock | null;
  readonly lockDigest: string | null;
  readonly revision: string | null;
  readonly imageUrl: string | null;
  readonly digest: string | null;
  readonly steps: readonly JobStep[];
  readonly progress: JobProgress | null;
  readonly totals: unknown;
  readonly failure: JobFailure | null;
  /** How often a worker began it. */
  readonly attempt: number;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
}

type JobRow = StoredJob & Record<string, unknown>;

const columns = `id, image_id as "imageId", image_name as "imageName", number, state, reason, requested_by as "requestedBy",
  owner_group as "ownerGroup", spec, no_cache as "noCache", lock, lock_digest as "lockDigest", revision, image_url as "imageUrl", digest,
  steps, progress, totals, failure, attempt, created_at as "createdAt", started_at as "startedAt", ended_at as "endedAt"`;

/** Channel on which changes of jobs are told, by their id. */
export const jobsChannel = 'imagewright_jobs';

export async function notifyJob(queries: Queries, id: string): Promise<void> {
  await queries.query('select pg_notify($1, $2)', [jobsChannel, id]);
}

export interface NewJob {
  readonly imageId: string;
  readonly imageName: string;
  readonly reason: JobReason;
  readonly requestedBy: string;
  readonly ownerGroup: string | null;
  readonly spec: JobSpec;
  readonly noCache: boolean;
  /** Of a rollback: build exactly this. */
  readonly lock?: Lock;
}

/**
 * Adds a job and makes it its image's latest. Jobs of the image that still wait are cancelled: the newer one has all that they would
 * have built. To be called while the image is held, see `holdImage`.
 */
export async function insertJob(queries: Queries, job: NewJob): Promise<StoredJob> {
  const { imageId, imageName, reason, requestedBy, ownerGroup, spec, noCache, lock } = job;
  const rows = await queries.query<JobRow>(
    `insert into jobs (image_id, image_name, number, reason, requested_by, owner_group, spec, no_cache, lock)
     values ($1, $2, (select coalesce(max(number), 0) + 1 from jobs where image_id = $1), $3, $4, $5, $6, $7, $8)
     returning ${columns}`,
    [imageId, imageName, reason, requestedBy, ownerGroup, json(spec), noCache, json(lock)],
  );
  const added = rows[0]!;
  const superseded: JobFailure = {
    class: 'superseded',
    code: 'superseded',
    message: `Job ${added.number} was asked for before this one had begun`,
    problems: [],
  };
  // One that a worker takes at this moment is left to it: to wait for it here, with the image held, would be a deadlock.
  await queries.query(
    `update jobs set state = 'Cancelled', ended_at = now(), failure = $3 where id in (
       select id from jobs where image_id = $1 and state = 'Pending' and id <> $2 for update skip locked)`,
    [imageId, added.id, json(superseded)],
  );
  await queries.query(
    "update images set latest_job_id = $2, latest_job_state = 'Pending', updated_at = now() where id = $1",
    [imageId, added.id],
  );
  await notifyJob(queries, added.id);
  return added;
}

export async function findJob(queries: Queries, id: string): Promise<StoredJob | undefined> {
  return (await queries.query<JobRow>(`select ${columns} from jobs where id = $1`, [id]))[0];
}

/** The state alone; `undefined` when there is no such job. */
export async function findJobState(queries: Queries, id: string): Promise<JobState | undefined> {
  return (await queries.query<{ state: JobState }>('select state from jobs where id = $1', [id]))[0]?.state;
}

export interface JobQuery {
  /** Whose images' jobs; all when absent. */
  readonly viewer?: Viewer | undefined;
  readonly imageId?: string | undefined;
  readonly state?: JobState | undefined;
  readonly page: number;
  readonly pageSize: number;
}

/** A list does without what is large of a job. */
const listColumns = columns.replace(' lock, ', ' null as lock, ');

/** One page of jobs, the newest first; their locks are left out. */
export async function listJobs(
  queries: Queries,
  { viewer = 'all', imageId, state, page, pageSize }: JobQuery,
): Promise<{ readonly items: readonly StoredJob[]; readonly total: number }> {
  const values: unknown[] = [];
  const where = ['true'];
  if (imageId !== undefined) where.push(`image_id = $${values.push(imageId)}`);
  if (state !== undefined) where.push(`state = $${values.push(state)}`);
  if (viewer !== 'all') {
    where.push(`image_id in (select i.id from images i where ${visibleTo(`$${values.push([...viewer.groups])}`)})`);
  }
  const condition = where.join(' and ');
  const order = imageId === undefined ? 'created_at desc, id desc' : 'number desc';
  const from = `jobs where ${condition}`;
  const filterValues = [...values];
  const limit = `limit $${values.push(pageSize)} offset $${values.push((page - 1) * pageSize)}`;
  const items = await queries.query<JobRow>(`select ${listColumns} from ${from} order by ${order} ${limit}`, values);
  const total = await countRows(queries, { page, pageSize, found: items.length, from, values: filterValues });
  return { items, total };
}

/** A worker's hold on a job: it writes only as long as no other attempt has begun. */
export interface Hold {
  readonly id: string;
  readonly attempt: number;
  readonly worker: string;
}

export interface ClaimOptions {
  readonly worker: string;
  readonly leaseMs: number;
  /** Jobs under way at once, of all workers. */
  readonly maxRunning: number;
  /** Jobs under way at once of one group, where the group has no limit of its own. */
  readonly maxRunningPerGroup: number;
}

/** Any number that no other program on the same server locks. */
const claimLock = 2_043_771_020;

/**
 * Takes the job that has waited longest and may run, if there is one: none of its image runs, and neither all nor its group have reached
 * their limit. Claims come one after another. To be called in a transaction.
 */
export async function claimJob(tx: Queries, options: ClaimOptions): Promise<StoredJob | undefined> {
  const { worker, leaseMs, maxRunning, maxRunningPerGroup } = options;
  await tx.query('select pg_advisory_xact_lock($1)', [claimLock]);
  const rows = await tx.query<JobRow>(
    `with running as (select image_id, owner_group from jobs where state in ('Preparing', 'Running')),
       next as (
         select w.id from jobs w
         where w.state = 'Pending' and w.not_before <= now()
           and (select count(*) from running) < $3
           and not exists (select 1 from running r where r.image_id = w.image_id)
           and (w.owner_group is null or (select count(*) from running r where r.owner_group = w.owner_group) < $4)
         order by w.created_at limit 1)
     update jobs set state = 'Preparing', attempt = attempt + 1, worker = $1, lease_until = now() + $2 * interval '1 millisecond',
       started_at = coalesce(started_at, now()), steps = '[]', progress = null, failure = null
     where id in (select id from next) and state = 'Pending' returning ${columns}`,
    [worker, leaseMs, maxRunning, maxRunningPerGroup],
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
  | { readonly state: 'Pending'; readonly delayMs: number };

/**
 * Ends an attempt; false, and nothing is written, when the job is no longer the worker's. A success becomes a revision of its image.
 * To be called in a transaction.
 */
export async function endAttempt(tx: Queries, { id, attempt, worker }: Hold, ending: Ending): Promise<boolean> {
  const values = [id, attempt, worker];
  const rows = await (ending.state === 'Pending'
    ? tx.query<JobRow>(
        `update jobs set state = 'Pending', worker = null, lease_until = null, not_before = now() + $4 * interval '1 millisecond'
         where ${held} returning ${columns}`,
        [...values, ending.delayMs],
      )
    : ending.state === 'Succeeded'
      ? tx.query<JobRow>(
          `update jobs set state = 'Succeeded', ended_at = now(), lease_until = null, progress = null, steps = $4, lock = $5,
             lock_digest = $6, revision = $7, image_url = $8, digest = $9, totals = $10
           where ${held} returning ${columns}`,
          [...values, json(ending.steps), ...outcomeValues(ending.outcome)],
        )
      : tx.query<JobRow>(
          `update jobs set state = $4, ended_at = now(), lease_until = null, progress = null, steps = $5, failure = $6
           where ${held} returning ${columns}`,
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

/**
 * Cancels a job in whatever state it is; false when it has ended already. A worker that has it finds out at its next write, which is
 * refused.
 */
export async function cancelJob(queries: Queries, id: string, by: string): Promise<boolean> {
  const failure: JobFailure = { class: 'cancelled', code: 'cancelled', message: `Cancelled by ${by}`, problems: [] };
  const rows = await queries.query(
    `update jobs set state = 'Cancelled', ended_at = now(), lease_until = null, progress = null, failure = $2
     where id = $1 and state in ('Pending', 'Preparing', 'Running') returning id`,
    [id, json(failure)],
  );
  if (rows.length > 0) await notifyJob(queries, id);
  return rows.length > 0;
}

/** Cancels all that is not ended of an image. */
export async function cancelJobsOf(queries: Queries, imageId: string, by: string): Promise<void> {
  const open = await queries.query<{ id: string }>(
    `select id from jobs where image_id = $1 and state in ('Pending', 'Preparing', 'Running')`,
    [imageId],
  );
  for (const { id } of open) await cancelJob(queries, id, by);
}

/** How often a job is begun before it is given up because its workers keep dying. */
const maxAttempts = 3;

/**
 * Takes jobs from workers whose lease has run out (all leases, when `everyLease`: the only worker there can be has just started): they
 * wait to be begun again, or fail when that has happened too often. Gives the ids.
 */
export async function recoverLostJobs(queries: Queries, { everyLease = false } = {}): Promise<readonly string[]> {
  const failure: JobFailure = {
    class: 'worker-lost',
    code: 'worker-lost',
    message: `The process that built it ended without a word, ${maxAttempts} times in a row`,
    hint: 'Look into the log of the server: memory may have run out. Then rebuild.',
    problems: [],
  };
  const lost = await queries.query<{ id: string }>(
    `update jobs set
       state = case when attempt >= $2 then 'Failed' else 'Pending' end,
       failure = case when attempt >= $2 then $3::jsonb end,
       ended_at = case when attempt >= $2 then now() end,
       worker = null, lease_until = null, progress = null, not_before = now()
     where state in ('Preparing', 'Running') and (lease_until < now() or $1) returning id`,
    [everyLease, maxAttempts, json(failure)],
  );
  for (const { id } of lost) await notifyJob(queries, id);
  return lost.map(({ id }) => id);
}

/** How many jobs wait and are under way. */
export async function countJobs(queries: Queries): Promise<Readonly<Partial<Record<JobState, number>>>> {
  const rows = await queries.query<{ state: JobState; count: number }>(
    `select state, count(*)::int as count from jobs where state in ('Pending', 'Preparing', 'Running') group by state`,
  );
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}

/** True for the error of two jobs of an image that would run at once. */
export function isOneTooMany(error: unknown): boolean {
  return violates(error, 'jobs_one_running_per_image');
}
