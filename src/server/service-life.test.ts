import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signedIn } from '../../test/signed-in.ts';
import { type ServiceBed, startServiceBed } from '../../test/start-service.ts';
import { inspectBase } from '../api/base-images.ts';
import type { ApiClient } from '../api/create-client.ts';
import * as images from '../api/images.ts';
import { getJobLog } from '../api/job-log.ts';
import * as jobs from '../api/jobs.ts';
import { getLimits } from '../api/limits.ts';
import { listPackageNames, listPackageVersions } from '../api/packages.ts';
import * as people from '../api/people.ts';

let bed: ServiceBed;
beforeAll(async () => {
  bed = await startServiceBed([
    { name: 'app', requires: ['lib>=1'], scripts: { app: 'app:main' } },
    { name: 'lib', version: '1.0' },
    { name: 'lib', version: '2.0' },
    { name: 'extra' },
    { name: 'large', files: { 'large.bin': randomBytes(2 * 1024 * 1024) } },
  ]);
}, 60_000);
afterAll(() => bed[Symbol.asyncDispose]());

const specOf = (pip: string) => ({ base: bed.base, packages: { apt: '', conda: '', pip } });
const ended = async (id: string) => {
  const read = () => bed.client.call(jobs.getJob, { params: { id } });
  await expect.poll(async () => (await read()).state, { timeout: 20_000 }).toMatch(/Succeeded|Failed|Cancelled/);
  return read();
};

describe('many who want the same at once', () => {
  it('wait for one making of it', async () => {
    const body = (index: number) => ({ name: `same-${index}`, spec: specOf('large\nextra') });
    const made = await Promise.all(
      Array.from({ length: 50 }, (_, index) => bed.client.call(images.createImage, { body: body(index) })),
    );
    const built: Awaited<ReturnType<typeof ended>>[] = [];
    for (const { job } of made) built.push(await ended(job!.id));
    expect(new Set(built.map(({ state, revision }) => `${state} ${revision}`)).size).toBe(1);
    const logs = await Promise.all(
      built.map(({ id }) => bed.client.call(getJobLog, { params: { id }, query: { tail: 2000 } })),
    );
    const lines = logs.flatMap((log) => log.lines);
    expect(lines.filter((line) => line.includes('layer made'))).toHaveLength(2);
  }, 60_000);
});

describe('the life of an image', () => {
  const name = 'research';
  const params = { name };

  it('begins with a job of its own, whose log tells what was done', async () => {
    const { image, job } = await bed.client.call(images.createImage, {
      body: { name, spec: specOf('app  # the tool\n\nlib<2') },
    });
    expect(image).toMatchObject({ name, version: 1, isReady: false, status: 'Pending', createdBy: 'admin' });
    const built = await ended(job!.id);
    expect(built).toMatchObject({ state: 'Succeeded', number: 1, failure: null });
    const { lines, isComplete } = await bed.client.call(getJobLog, { params: { id: job!.id }, query: {} });
    expect(isComplete).toBe(true);
    expect(lines.join('\n')).toMatch(/pip app 1\.0 .*\n.*pip lib 1\.0/);
    const ready = await bed.client.call(images.getImage, { params });
    expect(ready).toMatchObject({ isReady: true, status: 'Succeeded', url: built.imageUrl, revision: built.revision });
    expect(ready.spec?.packages.pip).toBe('app  # the tool\n\nlib<2');
  });

  it('tells what a revision holds, and in which layer', async () => {
    const { revision } = await bed.client.call(images.getImage, { params });
    const contents = await bed.client.call(images.getRevisionContents, { params: { name, revision: revision! } });
    expect(contents).toMatchObject({ revision, base: { reference: bed.base, layers: 1 }, layers: 2 });
    expect(contents.packages.map((each) => [each.name, each.layer]).sort()).toEqual([
      ['app', expect.any(Number)],
      ['lib', expect.any(Number)],
    ]);
    const [app] = contents.packages.filter((each) => each.name === 'app');
    expect(app).toMatchObject({
      version: '1.0',
      requestedBy: ['app'],
      isBuilt: false,
      source: expect.stringMatching(/^http.*app-1\.0/),
    });
    const { items } = await bed.client.call(images.listImageJobs, { params, query: {} });
    expect(items[0]!.totals).toMatchObject({ layers: { base: 1, added: 2 }, upToDate: false });
  });

  it('goes on with an edit, but not with a description', async () => {
    const { version } = await bed.client.call(images.getImage, { params });
    const described = await bed.client.call(images.editImage, {
      params,
      body: { version, description: 'For research' },
    });
    expect(described).toMatchObject({ job: null, image: { version: version + 1 } });
    const edited = await bed.client.call(images.editImage, {
      params,
      body: { version: version + 1, spec: specOf('app\nextra') },
    });
    expect(await ended(edited.job!.id)).toMatchObject({ state: 'Succeeded', number: 2, reason: 'edit' });
  });

  it('refuses an edit of what has changed since, and shows what stands', async () => {
    const stale = bed.client.call(images.editImage, { params, body: { version: 1, displayName: 'x' } });
    await expect(stale).rejects.toMatchObject({ code: 'conflict', current: { name, version: 3 } });
  });

  it('shows what two revisions differ in, and rolls back', async () => {
    const { items } = await bed.client.call(images.listRevisions, { params, query: {} });
    expect(items.map(({ number, isInForce }) => [number, isInForce])).toEqual([
      [2, true],
      [1, false],
    ]);
    const [newer, older] = [items[0]!.revision, items[1]!.revision];
    const difference = await bed.client.call(images.diffRevisions, { params: { name, from: older, to: newer } });
    expect(difference).toMatchObject({
      base: null,
      added: [{ name: 'extra' }],
      removed: [],
      changed: [{ from: { version: '1.0' }, to: { version: '2.0' } }],
    });
    const back = await bed.client.call(images.rollBackImage, { params, body: { revision: older } });
    expect(await ended(back.job!.id)).toMatchObject({
      state: 'Succeeded',
      reason: 'rollback',
      revision: older,
      imageUrl: items[1]!.imageUrl,
    });
    expect(await bed.client.call(images.getImage, { params })).toMatchObject({
      revision: older,
      spec: { packages: { pip: 'app  # the tool\n\nlib<2' } },
    });
  });

  it('keeps the job of a failed build with its cause at the line', async () => {
    const { version } = await bed.client.call(images.getImage, { params });
    const { job } = await bed.client.call(images.editImage, {
      params,
      body: { version, spec: specOf('app\nno-such-thing') },
    });
    const failed = await ended(job!.id);
    expect(failed).toMatchObject({
      state: 'Failed',
      failure: { class: 'package-not-found', step: 'lock', problems: [{ field: 'packages.pip', line: 2 }] },
    });
    expect(await bed.client.call(images.getImage, { params })).toMatchObject({ status: 'Failed', isReady: true });
  });

  it('tells before anything is built what a spec means', async () => {
    const found = await bed.client.call(images.preflightSpec, { body: { spec: specOf('extra'), compareWith: name } });
    expect(found).toMatchObject({
      packages: [{ name: 'extra' }],
      layers: 1,
      changes: { removed: [{ name: 'app' }, { name: 'lib' }] },
    });
    const wrong = bed.client.call(images.preflightSpec, { body: { spec: specOf('lib>5\n-r x.txt') } });
    await expect(wrong).rejects.toMatchObject({ problems: [{ field: 'spec.packages.pip', line: 1 }, { line: 2 }] });
    const grammar = bed.client.call(images.createImage, { body: { name: 'broken', spec: specOf('a b c') } });
    await expect(grammar).rejects.toMatchObject({
      code: 'spec-invalid',
      problems: [{ field: 'spec.packages.pip', line: 1 }],
    });
  });

  it('tells what a base holds, and who may have it looked into', async () => {
    const body = { reference: bed.base };
    expect(await bed.client.call(inspectBase, { body })).toMatchObject({
      digest: expect.stringMatching(/^sha256:/),
      platform: 'linux/amd64',
      os: 'debian 12',
      python: { version: expect.stringMatching(/^3\./), packages: expect.any(Number) },
      layers: 1,
      sizeBytes: expect.any(Number),
    });
    const nowhere = bed.client.call(inspectBase, { body: { reference: bed.base.replace('base', 'elsewhere') } });
    await expect(nowhere).rejects.toMatchObject({ code: 'base-not-found' });
    await bed.client.call(people.createGroup, { body: { name: 'lab' } });
    const member = await signedIn(bed, 'member', { lab: 'member' });
    await expect(member.call(inspectBase, { body: { ...body, ownerGroup: 'lab' } })).resolves.toMatchObject({
      layers: 1,
    });
    const other = await signedIn(bed, 'other', {});
    await expect(other.call(inspectBase, { body: { ...body, ownerGroup: 'lab' } })).rejects.toMatchObject({
      code: 'not-found',
    });
    const question = { spec: specOf('extra'), ownerGroup: 'lab' };
    await expect(other.call(images.preflightSpec, { body: question })).rejects.toMatchObject({ code: 'not-found' });
    await expect(member.call(images.preflightSpec, { body: question })).resolves.toMatchObject({ layers: 1 });
  });

  it('tells which versions of a package there are', async () => {
    const versionsOf = async (each: string) =>
      (await bed.client.call(listPackageVersions, { params: { ecosystem: 'pip', name: each }, query: {} })).versions;
    expect(await versionsOf('Lib')).toEqual(['2.0', '1.0']);
    expect(await versionsOf('no-such-thing')).toEqual([]);
    await expect(versionsOf('../secret')).rejects.toMatchObject({ code: 'request-invalid' });
  });

  it('tells which packages there are, those first that its images use', async () => {
    const names = async (written: string, client = bed.client) =>
      client.call(listPackageNames, { params: { ecosystem: 'pip' }, query: { written } });
    await names('l');
    await expect.poll(async () => (await names('L')).isComing).toBe(false);
    expect(await names('L')).toEqual({ names: [{ name: 'large' }, { name: 'lib' }], isAll: true, isComing: false });
    const maker = await signedIn(bed, 'writer', { lab: 'admin' });
    expect((await names('l', maker)).names.map((each) => each.name)).toEqual(['lib', 'large']);
    const apt = (
      query: { readonly base?: string; readonly pullSecret?: string; readonly ownerGroup?: string },
      client = bed.client,
    ) => client.call(listPackageNames, { params: { ecosystem: 'apt' }, query: { written: 'g', ...query } });
    expect(await apt({})).toEqual({ names: [], isAll: false, isComing: false });
    await expect(apt({ base: bed.base, pullSecret: 'none-such' })).rejects.toMatchObject({ code: 'not-found' });
    const stranger = await signedIn(bed, 'stranger', {});
    const asOfTheLab = apt({ base: bed.base, ownerGroup: 'lab' }, stranger);
    await expect(asOfTheLab).rejects.toMatchObject({ code: 'not-found' });
  });

  it('tells those who make images whether a name is free', async () => {
    const check = (client: ApiClient, each: string) => client.call(images.checkImageName, { params: { name: each } });
    expect(await check(bed.client, name)).toEqual({ name, isFree: false });
    const maker = await signedIn(bed, 'maker', { lab: 'admin' });
    expect(await check(maker, 'brand-new')).toEqual({ name: 'brand-new', isFree: true });
    expect(await check(maker, name)).toMatchObject({ isFree: false });
    await expect(check(maker, 'No Name')).rejects.toMatchObject({ code: 'request-invalid' });
    await expect(check(await signedIn(bed, 'guest', { lab: 'member' }), name)).rejects.toMatchObject({
      code: 'forbidden',
    });
  });

  it('shows what a build may use, before and while it runs', async () => {
    const usual = { timeoutMinutes: 60, memoryMiB: 4096, diskMiB: 20_480 };
    expect(await bed.client.call(getLimits, { query: {} })).toEqual({
      ...usual,
      ...{ maxRunningJobs: 4, maxRunningJobsPerGroup: 2, running: 0, runningOfGroup: null, waiting: 0 },
    });
    const limits = { maxRunningJobs: 1, diskMiB: 1 };
    await bed.client.call(people.createGroup, { body: { name: 'small', limits } });
    expect(await bed.client.call(getLimits, { query: { group: 'small' } })).toMatchObject({
      ...{ maxRunningJobs: 4, maxRunningJobsPerGroup: 1, runningOfGroup: 0, timeoutMinutes: 60, diskMiB: 1 },
    });
    const { job } = await bed.client.call(images.createImage, {
      body: { name: 'of-small', ownerGroup: 'small', spec: specOf('extra') },
    });
    expect(await ended(job!.id)).toMatchObject({ state: 'Succeeded', limits: { ...usual, diskMiB: 1 } });
  });

  it('stops a build that takes more disk than it may', async () => {
    await bed.client.call(people.createGroup, { body: { name: 'tiny', limits: { diskMiB: 1 } } });
    const { job } = await bed.client.call(images.createImage, {
      body: { name: 'of-tiny', ownerGroup: 'tiny', spec: specOf('large') },
    });
    expect(await ended(job!.id)).toMatchObject({
      state: 'Failed',
      failure: { class: 'limit', code: 'limit-exceeded', message: expect.stringContaining('may use 1 MiB of disk') },
    });
  });

  it('goes on after a restart', async () => {
    await bed.restart();
    const { total } = await bed.client.call(images.listImageJobs, { params, query: {} });
    expect(total).toBe(4);
    const { version } = await bed.client.call(images.getImage, { params });
    const { job } = await bed.client.call(images.editImage, { params, body: { version, spec: specOf('extra') } });
    expect(await ended(job!.id)).toMatchObject({ state: 'Succeeded' });
    const rebuilt = await bed.client.call(images.rebuildImage, { params, body: { noCache: true } });
    expect(await ended(rebuilt.id)).toMatchObject({ state: 'Succeeded', reason: 'rebuild', noCache: true });
  });

  it('ends with deletion, which frees the name and keeps the jobs', async () => {
    const { items } = await bed.client.call(images.listImageJobs, { params, query: {} });
    await bed.client.call(images.deleteImage, { params });
    await expect(bed.client.call(images.getImage, { params })).rejects.toMatchObject({ code: 'not-found' });
    expect(await bed.client.call(jobs.getJob, { params: { id: items[0]!.id } })).toMatchObject({ image: name });
    const { job } = await bed.client.call(images.createImage, { body: { name, spec: specOf('extra') } });
    expect((await ended(job!.id)).number).toBe(1);
  });
});
