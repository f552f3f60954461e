import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiClient } from '../../../src/api/create-client.ts';
import {
  createGroup,
  createToken,
  createUser,
  getGroup,
  getMe,
  listTokens,
  setGroupMember,
} from '../../../src/api/people.ts';
import { type PageBed, startPageBed } from './page-bed.ts';
import { confirm, dialogOf, fill, press, rowOf } from './settings-steps.ts';

let bed: PageBed;
beforeAll(async () => {
  bed = await startPageBed();
  await bed.client.call(createGroup, { body: { name: 'lab', displayName: 'The laboratory' } });
  await bed.client.call(createUser, { body: { name: 'gina', displayName: 'Gina Group' } });
  await bed.client.call(setGroupMember, { params: { name: 'lab', user: 'gina' }, body: { role: 'admin' } });
});
afterAll(() => bed[Symbol.asyncDispose]());

describe('people', () => {
  it('are made, get a link, and come in by it', async () => {
    await using window = await bed.open('/settings/users');
    await press(window, 'New user');
    await fill(window, /^Name/, 'max');
    await fill(window, 'Display name', 'Max Member');
    await window.checkAccessibility();
    await window.picture('settings-user');
    await dialogOf(window).getByRole('button', { name: 'Create' }).click();
    await press(window, 'Make the link');
    const link = dialogOf(window).locator('.reference code');
    await link.waitFor();
    await window.checkAccessibility();
    await window.picture('settings-sign-in-link');
    const url = (await link.textContent())!;
    await dialogOf(window).getByRole('button', { name: 'Close' }).last().click();
    await rowOf(window, /max.*Max Member.*never/).waitFor();
    await window.page.getByRole('button', { name: 'New user' }).and(window.page.locator(':focus')).waitFor();
    await using other = await bed.open('/', { user: null });
    await other.page.goto(url);
    await other.page.getByRole('button', { name: 'Account: Max Member' }).waitFor();
    expect(await other.page.getByRole('link', { name: 'Settings' }).count()).toBe(0);
  });

  it('are put into groups, whose administrators look after them', async () => {
    await using window = await bed.open('/settings/groups', { user: 'gina' });
    const { page } = window;
    await page.getByRole('link', { name: 'lab' }).click();
    await page.getByLabel(/^Name of a user/).fill('nobody-at-all');
    await press(window, 'Put into the group');
    await page.getByRole('alert').waitFor();
    await page.getByLabel(/^Name of a user/).fill('max');
    await page.keyboard.press('Enter');
    await rowOf(window, /max/).waitFor();
    await page.getByLabel('Role of max').selectOption('Group administrator');
    const members = async () => (await bed.client.call(getGroup, { params: { name: 'lab' } })).members;
    await expect.poll(members).toContainEqual({ user: 'max', displayName: 'Max Member', role: 'admin' });
    await press(window, 'Take max out of lab');
    await rowOf(window, /max/).waitFor({ state: 'detached' });
  });

  it('are whole in both languages and on a narrow screen', async () => {
    await bed.look('settings-users', '/settings/users', (each) => rowOf(each, /gina/).waitFor());
    await bed.look('settings-groups', '/settings/groups', (each) => rowOf(each, /lab/).waitFor());
    await bed.look('settings-group', '/settings/groups/lab', (each) => rowOf(each, /gina/).waitFor());
  });

  it('are made by administrators, and deleted, with their groups', async () => {
    await using window = await bed.open('/settings/groups');
    const { page } = window;
    await press(window, 'New group');
    await fill(window, /^Name/, 'vision');
    await dialogOf(window).getByRole('button', { name: 'Create' }).click();
    await page.waitForURL('**/settings/groups/vision');
    await page.getByText('Nobody is in this group yet.').waitFor();
    await page.getByRole('link', { name: 'All groups' }).click();
    await press(window, 'Delete vision');
    await confirm(window, 'Delete');
    await rowOf(window, /vision/).waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Users' }).click();
    await press(window, 'Edit max');
    await dialogOf(window).getByLabel('Disabled').check();
    await confirm(window, 'Save');
    await rowOf(window, /max Disabled/).waitFor();
    await press(window, 'Delete max');
    await confirm(window, 'Delete');
    await rowOf(window, /max/).waitFor({ state: 'detached' });
  });
});

describe('the profile', () => {
  it('has tokens that are shown once, work until they are revoked, and are seen by administrators', async () => {
    await using window = await bed.open('/images', { user: 'gina' });
    const { page } = window;
    await press(window, /^Account/);
    await page.getByRole('menuitem', { name: 'Profile' }).click();
    await page.getByText('There are no tokens.').waitFor();
    await press(window, 'New token');
    await fill(window, /^Name/, 'CI');
    await window.checkAccessibility();
    await window.picture('profile-new-token');
    await dialogOf(window).getByRole('button', { name: 'Create' }).click();
    await dialogOf(window).getByRole('button', { name: 'Copy token' }).click();
    const token = (await page.evaluate('navigator.clipboard.readText()')) as string;
    await window.checkAccessibility();
    await dialogOf(window).getByRole('button', { name: 'I have copied it' }).click();
    await rowOf(window, /CI.*work with images/).waitFor();
    await page.getByRole('button', { name: 'New token' }).and(page.locator(':focus')).waitFor();
    expect(await page.content()).not.toContain(token);
    const program = createApiClient({ url: bed.service.url, token });
    expect(await program.call(getMe, {})).toMatchObject({ name: 'gina' });
    await bed.client.call(createToken, { body: { name: 'Nightly builds', scopes: ['read'] } });
    await bed.look('profile', '/profile', (each) => rowOf(each, /Nightly builds/).waitFor());
    await using administrator = await bed.open('/settings/tokens?user=gina');
    await rowOf(administrator, /CI/).waitFor();
    await press(window, 'Revoke CI');
    await confirm(window, 'Revoke');
    await page.getByText('There are no tokens.').waitFor();
    await expect(program.call(getMe, {})).rejects.toMatchObject({ code: 'unauthorized' });
    expect((await bed.client.call(listTokens, { query: { user: 'gina' } })).total).toBe(0);
  });

  it('sets the language and the colours of this browser', async () => {
    await using window = await bed.open('/profile', { user: 'gina' });
    const { page } = window;
    await page.getByRole('combobox', { name: 'Language' }).selectOption('zh-TW');
    await page.getByRole('heading', { name: '個人檔案' }).waitFor();
    await page.getByRole('combobox', { name: '配色' }).selectOption('dark');
    await page.locator('html[data-theme=dark][lang=zh-TW]').waitFor();
  });

  it('shows administrators the tokens of anybody', async () => {
    await bed.look('settings-tokens', '/settings/tokens', (each) => rowOf(each, /Nightly builds/).waitFor());
  });
});
