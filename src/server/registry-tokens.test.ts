import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ServiceBed, startServiceBed } from '../../test/start-service.ts';
import { createImage } from '../api/images.ts';
import { getJob } from '../api/jobs.ts';

let bed: ServiceBed;
beforeAll(async () => {
  bed = await startServiceBed([{ name: 'app' }], { registryAccess: 'tokens' });
});
afterAll(() => bed[Symbol.asyncDispose]());

it('builds from and to a registry that lets nobody in without a token', async () => {
  const spec = { base: bed.base, packages: { apt: '', conda: '', pip: 'app' } };
  const { job } = await bed.client.call(createImage, { body: { name: 'demo', spec } });
  const state = async () => (await bed.client.call(getJob, { params: { id: job!.id } })).state;
  await expect.poll(state, { timeout: 20_000 }).toMatch(/^(Succeeded|Failed)$/);
  const built = await bed.client.call(getJob, { params: { id: job!.id } });
  expect(built).toMatchObject({ state: 'Succeeded', failure: null });
  const tags = (headers: Record<string, string>) => fetch(`${bed.service.url}/v2/demo/tags/list`, { headers });
  expect((await tags({})).status).toBe(401);
  const listed = await tags({ Authorization: `Bearer ${bed.token}` });
  expect(await listed.json()).toEqual({ name: 'demo', tags: [built.revision] });
});
