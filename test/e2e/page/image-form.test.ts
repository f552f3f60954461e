import { afterAll, beforeAll, describe, it } from 'vitest';
import { type PageBed, startPageBed } from './page-bed.ts';

let bed: PageBed;
beforeAll(async () => {
  bed = await startPageBed();
});
afterAll(() => bed[Symbol.asyncDispose]());

describe('the form of an image', () => {
  it('makes one and goes to its job', async () => {
    await using window = await bed.open('/images');
    const { page } = window;
    await page.getByRole('link', { name: 'Add the first image' }).click();
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('Give the image a name.').waitFor();
    await page.getByLabel('Name').and(page.locator(':focus')).waitFor();
    await page.getByLabel('Name').fill('research');
    await page.getByLabel('Base image').fill(bed.base);
    await page.getByLabel('Pip packages').fill('six==1.16.0');
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.waitForURL(/\/jobs\//);
    await page.getByText('Succeeded').first().waitFor({ timeout: 60_000 });
  });
});
