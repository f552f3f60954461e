import { afterAll, beforeAll, expect, it } from 'vitest';
import { signedIn } from '../../test/signed-in.ts';
import { type ServiceBed, startServiceBed } from '../../test/start-service.ts';
import { inspectBase } from '../api/base-images.ts';
import { createImage, editImage, getImage, preflightSpec } from '../api/images.ts';
import { getJob } from '../api/jobs.ts';
import { createGroup } from '../api/people.ts';
import { collectRegistryGarbage } from '../api/registry-collections.ts';

let bed: ServiceBed;
beforeAll(async () => {
  bed = await startServiceBed([{ name: 'app' }], {
    registryAccess: 'tokens',
    publicUrl: 'https://images.example.com',
  });
});
afterAll(() => bed[Symbol.asyncDispose]());

it('builds from and to a registry that lets nobody in without a token', async () => {
  const spec = { base: bed.base, packages: { apt: '', conda: '', pip: 'app' } };
  const { job } = await bed.client.call(createImage, { body: { name: 'demo', spec } });
  const state = async () => (await bed.client.call(getJob, { params: { id: job!.id } })).state;
  await expect.poll(state, { timeout: 20_000 }).toMatch(/^(Succeeded|Failed)$/);
  const built = await bed.client.call(getJob, { params: { id: job!.id } });
  // Called as others reach it; the build itself writes into it within the process.
  const image = `images.example.com/demo:${built.revision}`;
  expect(built).toMatchObject({ state: 'Succeeded', failure: null, imageUrl: expect.stringContaining(image) });
  const tags = (headers: Record<string, string>) => fetch(`${bed.service.url}/v2/demo/tags/list`, { headers });
  expect((await tags({})).status).toBe(401);
  const listed = await tags({ Authorization: `Bearer ${bed.token}` });
  expect(await listed.json()).toEqual({ name: 'demo', tags: [built.revision] });
});

it('lets nobody look into an image, or build upon it, that they may not see', async () => {
  await bed.client.call(createGroup, { body: { name: 'lab' } });
  const { version, revision } = await bed.client.call(getImage, { params: { name: 'demo' } });
  await bed.client.call(editImage, { params: { name: 'demo' }, body: { version, ownerGroup: 'lab' } });
  const member = await signedIn(bed, 'member', { lab: 'member' });
  const other = await signedIn(bed, 'other', {});
  for (const host of ['images.example.com', new URL(bed.service.url).host]) {
    const reference = `${host}/demo:${revision}`;
    const spec = { base: reference, packages: { apt: '', conda: '', pip: 'app' } };
    expect(await member.call(inspectBase, { body: { reference } })).toMatchObject({ layers: 2 });
    await expect(other.call(inspectBase, { body: { reference } })).rejects.toMatchObject({ code: 'base-not-found' });
    await expect(other.call(preflightSpec, { body: { spec } })).rejects.toMatchObject({ code: 'base-not-found' });
  }
  expect(await other.call(inspectBase, { body: { reference: bed.base } })).toMatchObject({ layers: 1 });
});

it('collects garbage when asked, and lets no revision expire that is in force or new', async () => {
  const collect = (body: object) => bed.client.call(collectRegistryGarbage, { body });
  const nothing = { revisions: 0, links: 0, blobs: 0, bytes: 0 };
  expect(await collect({ isDryRun: true })).toEqual({ isDryRun: true, ...nothing });
  const retention = { keepLast: 1, keepDays: 1 };
  for (const tag of ['old', 'older']) await copyTag(tag);
  expect(await collect({ retention })).toEqual({ isDryRun: false, ...nothing });
  await expect(collect({ retention: { keepLast: 0, keepDays: 1 } })).rejects.toMatchObject({ code: 'request-invalid' });
});

/** Gives the image that is there another tag. */
async function copyTag(tag: string): Promise<void> {
  const headers = { Authorization: `Bearer ${bed.token}` };
  const path = `${bed.service.url}/v2/demo`;
  const { tags } = (await (await fetch(`${path}/tags/list`, { headers })).json()) as { tags: string[] };
  const manifest = await fetch(`${path}/manifests/${tags[0]}`, { headers });
  const put = await fetch(`${path}/manifests/${tag}`, {
    method: 'PUT',
    headers: { ...headers, 'Content-Type': manifest.headers.get('content-type')! },
    body: await manifest.arrayBuffer(),
  });
  expect(put.status).toBe(201);
}
