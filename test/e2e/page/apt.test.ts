import { afterAll, beforeAll, expect, it } from 'vitest';
import { getImage } from '../../../src/api/images.ts';
import { makeBase } from '../../bases/make-base.ts';
import { openBuildah } from '../../buildah.ts';
import { type DebRepository, startDebRepository } from '../../deb-repository.ts';
import { type PageBed, startPageBed } from './page-bed.ts';

let bed: PageBed;
let repository: DebRepository;
let base: string;
const library =
  'shared parts of plain tools, with a good deal more to be said of them than there is room for in one line';

beforeAll(async () => {
  bed = await startPageBed();
  repository = await startDebRepository([
    { name: 'plain-library', description: library, postinst: '#!/bin/sh\necho was set up\n' },
    { name: 'plain-tool', depends: 'plain-library' },
  ]);
  await using buildah = await openBuildah();
  await using container = await buildah.fromLayout(await makeBase('debian12'));
  await container.shell(`printf '%s' '${repository.source}' > /etc/apt/sources.list`);
  base = `${new URL(bed.service.url).host}/local:latest`;
  await buildah.push(await buildah.commit(container), `docker://${base}`);
});
afterAll(async () => {
  await repository?.[Symbol.asyncDispose]();
  await bed[Symbol.asyncDispose]();
});

it('builds an image with an apt package, whose line is told to be wrong before it is right', async () => {
  await using window = await bed.open('/new-image');
  const { page } = window;
  const panel = page.getByRole('region', { name: 'What this gives' });
  await page.getByRole('textbox', { name: /^Name/ }).fill('tools');
  await page.getByLabel('Base image').fill(base);
  await page.getByText(/Debian GNU\/Linux 12/).waitFor();
  await page.getByRole('tab', { name: /APT/ }).click();
  const editor = page.getByRole('textbox', { name: 'APT packages' });
  await editor.click();
  await page.keyboard.type('plain-');
  await page.getByRole('option', { name: 'plain-tool' }).waitFor({ timeout: 60_000 });
  expect(await page.getByRole('option').allTextContents()).toEqual([
    'plain-toolmade for a test',
    `plain-library${library}`,
  ]);
  await window.checkAccessibility();
  await window.picture('image-names-apt');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.keyboard.type('=');
  await page.getByRole('option', { name: '1.0' }).waitFor();
  await page.keyboard.press('Escape');
  await editor.fill('# for the class\nplain-tol');
  await page.getByRole('button', { name: 'line 2' }).waitFor({ timeout: 60_000 });
  await page.getByRole('tab', { name: /APT.*1 problem/ }).waitFor();
  await page
    .getByText(/Did you mean .?plain-tool/)
    .first()
    .waitFor();
  await window.checkAccessibility();
  await window.picture('image-apt');
  await editor.press('Backspace');
  await page.keyboard.type('ol');
  await panel.getByText('2 packages will be installed').waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.waitForURL(/\/jobs\//);
  await page.getByText('Succeeded').first().waitFor({ timeout: 120_000 });
  await page.getByRole('log', { name: 'Log' }).getByText('[Step: push]').waitFor();
  await page.goto(`${bed.service.url}/images/tools/contents`);
  await page.getByRole('row', { name: /^plain-tool 1\.0/ }).waitFor();
  await page.getByRole('row', { name: /plain-library.*1\.0.*plain-tool/ }).waitFor();
  expect(await bed.client.call(getImage, { params: { name: 'tools' } })).toMatchObject({ status: 'Succeeded' });
});
