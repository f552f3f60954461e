import type { Problem } from '../errors.ts';
import type { Lock } from '../lock/lock.ts';
import type { Sentence } from '../sentence.ts';
import { say } from '../sentence.ts';
import type { SpecText } from '../spec/spec-text.ts';
import { countRows } from './count-rows.ts';
import { json, type Queries } from './database.ts';
import { type StoredImage, type Viewer, visibleTo } from './images.ts';
import { listRows } from './list-rows.ts';

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
  readonly message: Sentence;
  readonly hint?: Sentence;
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

/** What one build may use. */
export interface JobLimits {
  /** Longest time, of one attempt. */
  readonly timeoutMinutes: number;
  /** Memory of the programs that it runs in the sandbox. */
  readonly memoryMiB: number;
  /** Packages as downloaded and layers as made, together. */
  readonly diskMiB: number;
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
  /** What it may use; told once a worker has taken it. */
  readonly limits: JobLimits | null;
  /** How often a worker began it. */
  readonly attempt: number;
  /** How often it was tried again because something went wrong that may pass. */
  readonly retries: number;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
}

export type JobRow = StoredJob & Record<string, unknown>;

/** The columns of a `JobRow`. */
export const jobColumns = `id, image_id as "imageId", image_name as "imageName", number, state, reason, requested_by as "requestedBy",
  owner_group as "ownerGroup", spec, no_cache as "noCache", lock, lock_digest as "lockDigest", revision, image_url as "imageUrl", digest,
  steps, progress, totals, failure, limits, attempt, retries, created_at as "createdAt", started_at as "startedAt", ended_at as "endedAt"`;

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
     returning ${jobColumns}`,
    [imageId, imageName, reason, requestedBy, ownerGroup, json(spec), noCache, json(lock)],
  );
  const added = rows[0]!;
  const superseded: JobFailure = {
    class: 'superseded',
    code: 'superseded',
    message: say`Job ${added.number} was asked for before this one had begun`,
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
  return (await queries.query<JobRow>(`select ${jobColumns} from jobs where id = $1`, [id]))[0];
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
  readonly requestedBy?: string | undefined;
  readonly page: number;
  readonly pageSize: number;
}

/** A list does without what is large of a job. */
const listColumns = jobColumns.replace(' lock, ', ' null as lock, ');

/** One page of jobs, the newest first; their locks are left out. */
export async function listJobs(
  queries: Queries,
  { viewer = 'all', imageId, state, requestedBy, page, pageSize }: JobQuery,
): Promise<{ readonly items: readonly StoredJob[]; readonly total: number }> {
  const values: unknown[] = [];
  const where = ['true'];
  if (imageId !== undefined) where.push(`image_id = $${values.push(imageId)}`);
  if (state !== undefined) where.push(`state = $${values.push(state)}`);
  if (requestedBy !== undefined) where.push(`requested_by = $${values.push(requestedBy)}`);
  if (viewer !== 'all') {
    where.push(`image_id in (select i.id from images i where ${visibleTo(`$${values.push([...viewer.groups])}`)})`);
  }
  const condition = where.join(' and ');
  const order = imageId === undefined ? 'created_at desc, id desc' : 'number desc';
  const from = `jobs where ${condition}`;
  const filterValues = [...values];
  const limit = `limit $${values.push(pageSize)} offset $${values.push((page - 1) * pageSize)}`;
  const items = await listRows<StoredJob>(queries, {
    sql: `select ${listColumns} from ${from} order by ${order} ${limit}`,
    values,
    dates: ['createdAt', 'startedAt', 'endedAt'],
  });
  const total = await countRows(queries, { page, pageSize, found: items.length, from, values: filterValues });
  return { items, total };
}

/** A job, without its lock, and who may see its image. */
export interface JobOfImage {
  readonly job: StoredJob;
  readonly image: Pick<StoredImage, 'isGlobal' | 'groups' | 'ownerGroup'>;
}

/** The jobs of these ids that there are. */
export async function findJobsOf(queries: Queries, ids: readonly string[]): Promise<readonly JobOfImage[]> {
  const jobs = await queries.query<JobRow>(`select ${listColumns} from jobs where id = any($1::uuid[])`, [[...ids]]);
  const images = await queries.query<JobOfImage['image'] & { readonly id: string }>(
    `select id, is_global as "isGlobal", groups, owner_group as "ownerGroup" from images where id = any($1::uuid[])`,
    [jobs.map(({ imageId }) => imageId)],
  );
  const byId = new Map(images.map((image) => [image.id, image]));
  return jobs.flatMap((job) => {
    const image = byId.get(job.imageId);
    return image === undefined ? [] : [{ job, image }];
  });
}

/**
 * Cancels a job in whatever state it is; false when it has ended already. A worker that has it finds out at its next write, which is
 * refused.
 */
export async function cancelJob(queries: Queries, id: string, by: string): Promise<boolean> {
  const failure: JobFailure = { class: 'cancelled', code: 'cancelled', message: say`Cancelled by ${by}`, problems: [] };
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

/** How many jobs wait and are under way. */
export async function countJobs(queries: Queries): Promise<Readonly<Partial<Record<JobState, number>>>> {
  const rows = await queries.query<{ state: JobState; count: number }>(
    `select state, count(*)::int as count from jobs where state in ('Pending', 'Preparing', 'Running') group by state`,
  );
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}

/** How many jobs of a group are under way. */
export async function countRunningOf(queries: Queries, group: string): Promise<number> {
  const rows = await queries.query<{ count: number }>(
    `select count(*)::int as count from jobs where owner_group = $1 and state in ('Preparing', 'Running')`,
    [group],
  );
  return rows[0]!.count;
}
