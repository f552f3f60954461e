import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createImage, editImage, getImage } from '../../../src/api/images.ts';
import { cancelJob, getJob } from '../../../src/api/jobs.ts';
import { createPackageSource, deletePackageSource } from '../../../src/api/package-sources.ts';
import { type OpenWindow, type PageBed, startPageBed } from './page-bed.ts';

let bed: PageBed;
const name = 'research-notebook';

beforeAll(async () => {
  bed = await startPageBed();
});
afterAll(() => bed[Symbol.asyncDispose]());

const specOf = (pip: string) => ({ base: bed.base, packages: { apt: '', conda: '', pip } });
const ended = async (id: string) => {
  const read = () => bed.client.call(getJob, { params: { id } });
  await expect.poll(async () => (await read()).endedAt, { timeout: 60_000, interval: 200 }).not.toBeNull();
  return read();
};
async function edited(pip: string) {
  const { version } = await bed.client.call(getImage, { params: { name } });
  const { job } = await bed.client.call(editImage, { params: { name }, body: { version, spec: specOf(pip) } });
  return ended(job!.id);
}

describe('images, their jobs and revisions', () => {
  it('begin with an empty list that says what to do', async () => {
    await bed.look('images-empty', '/images', ({ page }) => page.locator('h2').first().waitFor());
  });

  it('move by themselves while an image is built, whose URL is copied then', async () => {
    await using window = await bed.open('/images');
    const { page } = window;
    await page.getByRole('heading', { name: 'No images yet' }).waitFor();
    const { job } = await bed.client.call(createImage, {
      body: { name, displayName: 'Research', isGlobal: true, spec: specOf('requests  # for the tool\nsix==1.16.0') },
    });
    const row = page.getByRole('row', { name: new RegExp(name) });
    await row.waitFor();
    await row.getByText('Succeeded').waitFor({ timeout: 60_000 });
    const { imageUrl } = await ended(job!.id);
    await row.getByRole('button', { name: /Copy/ }).click();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(imageUrl);
  });

  it('are looked up by name, in an address that can be shared', async () => {
    await edited('requests\nsix==1.17.0\nrich');
    await bed.client.call(createImage, {
      body: { name: 'tensorflow', kind: 'existing', url: 'registry.example.com/tf:2', type: 'gpu' },
    });
    await using window = await bed.open('/images');
    const { page } = window;
    await page.getByLabel('Search by name').fill('tensor');
    await page.getByRole('row', { name: /tensorflow/ }).waitFor();
    await page.getByRole('row', { name: /research/ }).waitFor({ state: 'detached' });
    await expect.poll(() => page.url()).toContain('q=tensor');
    await bed.look('images', '/images', ({ page: each }) => each.getByRole('row', { name: /tensorflow/ }).waitFor());
  });

  it('tell of one image what it is, what it holds and what its revisions differ in', async () => {
    await bed.look('image', `/images/${name}`, ({ page }) => page.getByText('docker pull').first().waitFor());
    await bed.look('image-jobs', `/images/${name}/jobs`, ({ page }) => page.getByRole('row').nth(2).waitFor());
    await bed.look('image-revisions', `/images/${name}/revisions`, ({ page }) =>
      page.getByText('1.16.0').first().waitFor(),
    );
    await bed.look('image-contents', `/images/${name}/contents`, ({ page }) =>
      page.getByRole('row', { name: /urllib3/ }).waitFor(),
    );
    await using window = await bed.open(`/images/${name}/revisions`);
    await window.page.getByRole('button', { name: /^Roll back to/ }).click();
    await window.page.waitForURL(/\/jobs\//);
    await window.page.getByText('Succeeded').first().waitFor({ timeout: 60_000 });
  });

  it('tell of a job why it failed, at the line, and show its log', async () => {
    const { id, number } = await edited('requests\nnosuchpkg-at-all');
    const isThere = async ({ page }: OpenWindow) => {
      await page
        .getByText(/nosuchpkg-at-all/)
        .first()
        .waitFor();
      await page.getByText('[Step: base]').waitFor();
    };
    await bed.look('job-failed', `/jobs/${id}`, isThere);
    await using window = await bed.open(`/jobs/${id}`);
    const { page } = window;
    await isThere(window);
    const download = page.waitForEvent('download');
    await page
      .getByRole('link', { name: /Download$/ })
      .first()
      .click();
    expect((await download).suggestedFilename()).toBe(`${name}-${number}.log`);
  });

  it('tell of a job that succeeded what was built', async () => {
    const { id } = await edited('requests\nrich');
    await bed.look('job', `/jobs/${id}`, ({ page }) => page.getByText('[Step: base]').waitFor());
  });

  it('tell of a job that is being prepared what takes its time', async () => {
    // Nothing is ever answered.
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/simple/`;
    await bed.client.call(createPackageSource, { body: { kind: 'pip', name: 'silent', url } });
    const { version } = await bed.client.call(getImage, { params: { name } });
    const { job } = await bed.client.call(editImage, { params: { name }, body: { version, spec: specOf('rich<14') } });
    await bed.look('job-preparing', `/jobs/${job!.id}`, ({ page }) =>
      page
        .getByRole('status')
        .filter({ hasText: /Solving the pip lines\.|求解 pip 套件。/ })
        .waitFor(),
    );
    await bed.client.call(cancelJob, { params: { id: job!.id } });
    await ended(job!.id);
    await bed.client.call(deletePackageSource, { params: { name: 'silent' } });
    silent.close();
    silent.closeAllConnections();
  });

  it('are deleted once that is confirmed', async () => {
    await using window = await bed.open('/images');
    const { page } = window;
    await page.getByRole('button', { name: 'Delete tensorflow' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('row', { name: /tensorflow/ }).waitFor({ state: 'detached' });
  });
});
