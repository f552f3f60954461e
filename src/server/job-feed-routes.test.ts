import { Hono } from 'hono';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../test/fresh-database.ts';
import { buildNewImage } from '../../test/stored-images.ts';
import { readEventStream, type StreamEvent } from '../api/event-stream.ts';
import { parseJobChange } from '../api/job-change.ts';
import { createImage, rebuildImage } from '../queue/change-image.ts';
import type { Database } from '../store/database.ts';
import type { StoredImage } from '../store/images.ts';
import { type JobChanges, openJobChanges } from '../store/job-changes.ts';
import { cancelJob } from '../store/jobs.ts';
import type { Actor } from './actor.ts';
import { type JobFeed, openJobFeed } from './job-feed.ts';
import { jobFeedRoutes } from './job-feed-routes.ts';
import type { ApiEnv } from './serve-endpoint.ts';

const root: Actor = { name: 'root', isAdmin: true, groups: {} };
const member: Actor = { name: 'max', isAdmin: false, groups: { vision: 'member' } };

let database: Database;
let jobChanges: JobChanges;
let feed: JobFeed;
let closing: AbortController;

beforeAll(async () => {
  database = await freshDatabase();
  await database.query("insert into groups (name) values ('vision'), ('speech')");
  jobChanges = await openJobChanges(database);
  feed = openJobFeed({
    ...{ database, jobChanges },
    onBug(error) {
      throw error;
    },
  });
}, 60_000);
afterAll(async () => {
  await feed[Symbol.asyncDispose]();
  await jobChanges[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});
beforeEach(() => {
  closing = new AbortController();
});
afterEach(() => closing.abort());

/** Listens as somebody; `next` gives the events one by one. */
async function listen(actor: Actor, lastEventId?: string) {
  const app = new Hono<ApiEnv>();
  app.use(async (c, next) => {
    c.set('actor', actor);
    await next();
  });
  jobFeedRoutes(app, { feed, closing: closing.signal });
  const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  const response = await app.request('/events', { headers });
  const events = readEventStream(response.body!);
  return { next: async (): Promise<StreamEvent | undefined> => (await events.next()).value ?? undefined };
}

async function makeImage(name: string, ownerGroup: string): Promise<StoredImage> {
  return (await createImage(database, buildNewImage({ name, ownerGroup }))).image;
}

describe('GET /events', () => {
  it('tells how jobs change, to whoever may see their image', async () => {
    const [all, own] = await Promise.all([listen(root), listen(member)]);
    expect(await all.next()).toMatchObject({ type: 'reset' });
    expect(await own.next()).toMatchObject({ type: 'reset' });
    await makeImage('hidden', 'speech');
    await makeImage('seen', 'vision');
    const [first, second] = [await all.next(), await all.next()].map((event) => parseJobChange(event!.data));
    expect([first!.image, second!.image].sort()).toEqual(['hidden', 'seen']);
    const told = (await own.next())!;
    expect(told.type).toBe('job');
    expect(parseJobChange(told.data)).toMatchObject({ image: 'seen', number: 1, state: 'Pending', progress: null });
  });

  it('tells who comes back what has changed since, the latest of each job', async () => {
    const before = await listen(root);
    await before.next();
    const image = await makeImage('research', 'vision');
    const seen = (await before.next())!;
    const job = await rebuildImage(database, image, { by: 'root', noCache: false });
    await before.next();
    await cancelJob(database, job.id, 'root');
    await before.next();
    const back = await listen(root, seen.id);
    const change = parseJobChange((await back.next())!.data);
    expect(change).toMatchObject({ id: job.id, number: 2, state: 'Cancelled' });
  });

  it.each(['', 'elsewhere-3', 'nonsense'])(
    'has everything asked anew after an event "%s" that it does not know',
    async (id) => {
      const listener = await listen(root, id);
      expect(await listener.next()).toMatchObject({ type: 'reset', id: feed.lastEventId() });
    },
  );

  it('ends when the server closes', async () => {
    const listener = await listen(root);
    await listener.next();
    const end = listener.next();
    closing.abort();
    expect(await end).toBeUndefined();
  });
});
