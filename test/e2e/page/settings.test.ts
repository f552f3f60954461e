import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listBaseImages } from '../../../src/api/base-images.ts';
import { listPackageSources } from '../../../src/api/package-sources.ts';
import { createGroup, createUser, setGroupMember } from '../../../src/api/people.ts';
import { listPullSecrets } from '../../../src/api/pull-secrets.ts';
import { getRegistry, setRegistry } from '../../../src/api/registry-settings.ts';
import { type DockerRegistry, startDockerRegistry } from '../../docker-registry.ts';
import { type PageBed, startPageBed } from './page-bed.ts';
import { choose, confirm, dialogOf, fill, press, rowOf } from './settings-steps.ts';

let bed: PageBed;
let registry: DockerRegistry;
beforeAll(async () => {
  bed = await startPageBed();
  // alice, with the password "correct horse"
  registry = await startDockerRegistry({
    htpasswd: 'alice:$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2',
  });
  await bed.client.call(createGroup, { body: { name: 'lab', displayName: 'The laboratory' } });
  await bed.client.call(createUser, { body: { name: 'gina', displayName: 'Gina Group' } });
  await bed.client.call(setGroupMember, { params: { name: 'lab', user: 'gina' }, body: { role: 'admin' } });
});
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await bed[Symbol.asyncDispose]();
});

describe('the registry', () => {
  it('is set by who is led here by the warning, once a test has shown that it works', async () => {
    await bed.client.call(setRegistry, { body: { embedded: false } });
    await using window = await bed.open('/images');
    const { page } = window;
    await page.getByText('Image registry not found').waitFor();
    await page.getByRole('link', { name: 'Set up the registry' }).click();
    await page.waitForURL('**/settings/registry');
    await page.getByLabel('A registry of your own').check();
    await press(window, 'Save');
    await page.getByText('Fill this in.').waitFor();
    await page
      .getByLabel(/^Registry/)
      .and(page.locator(':focus'))
      .waitFor();
    await page.getByLabel(/^Registry/).fill(registry.host);
    await page.getByLabel('Push prefix').fill('team');
    await page.getByLabel('User name').fill('alice');
    await press(window, 'Test connection');
    await page.getByText('There is a user name, but no password.').waitFor();
    await page.getByLabel('Password or token').and(page.locator(':focus')).fill('wrong');
    await press(window, 'Test connection');
    await page.getByRole('heading', { name: `Images cannot be pushed to ${registry.host}` }).waitFor();
    await window.checkAccessibility();
    await window.picture('settings-registry-test');
    await page.getByLabel('Password or token').fill('correct horse');
    await press(window, 'Test connection');
    await page.getByRole('heading', { name: `Images can be pushed to ${registry.host}` }).waitFor();
    await press(window, 'Save');
    await page.getByText('The registry is saved.').first().waitFor();
    await page.getByText(`${registry.host}/team/example:1a2b3c4d`).first().waitFor();
    expect(await page.content()).not.toContain('correct horse');
    await page.getByRole('link', { name: 'Images', exact: true }).click();
    await page.getByRole('heading', { name: 'No images yet' }).waitFor();
    await expect.poll(() => page.getByText('Image registry not found').count()).toBe(0);
  });

  it('keeps its password when another field is changed, and shows both versions where two change it', async () => {
    await using window = await bed.open('/settings/registry');
    const { page } = window;
    await page.getByLabel('Push prefix').fill('mine');
    const { username, endpoint, version } = await bed.client.call(getRegistry, {});
    await bed.client.call(setRegistry, { body: { endpoint, username, pushRepoPrefix: 'theirs', version } });
    await press(window, 'Save');
    await page.getByText('admin has changed the registry meanwhile').waitFor();
    const versions = rowOf(window, /Push prefix/);
    await versions.getByText('mine').waitFor();
    await versions.getByText('theirs').waitFor();
    await window.checkAccessibility();
    await window.picture('settings-registry-stale');
    await press(window, 'Keep yours, and save again');
    await press(window, 'Save');
    await page.getByText('The registry is saved.').first().waitFor();
    expect(await bed.client.call(getRegistry, {})).toMatchObject({ pushRepoPrefix: 'mine', hasPassword: true });
  });

  it('asks before what was entered is lost', async () => {
    await using window = await bed.open('/settings/registry');
    const { page } = window;
    await page.getByLabel('Push prefix').fill('other');
    await page.getByRole('link', { name: 'Audit' }).click();
    await dialogOf(window).getByRole('button', { name: 'Leave' }).click();
    await page.waitForURL('**/settings/audit');
    await bed.client.call(setRegistry, { body: { embedded: true, password: null } });
  });

  it('is whole in both languages and on a narrow screen', async () => {
    await bed.look('settings-registry', '/settings/registry', ({ page }) =>
      page.locator('input[type=radio]').first().waitFor(),
    );
  });
});

describe('pull secrets', () => {
  it('are made, changed without their password, and deleted', async () => {
    await using window = await bed.open('/settings/secrets');
    const { page } = window;
    await page.getByText('There are no pull secrets.').waitFor();
    await press(window, 'New pull secret');
    await dialogOf(window).getByLabel(/^Name/).and(page.locator(':focus')).waitFor();
    await dialogOf(window).getByRole('button', { name: 'Create' }).click();
    await page.getByText('Fill this in.').nth(3).waitFor();
    await fill(window, /^Name/, 'Hub!');
    await fill(window, /^Registry/, 'registry.example.com');
    await fill(window, /^User name \(/, 'alice');
    await fill(window, 'Password or token', 'correct horse');
    await dialogOf(window).getByRole('button', { name: 'Create' }).click();
    await page.getByText(/must start and end with an alphanumeric/).waitFor();
    await window.checkAccessibility();
    await window.picture('settings-secret');
    await fill(window, /^Name/, 'hub');
    await confirm(window, 'Create');
    await rowOf(window, /hub.*registry\.example\.com/).waitFor();
    await press(window, 'Edit hub');
    await fill(window, /^User name \(/, 'bob');
    await choose(window, 'Belongs to', 'lab');
    await confirm(window, 'Save');
    await rowOf(window, /hub.*bob.*lab/).waitFor();
    expect(await page.content()).not.toContain('correct horse');
    await page.getByRole('button', { name: 'Edit hub' }).and(page.locator(':focus')).waitFor();
    await press(window, 'Delete hub');
    await confirm(window, 'Delete');
    await page.getByText('There are no pull secrets.').waitFor();
  });

  it('come from a docker configuration, one for each registry', async () => {
    await using window = await bed.open('/settings/secrets');
    await press(window, 'New pull secret');
    await fill(window, /^Name/, 'hub');
    await window.page.getByLabel('Docker configuration').check();
    const auth = Buffer.from('alice:secret').toString('base64');
    const auths = { 'registry.example.com': { auth }, 'quay.io': { auth } };
    await dialogOf(window).getByRole('textbox', { name: 'Docker configuration' }).fill(JSON.stringify({ auths }));
    await confirm(window, 'Create');
    await rowOf(window, /hub-quay-io/).waitFor();
    const { items } = await bed.client.call(listPullSecrets, { query: {} });
    expect(items.map(({ name }) => name).sort()).toEqual(['hub-quay-io', 'hub-registry-example-com']);
    await bed.look('settings-secrets', '/settings/secrets', (each) => rowOf(each, /hub-quay-io/).waitFor());
  });

  it('of a group are looked after by its administrators, who see nothing of the platform’s settings', async () => {
    await using window = await bed.open('/settings', { user: 'gina' });
    const { page } = window;
    await page.waitForURL('**/settings/secrets');
    const tabs = page.getByRole('navigation', { name: 'Settings' }).getByRole('link');
    await expect.poll(() => tabs.allTextContents()).toEqual(['Pull secrets', 'Groups', 'Limits']);
    await rowOf(window, /hub-quay-io/).waitFor();
    expect(await page.getByRole('button', { name: 'Edit hub-quay-io' }).count()).toBe(0);
    await press(window, 'New pull secret');
    await fill(window, /^Name/, 'of-lab');
    await fill(window, /^Registry/, 'registry.example.com');
    await fill(window, /^User name \(/, 'lab');
    await fill(window, 'Password or token', 'secret');
    await confirm(window, 'Create');
    await rowOf(window, /of-lab.*lab/).waitFor();
    await page.goto(`${bed.service.url}/settings/audit`);
    await page.getByText('These settings are for administrators.').waitFor();
  });
});

describe('base images', () => {
  it('are offered once they have been looked into', async () => {
    await using window = await bed.open('/settings/bases');
    const { page } = window;
    await page.getByText('There are no base images yet.').waitFor();
    await press(window, 'New base image');
    await fill(window, /^Image reference/, bed.base);
    await page.getByText(/Debian GNU\/Linux 12 .*Python 3\.11.*linux\/amd64/).waitFor();
    await fill(window, 'Name', 'Python 3.11');
    await fill(window, 'Description', 'For notebooks');
    await choose(window, 'Type', 'CPU');
    await window.checkAccessibility();
    await window.picture('settings-base');
    await confirm(window, 'Create');
    await rowOf(window, /Python 3\.11.*CPU/).waitFor();
    await press(window, 'Edit Python 3.11');
    await fill(window, /^Name/, 'Python');
    await confirm(window, 'Save');
    await rowOf(window, /Python For notebooks/).waitFor();
    const { items } = await bed.client.call(listBaseImages, { query: {} });
    expect(items).toMatchObject([{ name: 'Python', reference: bed.base, type: 'cpu', pullSecret: null }]);
    await bed.look('settings-bases', '/settings/bases', (each) => rowOf(each, /For notebooks/).waitFor());
  });
});

describe('package sources', () => {
  const sources = async () => (await bed.client.call(listPackageSources, { query: {} })).items;

  it('are asked in the order into which one puts them, and never show a password', async () => {
    await using window = await bed.open('/settings/sources');
    const { page } = window;
    for (const [name, url] of [
      ['first', 'https://alice:correct-horse@pypi.example.com/simple'],
      ['second', 'https://mirror.example.com/simple'],
    ] as const) {
      await press(window, 'New source');
      await fill(window, /^Name/, name);
      await fill(window, /^URL/, url);
      await confirm(window, 'Create');
      await rowOf(window, new RegExp(name)).waitFor();
    }
    await rowOf(window, /first.*https:\/\/pypi\.example\.com\/simple.*signs in/).waitFor();
    expect(await page.content()).not.toContain('correct-horse');
    await press(window, 'Ask second earlier');
    await expect.poll(async () => (await sources()).map(({ name }) => name)).toEqual(['second', 'first']);
    await expect.poll(() => page.getByRole('rowheader').allTextContents()).toEqual(['second', 'first']);
    await page.getByRole('button', { name: 'Ask second earlier' }).and(page.locator(':focus')).waitFor();
    await press(window, 'Edit first');
    await dialogOf(window).getByLabel('In place of the public index').check();
    await window.checkAccessibility();
    await window.picture('settings-source');
    await confirm(window, 'Save');
    await rowOf(window, /first.*In place of the public index/).waitFor();
    expect(await sources()).toMatchObject([
      { name: 'second' },
      { name: 'first', hasCredentials: true, options: { isDefault: true } },
    ]);
    await press(window, 'Edit first');
    await dialogOf(window).getByRole('button', { name: 'Remove' }).click();
    await confirm(window, 'Save');
    await expect.poll(async () => (await sources())[1]).toMatchObject({ name: 'first', hasCredentials: false });
  });

  it('are entered while the dialog still opens: focus stays where one has put it', async () => {
    await using window = await bed.open('/settings/sources');
    await window.page.emulateMedia({ reducedMotion: 'no-preference' });
    await window.page.reload();
    await press(window, 'New source');
    const url = dialogOf(window).getByLabel(/^URL/);
    await url.focus();
    await window.page.waitForTimeout(1000);
    await url.and(window.page.locator(':focus')).waitFor();
  });

  it('are also certificates, which must be some, and an apt source with its suite, or a mirror', async () => {
    await using window = await bed.open('/settings/sources');
    const { page } = window;
    await press(window, 'New source');
    await choose(window, 'Kind', 'Certificates');
    await fill(window, /^Name/, 'company');
    await fill(window, /^Certificates/, 'not a certificate');
    await dialogOf(window).getByRole('button', { name: 'Create' }).click();
    await page.getByText(/none is in PEM format/).waitFor();
    await choose(window, 'Kind', 'APT source');
    await fill(window, /^URL/, 'https://deb.example.com/debian');
    await fill(window, 'Suite', 'bookworm');
    await fill(window, 'Components', 'main contrib');
    await confirm(window, 'Create');
    await rowOf(window, /company.*bookworm · main contrib/).waitFor();
    await press(window, 'Edit company');
    for (const label of ['Suite', 'Components']) await fill(window, label, '');
    await fill(window, 'Mirror of', 'http://archive.example.com/debian');
    await confirm(window, 'Save');
    await rowOf(window, /company.*in place of http:\/\/archive\.example\.com\/debian/).waitFor();
    await bed.look('settings-sources', '/settings/sources', (each) => rowOf(each, /company/).waitFor());
  });
});

describe('limits and audit', () => {
  it('give a group limits of its own', async () => {
    await using window = await bed.open('/settings/limits');
    await press(window, 'Limits of lab');
    await fill(window, 'Longest time in minutes', '90');
    await window.checkAccessibility();
    await window.picture('settings-limits-edit');
    await confirm(window, 'Save');
    await rowOf(window, /lab.*1 hr 30 min/).waitFor();
    await bed.look('settings-limits', '/settings/limits', (each) => rowOf(each, /lab/).waitFor());
  });

  it('tell who changed what', async () => {
    await using window = await bed.open('/settings/audit');
    const { page } = window;
    await rowOf(window, /admin.*Group changed.*lab/).waitFor();
    await page.getByRole('combobox', { name: 'Change' }).selectOption({ label: 'Pull secret made' });
    await rowOf(window, /gina.*Pull secret made.*of-lab/).waitFor();
    await page.getByLabel('Who (exactly)').fill('gina');
    await expect.poll(() => page.getByRole('row').count()).toBe(2);
    expect(new URL(page.url()).search).toBe('?actor=gina&action=pull-secret.create');
    await bed.look('settings-audit', '/settings/audit', (each) => each.page.getByRole('row').nth(5).waitFor());
  });
});
