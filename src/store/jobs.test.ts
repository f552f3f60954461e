import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../test/fresh-database.ts';
import { buildNewImage } from '../../test/stored-images.ts';
import { addJobOf, addJobTo } from '../../test/stored-jobs.ts';
import type { Database } from './database.ts';
import { listJobs } from './jobs.ts';

let database: Database;
beforeAll(async () => {
  database = await freshDatabase();
}, 60_000);
afterAll(() => database[Symbol.asyncDispose]());
beforeEach(() => database.query('truncate images cascade'));

describe('the list of jobs', () => {
  it('shows an image’s jobs, the newest first, and only to who sees the image', async () => {
    const first = await addJobOf(database, { ownerGroup: 'g' });
    await addJobTo(database, first.imageId, buildNewImage({ ownerGroup: 'g' }));
    const numbers = async (query: Partial<Parameters<typeof listJobs>[1]>) =>
      (await listJobs(database, { page: 1, pageSize: 10, ...query })).items.map(({ number }) => number);
    expect(await numbers({ imageId: first.imageId })).toEqual([2, 1]);
    expect(await numbers({ state: 'Cancelled' })).toEqual([1]);
    expect(await numbers({ viewer: { groups: ['g'] } })).toEqual([2, 1]);
    expect(await numbers({ viewer: { groups: ['other'] } })).toEqual([]);
  });
});
