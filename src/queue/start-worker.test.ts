import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../test/fresh-database.ts';
import { buildNewImage } from '../../test/stored-images.ts';
import { BuilderError } from '../errors.ts';
import type { Lock } from '../lock/lock.ts';
import { say } from '../sentence.ts';
import type { Database } from '../store/database.ts';
import { findImageById } from '../store/images.ts';
import type { PlatformLimits } from '../store/job-holds.ts';
import { cancelJob, findJob, type JobOutcome, type StoredJob } from '../store/jobs.ts';
import { openDiskLogStore } from '../store/logs/disk-log-store.ts';
import type { LogStore } from '../store/logs/log-store.ts';
import { insertGroup } from '../store/people/groups.ts';
import { createImage, rebuildImage } from './change-image.ts';
import type { Runner } from './runner.ts';
import { type JobWorker, startWorker, type WorkerOptions } from './start-worker.ts';

let database: Database;
let directory: string;
let logs: LogStore;
beforeAll(async () => {
  database = await freshDatabase();
  directory = await mkdtemp(join(tmpdir(), 'worker-'));
  logs = await openDiskLogStore(directory);
}, 60_000);
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});
beforeEach(() => database.query('truncate images cascade'));
const workers: JobWorker[] = [];
const bugs: unknown[] = [];
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker[Symbol.asyncDispose]();
  expect(bugs.splice(0)).toEqual([]);
});

const outcome: JobOutcome = {
  lock: {
    lockVersion: 1,
    base: { reference: 'r.example.com/b:1', digest: `sha256:${'a'.repeat(64)}`, platform: 'linux/amd64' },
    packages: [],
  } as unknown as Lock,
  lockDigest: 'sha256:b',
  revision: '1a2b3c4d',
  imageUrl: 'r.example.com/demo:1a2b3c4d',
  digest: 'sha256:c',
  totals: {},
};

const limits: PlatformLimits = {
  ...{ maxRunningJobs: 4, maxRunningJobsPerGroup: 4 },
  ...{ timeoutMinutes: 1, memoryMiB: 100, diskMiB: 100 },
};

async function start(run: Runner['run'], options: Partial<WorkerOptions> = {}): Promise<JobWorker> {
  const worker = await startWorker({
    database,
    logs,
    runner: { run, secretsOf: async () => ['hidden-word'] },
    onBug: (error) => bugs.push(error),
    limits,
    isOnlyWorker: false,
    ...options,
  });
  workers.push(worker);
  return worker;
}

const addJob = async (name = 'demo'): Promise<StoredJob> => (await createImage(database, buildNewImage({ name }))).job!;
const reaches = (id: string, state: StoredJob['state']) =>
  expect.poll(async () => (await findJob(database, id))?.state, { timeout: 8000, interval: 20 }).toBe(state);
const logOf = async (id: string) => (await logs.tail(id, 100, { isEnded: true })).lines.map((line) => line.slice(25));
const untilStopped = (signal: AbortSignal) => sleep(60_000, undefined, { signal }).then(() => outcome);

describe('a worker', () => {
  it('builds what waits and what comes, with course and log', async () => {
    const before = await addJob();
    await start(async (_job, { onEvent }) => {
      onEvent({ type: 'step', step: 'base', state: 'started' });
      onEvent({ type: 'step', step: 'base', state: 'done', seconds: 0.1 });
      onEvent({ type: 'notice', message: say`the hidden-word is not shown` });
      return outcome;
    });
    await reaches(before.id, 'Succeeded');
    const after = await addJob('later');
    await reaches(after.id, 'Succeeded');
    expect((await findJob(database, after.id))?.steps).toMatchObject([{ step: 'base', seconds: 0.1 }]);
    expect(await logOf(after.id)).toEqual([
      '[Step: base]',
      'base took 0.1 s',
      'note: the *** is not shown',
      '[Completed] r.example.com/demo:1a2b3c4d',
    ]);
  });

  it('says why a job failed, at the line', async () => {
    const problems = [
      {
        field: 'packages.pip',
        line: 2,
        text: 'nump',
        code: 'package-not-found',
        message: say`nump is not there`,
        hint: say`Did you mean numpy?`,
      },
    ];
    const { id } = await addJob();
    await start(async (_job, { onEvent }) => {
      onEvent({ type: 'step', step: 'lock', state: 'started' });
      throw new BuilderError('packages-unresolvable', say`One problem in the package list`, { problems });
    });
    await reaches(id, 'Failed');
    expect((await findJob(database, id))?.failure).toEqual({
      ...{
        class: 'package-not-found',
        step: 'lock',
        code: 'packages-unresolvable',
        message: 'One problem in the package list',
        problems,
      },
    });
    expect(await logOf(id)).toContain('  packages.pip line 2 "nump": nump is not there. Did you mean numpy?');
  });

  it('stops within two seconds when a job is cancelled, and keeps its log', async () => {
    const { id } = await addJob();
    const stopped = Promise.withResolvers<void>();
    await start(async (_job, { signal, onEvent }) => {
      onEvent({ type: 'step', step: 'assemble', state: 'started' });
      return untilStopped(signal).finally(() => stopped.resolve());
    });
    await reaches(id, 'Running');
    const cancelledAt = Date.now();
    await cancelJob(database, id, 'alice');
    await stopped.promise;
    expect(Date.now() - cancelledAt).toBeLessThan(2000);
    await expect.poll(() => logOf(id)).toContain('Stopped: the job was cancelled, or another worker has it now');
    expect(await findJob(database, id)).toMatchObject({
      state: 'Cancelled',
      failure: { message: 'Cancelled by alice' },
    });
  });

  it('tries again what may pass, and only that', async () => {
    const { id } = await addJob();
    let tries = 0;
    await start(async () => {
      if (++tries === 1) throw new BuilderError('registry-unavailable', say`The registry does not answer`);
      return outcome;
    });
    await reaches(id, 'Succeeded');
    expect(tries).toBe(2);
    expect(await logOf(id)).toEqual([
      'The registry does not answer. That may pass: it is tried again in 2 s',
      'Attempt 2',
      '[Completed] r.example.com/demo:1a2b3c4d',
    ]);
  });

  it('gives up what takes too long', async () => {
    const { id } = await addJob();
    await start((_job, { signal }) => untilStopped(signal), { limits: { ...limits, timeoutMinutes: 0.002 } });
    await reaches(id, 'Failed');
    expect((await findJob(database, id))?.failure).toMatchObject({
      class: 'timeout',
      message: expect.stringContaining('took longer'),
    });
  });

  it('tells it what it may use: what the platform says, and its group instead', async () => {
    await insertGroup(database, { name: 'team', displayName: '', limits: { diskMiB: 7, maxRunningJobs: 1 } });
    const { job } = await createImage(database, buildNewImage({ name: 'ours', ownerGroup: 'team' }));
    await start(async () => outcome);
    await reaches(job!.id, 'Succeeded');
    expect((await findJob(database, job!.id))?.limits).toEqual({ timeoutMinutes: 1, memoryMiB: 100, diskMiB: 7 });
  });

  it('leaves what it had to the next one when it ends, as often as that may be', async () => {
    const { id } = await addJob();
    for (let time = 1; time <= 4; time++) {
      const stopping = await start((_job, { signal }) => untilStopped(signal));
      await reaches(id, 'Preparing');
      await stopping[Symbol.asyncDispose]();
    }
    expect(await findJob(database, id)).toMatchObject({ state: 'Pending', attempt: 4, retries: 0 });
    await start(async () => outcome);
    await reaches(id, 'Succeeded');
  });

  it('takes over from one that gives no sign of life, whose result then does not count', async () => {
    const { id } = await addJob();
    const wakesUp = Promise.withResolvers<JobOutcome>();
    // Like a process that is suspended once it has the job: it renews nothing and claims nothing.
    let isAsleep = false;
    const awake = Promise.withResolvers<void>();
    const orAsleep = <T>(call: () => Promise<T>) => (isAsleep ? awake.promise.then(call) : call());
    const sleeper = await startWorker({
      ...{
        logs,
        limits: { ...limits, maxRunningJobs: 1 },
        isOnlyWorker: false,
        leaseMs: 500,
        onBug() {},
      },
      database: {
        ...database,
        query: (sql, values) => orAsleep(() => database.query(sql, values)) as never,
        transaction: (work) => orAsleep(() => database.transaction(work)),
      },
      runner: {
        secretsOf: async () => [],
        run() {
          isAsleep = true;
          return wakesUp.promise;
        },
      },
    });
    await reaches(id, 'Preparing');
    await start(async () => ({ ...outcome, revision: 'ffffffff' }));
    await reaches(id, 'Succeeded');
    isAsleep = false;
    workers.push(sleeper);
    awake.resolve();
    wakesUp.resolve(outcome);
    await sleep(300);
    const job = await findJob(database, id);
    expect(job?.revision).toBe('ffffffff');
    // More than once, where the machine is so busy that the second worker misses its own lease.
    expect(job?.attempt).toBeGreaterThan(1);
  });

  it('runs no two jobs of an image at once, and as many others as may run', async () => {
    const { imageId } = await addJob('a');
    const image = (await findImageById(database, imageId))!;
    await addJob('b');
    await addJob('c');
    let now = 0;
    let most = 0;
    const running = new Set<string>();
    await start(
      async ({ imageId: own }) => {
        expect(running.has(own)).toBe(false);
        running.add(own);
        most = Math.max(most, ++now);
        await sleep(150);
        now -= 1;
        running.delete(own);
        return outcome;
      },
      { limits: { ...limits, maxRunningJobs: 2 } },
    );
    const again = await rebuildImage(database, image, { by: 'alice', noCache: false });
    await reaches(again.id, 'Succeeded');
    expect(most).toBe(2);
  });
});
