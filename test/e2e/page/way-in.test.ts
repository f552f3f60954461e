import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PageBed, startPageBed } from './page-bed.ts';

let bed: PageBed;
beforeAll(async () => {
  bed = await startPageBed();
});
afterAll(() => bed[Symbol.asyncDispose]());

describe('the way in', () => {
  it('asks for a sign-in link, and leads to where one wanted to go', async () => {
    await using window = await bed.open('/images?q=one', { user: null });
    const { page } = window;
    await page.getByRole('heading', { name: 'Sign in to Imagewright' }).waitFor();
    await window.checkAccessibility();
    await window.picture('sign-in');
    await page.getByLabel('Sign-in link').fill('https://example.com/');
    await page.getByRole('button', { name: 'Open the link' }).click();
    await page.getByText('That is no sign-in link').waitFor();
    await page.getByLabel('Sign-in link').fill(bed.service.signInLink!);
    await page.getByRole('button', { name: 'Open the link' }).click();
    await page.getByRole('heading', { name: 'Images' }).waitFor();
    expect(page.url()).toBe(`${bed.service.url}/images?q=one`);
  });

  it('follows the language and the colours that one chooses', async () => {
    await using window = await bed.open('/images');
    const { page } = window;
    await page.getByRole('button', { name: 'Language' }).click();
    await page.getByRole('menuitem', { name: '繁體中文' }).click();
    await page.getByRole('heading', { name: '映像檔', exact: true }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-TW');
    await page.getByRole('button', { name: '配色' }).click();
    await page.getByRole('menuitem', { name: '深色' }).click();
    await page.locator('html[data-theme=dark]').waitFor();
    await page.reload();
    await page.locator('html[data-theme=dark][lang=zh-TW]').waitFor();
  });

  it('has a page for what is not there, and signs out', async () => {
    await using window = await bed.open('/images/a/b/c/d');
    const { page } = window;
    await page.getByRole('heading', { name: 'There is nothing here' }).waitFor();
    await window.checkAccessibility();
    await page.getByRole('button', { name: /^Account/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to Imagewright' }).waitFor();
  });
});
