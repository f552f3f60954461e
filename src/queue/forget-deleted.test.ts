import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freshDatabase } from '../../test/fresh-database.ts';
import type { Database } from '../store/database.ts';
import { findImage, findImageById } from '../store/images.ts';
import { findJob } from '../store/jobs.ts';
import { openDiskLogStore } from '../store/logs/disk-log-store.ts';
import type { LogStore } from '../store/logs/log-store.ts';
import { createImage, deleteImage } from './change-image.ts';
import { forgetDeleted } from './forget-deleted.ts';

let database: Database;
let directory: string;
let logs: LogStore;
beforeAll(async () => {
  database = await freshDatabase();
  directory = await mkdtemp(join(tmpdir(), 'logs-'));
  logs = await openDiskLogStore(directory);
}, 60_000);
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

const day = 24 * 60 * 60_000;

async function deletedImage(name: string, daysAgo: number) {
  const spec = { base: 'registry.example.com/python:3', packages: { apt: '', conda: '', pip: 'numpy' } };
  const { image, job } = await createImage(database, {
    ...{ name, kind: 'custom', displayName: '', description: '', type: 'cpu', isGlobal: true, groups: [] },
    ...{ ownerGroup: null, spec, url: null, gpuUrl: null, pullSecret: null, createdBy: 'admin' },
  });
  const writer = await logs.openWriter(job!.id, 1);
  writer.write(`the log of ${name}`);
  await writer.end();
  await deleteImage(database, (await findImage(database, name))!, 'admin');
  await database.query(`update images set deleted_at = now() - $2 * interval '1 day' where id = $1`, [
    image.id,
    daysAgo,
  ]);
  return { image, job: job! };
}

it('forgets what was deleted long ago, with jobs and logs, and nothing else', async () => {
  const old = await deletedImage('old', 31);
  const recent = await deletedImage('recent', 29);
  const options = { database, logs, keepDeletedMs: 30 * day, onBug: () => {} };
  expect(await forgetDeleted(options)).toBe(1);
  expect(await findImageById(database, old.image.id)).toBeUndefined();
  expect(await findJob(database, old.job.id)).toBeUndefined();
  expect((await logs.tail(old.job.id, 10)).lines).toEqual([]);
  expect(await findImageById(database, recent.image.id)).toBeDefined();
  expect((await logs.tail(recent.job.id, 10)).lines).toEqual(['the log of recent']);
  expect(await forgetDeleted(options)).toBe(0);
});
