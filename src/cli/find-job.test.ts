import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { createApiClient } from '../api/create-client.ts';
import { getImage, listImageJobs } from '../api/images.ts';
import { getJob } from '../api/jobs.ts';
import { BuilderError } from '../errors.ts';
import { say } from '../sentence.ts';
import { answerError } from '../server/answer-error.ts';
import { type ApiEnv, serveEndpoint } from '../server/serve-endpoint.ts';
import { fetchPages } from './fetch-pages.ts';
import { findJob, type Job } from './find-job.ts';

const idOf = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

function job(number: number): Job {
  return {
    ...{ id: idOf(number), image: 'research', number, state: 'Succeeded', reason: 'rebuild', requestedBy: 'alice' },
    spec: { base: 'python:3.12', packages: { apt: '', conda: '', pip: 'numpy' }, pullSecret: null },
    ...{
      noCache: false,
      revision: null,
      imageUrl: null,
      digest: null,
      limits: null,
      totals: null,
      steps: [],
      progress: null,
      failure: null,
    },
    ...{ attempt: 1, createdAt: '2026-01-01T00:00:00.000Z', startedAt: null, endedAt: null },
  };
}

/** An image with so many jobs, of which number 7 was removed. */
function serverWith(count: number) {
  const jobs = Array.from({ length: count }, (_, index) => job(count - index)).filter(({ number }) => number !== 7);
  const app = new Hono<ApiEnv>();
  const pages: number[] = [];
  serveEndpoint(app, listImageJobs, async ({ query: { page, pageSize } }) => {
    pages.push(page);
    return { items: jobs.slice((page - 1) * pageSize, page * pageSize), total: jobs.length, page, pageSize };
  });
  serveEndpoint(app, getJob, async ({ params: { id } }) => jobs.find((each) => each.id === id)!);
  serveEndpoint(app, getImage, async ({ params }) => {
    if (params.name !== 'research') throw new BuilderError('not-found', say`There is no image called "${params.name}"`);
    return { name: 'research', latestJobId: jobs[0]?.id ?? null } as never;
  });
  app.onError((error, c) => answerError(error, c, console.error));
  const whole = new Hono().route('/api/v1', app);
  const fetch = (async (url: URL, init: RequestInit) => whole.request(url.href, init)) as never;
  return { client: createApiClient({ url: 'http://server.example', fetch }), pages };
}

describe('findJob', () => {
  it.each([
    ['by its id', idOf(3), 3],
    ['by image and number', 'research#3', 3],
    ['on a later page', 'research#250', 250],
    ['as the latest', 'research', 500],
  ])('finds a job %s', async (_how, typed, number) => {
    expect((await findJob(serverWith(500).client, typed)).number).toBe(number);
  });

  it('stops where the number would be', async () => {
    const { client, pages } = serverWith(500);
    await expect(findJob(client, 'research#7')).rejects.toMatchObject({ code: 'not-found' });
    await expect(findJob(client, 'research#501')).rejects.toMatchObject({ code: 'not-found' });
    expect(pages).toEqual([1, 2, 3, 1]);
  });

  it('says what is missing', async () => {
    await expect(findJob(serverWith(0).client, 'research')).rejects.toMatchObject({
      message: expect.stringContaining('has no job'),
    });
    await expect(findJob(serverWith(1).client, 'other')).rejects.toMatchObject({
      message: expect.stringContaining('no image called "other"'),
    });
    await expect(findJob(serverWith(1).client, 'research#')).rejects.toMatchObject({ code: 'command-invalid' });
  });
});

describe('fetchPages', () => {
  const fetchWith = async (total: number, limit?: string) => {
    const { client, pages } = serverWith(total);
    const stderr = new PassThrough();
    const options = { string: () => limit, strings: () => [], boolean: () => false };
    const items = await fetchPages((query) => client.call(listImageJobs, { params: { name: 'research' }, query }), {
      keyOf: ({ id }) => id,
      options,
      stderr,
    });
    stderr.end();
    return { items: items.length, pages, note: await text(stderr) };
  };

  it('stops at 200 unless told, and says so', async () => {
    expect(await fetchWith(501)).toEqual({
      items: 200,
      pages: [1],
      note: 'note: 200 of 500 are shown; --limit shows more\n',
    });
    expect(await fetchWith(5)).toEqual({ items: 5, pages: [1], note: '' });
  });

  it('goes on over pages', async () => {
    expect(await fetchWith(501, '1000')).toEqual({ items: 500, pages: [1, 2, 3], note: '' });
    expect(await fetchWith(501, '250')).toMatchObject({
      items: 250,
      pages: [1, 2],
      note: expect.stringContaining('250 of 500'),
    });
    expect(await fetchWith(501, '500')).toMatchObject({ items: 500, note: '' });
    expect(await fetchWith(1, '1')).toMatchObject({ items: 1, pages: [1], note: '' });
  });

  it('gives an item once that a change moved to the next page', async () => {
    const pageOf = async ({ page }: { page: number }) => ({
      items: Array.from({ length: 200 }, (_, index) => (page - 1) * 199 + index),
      total: 399,
    });
    const options = { string: () => '1000', strings: () => [], boolean: () => false };
    const found = await fetchPages(pageOf, { keyOf: String, options, stderr: new PassThrough() });
    expect(found).toEqual(Array.from({ length: 399 }, (_, index) => index));
  });
});
