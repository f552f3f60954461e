import { expect, it } from 'vitest';
import { freshDatabase } from '../../test/fresh-database.ts';
import { openJobChanges } from './job-changes.ts';
import { notifyJob } from './jobs.ts';

it('tells who watches a job, or any, until they leave', async () => {
  await using database = await freshDatabase();
  await using changes = await openJobChanges(database);
  const told: string[] = [];
  const leave = changes.watch('a', (id) => told.push(`a: ${id}`));
  changes.watch('any', (id) => told.push(`any: ${id}`));
  await notifyJob(database, 'a');
  await notifyJob(database, 'b');
  await expect.poll(() => told).toEqual(['a: a', 'any: a', 'any: b']);
  leave();
  await notifyJob(database, 'a');
  await expect.poll(() => told).toEqual(['a: a', 'any: a', 'any: b', 'any: a']);
}, 60_000);
