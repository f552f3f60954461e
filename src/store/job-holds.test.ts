import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../test/fresh-database.ts';
import { buildNewImage } from '../../test/stored-images.ts';
import { addJobOf, addJobTo } from '../../test/stored-jobs.ts';
import type { Lock } from '../lock/lock.ts';
import { say } from '../sentence.ts';
import type { Database } from './database.ts';
import { findImageById, type NewImage } from './images.ts';
import { claimJob, endAttempt, type Hold, type PlatformLimits, recoverLostJobs, renewHold } from './job-holds.ts';
import { cancelJob, countRunningOf, findJob, type StoredJob } from './jobs.ts';
import { insertGroup } from './people/groups.ts';
import { listRevisions } from './revisions.ts';

let database: Database;
beforeAll(async () => {
  database = await freshDatabase();
}, 60_000);
afterAll(() => database[Symbol.asyncDispose]());
beforeEach(() => database.query('truncate images cascade'));

const limits: PlatformLimits = {
  ...{ maxRunningJobs: 10, maxRunningJobsPerGroup: 10 },
  ...{ timeoutMinutes: 1, memoryMiB: 100, diskMiB: 100 },
};
const claim = (worker = 'w', more: Partial<typeof limits> = {}, leaseMs = 60_000) =>
  database.transaction((tx) => claimJob(tx, { worker, leaseMs, limits: { ...limits, ...more } }));
const holdOf = ({ id, attempt }: StoredJob, worker = 'w'): Hold => ({ id, attempt, worker });

const addJob = (image?: Partial<NewImage>) => addJobOf(database, image);

const lock: Lock = {
  lockVersion: 1,
  base: {
    reference: 'r.example.com/base:1',
    digest: `sha256:${'a'.repeat(64)}` as Lock['base']['digest'],
    platform: 'linux/amd64',
  },
  packages: [],
};
const outcome = {
  lock,
  lockDigest: 'sha256:b',
  revision: '1a2b3c4d',
  imageUrl: 'r/demo:1a2b3c4d',
  digest: 'sha256:c',
  totals: {},
};

describe('claiming', () => {
  it('takes what has waited longest, once', async () => {
    const [first, second] = [await addJob({ name: 'a' }), await addJob({ name: 'b' })];
    const claimed = await Promise.all([claim(), claim(), claim()]);
    // Who comes first of three that ask at once is not said.
    const found = claimed.flatMap((job) => job ?? []).sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime());
    expect(found.map(({ id }) => id)).toEqual([first.id, second.id]);
    expect(found[0]).toMatchObject({ state: 'Preparing', attempt: 1 });
  });

  it('runs one job of an image at a time', async () => {
    const first = await addJob();
    await claim();
    await addJobTo(database, first.imageId, buildNewImage());
    expect(await claim()).toBeUndefined();
    await database.transaction((tx) =>
      endAttempt(tx, { ...holdOf(first), attempt: 1 }, { state: 'Succeeded', outcome, steps: [] }),
    );
    expect(await claim()).toMatchObject({ number: 2 });
  });

  it('keeps to the limits of all and of a group', async () => {
    await addJob({ name: 'a', ownerGroup: 'g' });
    await addJob({ name: 'b', ownerGroup: 'g' });
    await addJob({ name: 'c' });
    expect(await claim('w', { maxRunningJobsPerGroup: 1 })).toMatchObject({ imageName: 'a' });
    expect(await claim('w', { maxRunningJobsPerGroup: 1 })).toMatchObject({ imageName: 'c' });
    expect(await claim('w', { maxRunningJobsPerGroup: 1 })).toBeUndefined();
    expect(await claim('w', { maxRunningJobs: 2 })).toBeUndefined();
    expect(await claim('w', { maxRunningJobs: 3 })).toMatchObject({ imageName: 'b' });
  });

  it('keeps to the limits that a group has of its own', async () => {
    await insertGroup(database, { name: 'few', displayName: '', limits: { maxRunningJobs: 1, timeoutMinutes: 5 } });
    await addJob({ name: 'a', ownerGroup: 'few' });
    await addJob({ name: 'b', ownerGroup: 'few' });
    expect(await claim()).toMatchObject({
      imageName: 'a',
      limits: { timeoutMinutes: 5, memoryMiB: 100, diskMiB: 100 },
    });
    expect(await claim()).toBeUndefined();
    expect(await countRunningOf(database, 'few')).toBe(1);
  });

  it('leaves out what a newer job has superseded', async () => {
    const old = await addJob();
    const newer = await addJobTo(database, old.imageId, buildNewImage());
    expect(await findJob(database, old.id)).toMatchObject({ state: 'Cancelled', failure: { class: 'superseded' } });
    expect((await claim())?.id).toBe(newer.id);
    expect(await findImageById(database, old.imageId)).toMatchObject({
      latestJobId: newer.id,
      latestJobState: 'Preparing',
    });
  });
});

describe('holding', () => {
  it('notes course and end, and makes a revision of a success', async () => {
    const { id, imageId } = await addJob();
    const job = (await claim())!;
    expect(await renewHold(database, holdOf(job), { leaseMs: 1000, state: 'Running' })).toBe(true);
    const steps = [{ step: 'base', startedAt: '2026-01-01T00:00:00Z', seconds: 1 }];
    await database.transaction((tx) => endAttempt(tx, holdOf(job), { state: 'Succeeded', outcome, steps }));
    expect(await findJob(database, id)).toMatchObject({
      state: 'Succeeded',
      steps,
      revision: '1a2b3c4d',
      endedAt: expect.any(Date),
    });
    expect(await findImageById(database, imageId)).toMatchObject({
      readyRevision: '1a2b3c4d',
      readyUrl: outcome.imageUrl,
    });
    expect(await listRevisions(database, imageId, { page: 1, pageSize: 5 })).toMatchObject({
      total: 1,
      items: [{ number: 1, jobId: id, lock }],
    });
  });

  it('ends when somebody cancels: nothing that the worker writes counts any more', async () => {
    await addJob();
    const job = (await claim())!;
    expect(await cancelJob(database, job.id, 'alice')).toBe(true);
    expect(await cancelJob(database, job.id, 'alice')).toBe(false);
    expect(await renewHold(database, holdOf(job), { leaseMs: 1000 })).toBe(false);
    expect(
      await database.transaction((tx) => endAttempt(tx, holdOf(job), { state: 'Succeeded', outcome, steps: [] })),
    ).toBe(false);
    expect(await findJob(database, job.id)).toMatchObject({
      state: 'Cancelled',
      failure: { message: 'Cancelled by alice' },
    });
    expect((await listRevisions(database, job.imageId, { page: 1, pageSize: 5 })).total).toBe(0);
  });

  it('passes on when a lease runs out; the one who had it can change nothing', async () => {
    await addJob();
    const zombie = (await claim('dead', {}, -1))!;
    expect(await recoverLostJobs(database)).toEqual([zombie.id]);
    const next = (await claim('alive'))!;
    expect(next).toMatchObject({ id: zombie.id, attempt: 2 });
    expect(await renewHold(database, holdOf(zombie, 'dead'), { leaseMs: 60_000 })).toBe(false);
    const failed = {
      state: 'Failed',
      failure: { class: 'bug', code: 'x', message: say`x`, problems: [] },
      steps: [],
    } as const;
    expect(await database.transaction((tx) => endAttempt(tx, holdOf(zombie, 'dead'), failed))).toBe(false);
    expect(await renewHold(database, holdOf(next, 'alive'), { leaseMs: 60_000 })).toBe(true);
  });

  it('is given up after three workers died of it', async () => {
    const { id } = await addJob();
    for (let attempt = 1; attempt <= 3; attempt++) {
      expect(await claim('dead')).toMatchObject({ attempt });
      await recoverLostJobs(database, { everyLease: true });
    }
    expect(await findJob(database, id)).toMatchObject({ state: 'Failed', failure: { class: 'worker-lost' } });
  });

  it('is not given up because servers stop in peace', async () => {
    const { id } = await addJob();
    for (let time = 1; time <= 5; time++) {
      const job = (await claim())!;
      const ending = { state: 'Pending', delayMs: 0, isRetry: false } as const;
      await database.transaction((tx) => endAttempt(tx, holdOf(job), ending));
    }
    await claim('dead');
    await recoverLostJobs(database, { everyLease: true });
    expect(await findJob(database, id)).toMatchObject({ state: 'Pending', attempt: 6, retries: 0 });
  });

  it('is tried again only after the delay', async () => {
    await addJob();
    const job = (await claim())!;
    await database.transaction((tx) =>
      endAttempt(tx, holdOf(job), { state: 'Pending', delayMs: 60_000, isRetry: true }),
    );
    expect(await claim()).toBeUndefined();
    await database.query(`update jobs set not_before = now()`);
    expect(await claim()).toMatchObject({ attempt: 2, retries: 1 });
  });
});
