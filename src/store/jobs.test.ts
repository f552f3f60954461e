import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../test/fresh-database.ts';
import { buildNewImage } from '../../test/stored-images.ts';
import type { Lock } from '../lock/lock.ts';
import type { Database } from './database.ts';
import { findImageById, insertImage, type NewImage } from './images.ts';
import {
  cancelJob,
  claimJob,
  endAttempt,
  findJob,
  type Hold,
  insertJob,
  listJobs,
  recoverLostJobs,
  renewHold,
  type StoredJob,
} from './jobs.ts';
import { listRevisions } from './revisions.ts';

let database: Database;
beforeAll(async () => {
  database = await freshDatabase();
}, 60_000);
afterAll(() => database[Symbol.asyncDispose]());
beforeEach(() => database.query('truncate images cascade'));

const limits = { leaseMs: 60_000, maxRunning: 10, maxRunningPerGroup: 10 };
const claim = (worker = 'w', more: Partial<typeof limits> = {}) =>
  database.transaction((tx) => claimJob(tx, { worker, ...limits, ...more }));
const holdOf = ({ id, attempt }: StoredJob, worker = 'w'): Hold => ({ id, attempt, worker });

async function addJob(image: Partial<NewImage> = {}): Promise<StoredJob> {
  const { id, name, ownerGroup, spec } = await insertImage(database, buildNewImage(image));
  return addJobTo(id, { name, ownerGroup, spec });
}

function addJobTo(imageId: string, { name, ownerGroup, spec }: Pick<NewImage, 'name' | 'ownerGroup' | 'spec'>) {
  const job = { imageId, imageName: name, ownerGroup, spec: { ...spec!, pullSecret: null } };
  return database.transaction((tx) =>
    insertJob(tx, { ...job, reason: 'rebuild', requestedBy: 'alice', noCache: false }),
  );
}

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
    await addJobTo(first.imageId, buildNewImage());
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
    expect(await claim('w', { maxRunningPerGroup: 1 })).toMatchObject({ imageName: 'a' });
    expect(await claim('w', { maxRunningPerGroup: 1 })).toMatchObject({ imageName: 'c' });
    expect(await claim('w', { maxRunningPerGroup: 1 })).toBeUndefined();
    expect(await claim('w', { maxRunning: 2 })).toBeUndefined();
    expect(await claim('w', { maxRunning: 3 })).toMatchObject({ imageName: 'b' });
  });

  it('leaves out what a newer job has superseded', async () => {
    const old = await addJob();
    const newer = await addJobTo(old.imageId, buildNewImage());
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
    const zombie = (await claim('dead', { leaseMs: -1 }))!;
    expect(await recoverLostJobs(database)).toEqual([zombie.id]);
    const next = (await claim('alive'))!;
    expect(next).toMatchObject({ id: zombie.id, attempt: 2 });
    expect(await renewHold(database, holdOf(zombie, 'dead'), { leaseMs: 60_000 })).toBe(false);
    const failed = {
      state: 'Failed',
      failure: { class: 'bug', code: 'x', message: 'x', problems: [] },
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

  it('is tried again only after the delay', async () => {
    await addJob();
    const job = (await claim())!;
    await database.transaction((tx) => endAttempt(tx, holdOf(job), { state: 'Pending', delayMs: 60_000 }));
    expect(await claim()).toBeUndefined();
    await database.query(`update jobs set not_before = now()`);
    expect(await claim()).toMatchObject({ attempt: 2 });
  });
});

describe('the list of jobs', () => {
  it('shows an image’s jobs, the newest first, and only to who sees the image', async () => {
    const first = await addJob({ ownerGroup: 'g' });
    await addJobTo(first.imageId, buildNewImage({ ownerGroup: 'g' }));
    const numbers = async (query: Partial<Parameters<typeof listJobs>[1]>) =>
      (await listJobs(database, { page: 1, pageSize: 10, ...query })).items.map(({ number }) => number);
    expect(await numbers({ imageId: first.imageId })).toEqual([2, 1]);
    expect(await numbers({ state: 'Cancelled' })).toEqual([1]);
    expect(await numbers({ viewer: { groups: ['g'] } })).toEqual([2, 1]);
    expect(await numbers({ viewer: { groups: ['other'] } })).toEqual([]);
  });
});
