import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBaseImage } from '../../../src/api/base-images.ts';
import { editImage, getImage } from '../../../src/api/images.ts';
import { createPackageSource, deletePackageSource } from '../../../src/api/package-sources.ts';
import { createGroup, createUser, setGroupMember } from '../../../src/api/people.ts';
import { startPackageIndex } from '../../package-index.ts';
import { serveRepodata } from '../../repodata-server.ts';
import { type PageBed, startPageBed } from './page-bed.ts';

let bed: PageBed;
const name = 'research';
beforeAll(async () => {
  bed = await startPageBed();
});
afterAll(() => bed[Symbol.asyncDispose]());

const confirm = (page: Page) => page.getByRole('button', { name: 'Confirm' }).click();
const panel = (page: Page) => page.getByRole('region', { name: 'What this gives' });
const nameField = (page: Page) => page.getByRole('textbox', { name: /^Name/ });
const paste = async (page: Page, text: string) => {
  await page.getByRole('textbox', { name: 'Pip packages' }).focus();
  await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
  await page.keyboard.press('Control+V');
};
const dropFile = (page: Page, file: string, text: string) =>
  page.locator('.cm-content').evaluate(
    `(editor => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([${JSON.stringify(text)}], ${JSON.stringify(file)}));
      editor.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    })(document.querySelector('.cm-content'))`,
  );

describe('the form of an image', () => {
  it('makes one and goes to its job', async () => {
    await using window = await bed.open('/images');
    const { page } = window;
    await page.getByRole('link', { name: 'Add the first image' }).click();
    await confirm(page);
    await page.getByText('Give the image a name.').waitFor();
    await nameField(page).and(page.locator(':focus')).waitFor();
    await nameField(page).fill('Research!');
    await page.getByText('begin and end with a letter or digit.').waitFor();
    await nameField(page).fill(name);
    await page.getByText('The name is free.').waitFor();
    await page.getByLabel('Base image').fill(bed.base);
    await page.getByText(/Debian GNU\/Linux 12 .* Python 3\.11/).waitFor();
    await page.getByLabel('Pip packages').fill('six==1.16.0  # for old code');
    await panel(page).getByText('1 package will be installed').waitFor();
    await confirm(page);
    await page.waitForURL(/\/jobs\//);
    await page.getByText('Succeeded').first().waitFor({ timeout: 60_000 });
  });

  it('is whole in both languages and on a narrow screen', async () => {
    await bed.look('image-form', '/new-image', ({ page }) => page.locator('.cm-content').waitFor());
    await bed.look('image-edit', `/images/${name}/edit`, ({ page }) =>
      page.getByRole('rowheader', { name: 'six' }).waitFor(),
    );
  });

  it('shows problems at their lines before anything is built', async () => {
    await using window = await bed.open(`/images/${name}/edit`);
    const { page } = window;
    await page.getByLabel('Pip packages').fill('six\nnosuchpkg-at-all\nnumpy>=99');
    await panel(page).getByText('2 problems').waitFor({ timeout: 30_000 });
    await page.getByRole('tab', { name: /Pip.*2 problems/ }).waitFor();
    await page.locator('.cm-lint-marker-error').nth(1).waitFor();
    await page.getByRole('button', { name: 'line 3' }).click();
    await page.getByLabel('Pip packages').and(page.locator(':focus')).waitFor();
    await window.checkAccessibility();
    await window.picture('image-problems');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('six');
    await panel(page).getByText('1 package will be installed').waitFor({ timeout: 30_000 });
  });

  it('says what is wrong in the language of the page', async () => {
    await using window = await bed.open(`/images/${name}/edit`, { language: 'zh-TW' });
    const { page } = window;
    const lines = ['six', 'nosuchpkg-at-all', 'numpy>=99', '-r requirements.txt', 'git+https://example.com/x', 'a b'];
    await page.getByRole('textbox', { name: 'Pip 套件' }).fill(lines.join('\n'));
    for (const said of [
      '套件索引中沒有套件「nosuchpkg-at-all」。',
      /只有 numpy<.* 可用，而您要求 numpy>=99。/,
      '-r 是 pip 的選項，不是套件。 請把那個檔案的內容貼在這裡。',
      /不會建置版本控制中的套件/,
      '這一行有一個以上的套件。 請一行寫一個：a ⏎ b',
    ]) {
      await page.locator('.form-problems').getByText(said).first().waitFor({ timeout: 30_000 });
    }
    await window.checkChinese();
    await window.picture('image-problems');
    await page.getByRole('textbox', { name: 'Pip 套件' }).fill('six');
    await page.locator('.form-problems').waitFor({ state: 'detached', timeout: 30_000 });
  });

  it('completes versions, and takes none that is not chosen', async () => {
    await using window = await bed.open('/new-image');
    const { page } = window;
    const editor = page.getByRole('textbox', { name: 'Pip packages' });
    await editor.click();
    await page.keyboard.type('six==1.16');
    await page.getByRole('option', { name: '1.16.0' }).waitFor();
    await window.checkAccessibility();
    await window.picture('image-versions');
    await page.keyboard.press('Enter');
    await page.keyboard.type('six==1.16');
    await page.getByRole('option', { name: '1.16.0' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.getByRole('option', { name: '1.16.0', selected: true }).waitFor();
    await page.keyboard.press('Enter');
    expect(await editor.locator('.cm-line').allTextContents()).toEqual(['six==1.16', 'six==1.16.0']);
  });

  it('completes names of pip and conda packages, from where they come', async () => {
    await using index = await startPackageIndex(
      ['Quick_Sort', 'quickly', 'quick-sort-more'].map((each) => ({ name: each })),
    );
    await using server = await serveRepodata({
      main: [{ name: 'quiet' }, { name: 'quietly', version: '1.10' }, { name: 'quietly', version: '1.9' }],
      lab: [{ name: 'quiet-lab' }],
    });
    const add = (kind: 'pip' | 'conda', source: string, url: string) =>
      bed.client.call(createPackageSource, { body: { kind, name: source, url } });
    await add('pip', 'made', index.url);
    await add('conda', 'main', server.channelUrl('main'));
    await add('conda', 'lab', server.channelUrl('lab'));
    await using window = await bed.open('/new-image');
    const { page } = window;
    const offered = () => page.getByRole('option').allTextContents();
    const lines = () => page.locator('.line-editor:visible .cm-line').allTextContents();

    await page.getByRole('textbox', { name: 'Pip packages' }).click();
    await page.keyboard.type('Quick_');
    await page.getByRole('option', { name: 'quick-sort', exact: true }).waitFor();
    expect(await offered()).toEqual(['quick-sort', 'quick-sort-more']);
    await window.checkAccessibility();
    await window.picture('image-names');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.keyboard.type('==');
    await page.getByRole('option', { name: '1.0' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.type('1.0');
    await page.keyboard.press('Enter');
    expect(await lines()).toEqual(['quick-sort==1.0', '']);

    await page.getByRole('tab', { name: /Conda/ }).click();
    await page.getByRole('textbox', { name: 'Conda packages' }).click();
    await page.keyboard.type('qui');
    await page.getByRole('option', { name: 'quiet-lab' }).waitFor();
    expect(await offered()).toEqual(['quiet', 'quietly', 'quiet-lab']);
    await page.keyboard.type('etl');
    await expect.poll(offered).toEqual(['quietly']);
    for (const key of ['Backspace', 'Backspace']) await page.keyboard.press(key);
    await expect.poll(offered).toEqual(['quiet', 'quietly', 'quiet-lab']);
    await page.keyboard.type('tl');
    await expect.poll(offered).toEqual(['quietly']);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.keyboard.type('=');
    await page.getByRole('option', { name: '1.10' }).waitFor();
    expect(await offered()).toEqual(['1.10', '1.9']);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Enter');
    await page.keyboard.type('lab::qu');
    await expect.poll(offered).toEqual(['quiet-lab']);
    expect(await lines()).toEqual(['quietly=', 'lab::qu']);
    for (const source of ['made', 'main', 'lab'])
      await bed.client.call(deletePackageSource, { params: { name: source } });
  });

  it('takes pasted commands and whole files into the lists, and says what it leaves out', async () => {
    await using window = await bed.open('/new-image');
    const { page } = window;
    await page.getByRole('textbox', { name: 'Pip packages' }).waitFor();
    await paste(
      page,
      'RUN apt-get install -y git && pip install -i https://me:secret@example.com/x numpy>=2 "a[b]==1"',
    );
    const notice = page.getByText('What was pasted was read as install commands. Added: APT 1 · Pip 2.');
    await notice.waitFor();
    await page.getByText('-i https://example.com/x').waitFor();
    expect(await page.content()).not.toContain('secret@');
    await page.keyboard.press('Control+Z');
    await page.getByRole('tab', { name: /Pip 0/ }).waitFor();
    await page.keyboard.press('Control+Shift+Z');
    await page.getByRole('tab', { name: /Pip 2/ }).waitFor();
    await page.keyboard.press('Control+End');
    await paste(page, 'scipy\n');
    await page.getByRole('tab', { name: /Pip 3/ }).waitFor();
    await dropFile(page, 'environment.yml', 'channels: [x]\ndependencies:\n  - python=3.12\n  - pip:\n    - rich\n');
    await page.getByText('environment.yml was read as a conda environment. Added: Conda 1 · Pip 1.').waitFor();
    expect(await page.getByRole('textbox', { name: 'Pip packages' }).locator('.cm-line').allTextContents()).toEqual([
      'numpy>=2',
      'a[b]==1',
      'scipy',
      'rich',
      '',
    ]);
    await page.locator('input[type=file]').setInputFiles({
      name: 'requirements.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('numpy==2.1.0 \\\n  --hash=sha256:aa\n'),
    });
    await page.getByText('requirements.txt was read as a requirements file. Added: Pip 1.').waitFor();
    await page.locator('input[type=file]').setInputFiles({
      name: 'photo.png',
      mimeType: 'image/png',
      buffer: Buffer.from([0x89, 0x50, 0, 0xff]),
    });
    await page.getByText('photo.png is no text').waitFor();
    await page.getByRole('textbox', { name: 'Pip packages' }).focus();
    await page.keyboard.press('Tab');
    await page.getByRole('textbox', { name: 'Display name' }).and(page.locator(':focus')).waitFor();
  });

  it('asks before what was written is lost', async () => {
    await using window = await bed.open('/images');
    const { page } = window;
    await page.getByRole('link', { name: 'Add' }).click();
    await nameField(page).fill('draft');
    await page.getByRole('link', { name: 'Jobs' }).click();
    await page.getByRole('dialog', { name: 'Leave without saving?' }).waitFor();
    await window.checkAccessibility();
    await page.getByRole('button', { name: 'Stay' }).click();
    expect(await nameField(page).inputValue()).toBe('draft');
    await page.getByRole('link', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Leave' }).click();
    await page.getByRole('heading', { name: 'Images' }).waitFor();
  });

  it('brings back what was written when the page is loaded anew', async () => {
    await using window = await bed.open('/new-image');
    const { page } = window;
    page.on('dialog', (dialog) => void dialog.accept());
    await nameField(page).fill('unfinished');
    await page.getByRole('textbox', { name: 'Pip packages' }).fill('rich');
    await page.getByRole('tab', { name: /Pip 1/ }).waitFor();
    await page.reload();
    await page.getByText('What you had written here is back.').waitFor();
    expect(await nameField(page).inputValue()).toBe('unfinished');
    await page.getByRole('tab', { name: /Pip 1/ }).waitFor();
    await page.getByRole('button', { name: 'Start anew' }).click();
    expect(await nameField(page).inputValue()).toBe('');
    await page.getByRole('tab', { name: /Pip 0/ }).waitFor();
    await page.reload();
    await nameField(page).waitFor();
    expect(await nameField(page).inputValue()).toBe('');
  });

  it('takes in what somebody else has saved meanwhile, and lets one choose', async () => {
    await using window = await bed.open(`/images/${name}/edit`);
    const { page } = window;
    await page.getByRole('textbox', { name: 'Display name' }).fill('Mine');
    const { version } = await bed.client.call(getImage, { params: { name } });
    const body = { version, displayName: 'Theirs', description: 'For papers' };
    await bed.client.call(editImage, { params: { name }, body });
    await confirm(page);
    await page.getByText('Somebody else has saved this image meanwhile').waitFor();
    expect(await page.getByRole('textbox', { name: 'Description' }).inputValue()).toBe('For papers');
    await page.locator('.preflight[aria-busy=false]').waitFor();
    await page.getByText('Saves it; nothing has to be built.').waitFor();
    await window.checkAccessibility();
    await window.picture('image-stale');
    await page.getByRole('radio', { name: 'Theirs' }).check();
    expect(await page.getByRole('textbox', { name: 'Display name' }).inputValue()).toBe('Theirs');
    await page.getByRole('radio', { name: 'Yours' }).check();
    await confirm(page);
    await page.waitForURL(`**/images/${name}`);
    await page.getByText('For papers').waitFor();
    expect(await bed.client.call(getImage, { params: { name } })).toMatchObject({
      displayName: 'Mine',
      description: 'For papers',
      version: version + 2,
    });
  });

  it('offers a group administrator what such a one may set, and makes a secret in place', async () => {
    await bed.client.call(createUser, { body: { name: 'gina' } });
    for (const group of ['lab', 'guests']) await bed.client.call(createGroup, { body: { name: group } });
    await bed.client.call(setGroupMember, { params: { name: 'lab', user: 'gina' }, body: { role: 'admin' } });
    await bed.client.call(setGroupMember, { params: { name: 'guests', user: 'gina' }, body: { role: 'member' } });
    await using window = await bed.open('/new-image', { user: 'gina' });
    const { page } = window;
    await nameField(page).fill(name);
    await page.getByText('The name is taken.').waitFor();
    await nameField(page).fill('lab-tools');
    expect(await page.getByText('Shown to everybody').count()).toBe(0);
    await page.getByText('Use existing one').click();
    await page.getByRole('textbox', { name: /^Container image URL/ }).fill('registry.example.com/tf:2');
    await page.getByText('Use Image PullSecret').click();
    await page.getByRole('button', { name: 'New secret' }).click();
    const dialog = page.getByRole('dialog', { name: 'New pull secret' });
    expect(await dialog.getByRole('textbox', { name: /^Registry/ }).inputValue()).toBe('registry.example.com');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.getByText('Fill this in.').first().waitFor();
    await dialog.getByRole('textbox', { name: /^Name/ }).and(page.locator(':focus')).waitFor();
    await dialog.getByRole('textbox', { name: /^Name/ }).fill('lab-registry');
    await dialog.getByRole('textbox', { name: /^User name/ }).fill('lab');
    await dialog.getByLabel(/^Password/).fill('secret');
    await window.checkAccessibility();
    await dialog.getByRole('button', { name: 'Create' }).click();
    await page.getByText('lab-registry · registry.example.com').waitFor();
    await page.getByRole('combobox', { name: 'Shown to groups' }).click();
    await page.getByTitle('guests').click();
    await page.keyboard.press('Escape');
    await window.checkAccessibility();
    await confirm(page);
    await page.waitForURL('**/images/lab-tools');
    expect(await bed.client.call(getImage, { params: { name: 'lab-tools' } })).toMatchObject({
      kind: 'existing',
      ownerGroup: 'lab',
      groups: ['guests'],
      isGlobal: false,
      pullSecret: 'lab-registry',
    });
  });

  it('offers nothing to who may not make images', async () => {
    await bed.client.call(createUser, { body: { name: 'max' } });
    await using window = await bed.open('/new-image', { user: 'max' });
    await window.page.getByText('Images are made by administrators').waitFor();
  });

  it('completes the base as one types', async () => {
    await bed.client.call(createBaseImage, { body: { reference: bed.base, name: 'Python 3.11', type: 'cpu' } });
    await using window = await bed.open('/new-image');
    const { page } = window;
    await page.getByLabel('Base image').fill('pyth');
    await page.getByText('Python 3.11 base · CPU').waitFor();
    await window.checkAccessibility();
    await window.picture('image-base');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByText(/Debian GNU\/Linux 12/).waitFor();
    expect(await page.getByLabel('Base image').inputValue()).toBe(bed.base);
  });
});
