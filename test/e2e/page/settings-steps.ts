import type { OpenWindow } from './page-bed.ts';

export const rowOf = ({ page }: OpenWindow, name: RegExp | string) => page.getByRole('row', { name });
export const press = ({ page }: OpenWindow, name: string | RegExp) => page.getByRole('button', { name }).click();
export const dialogOf = ({ page }: OpenWindow) => page.getByRole('dialog');
export const fill = async (window: OpenWindow, label: string | RegExp, text: string) =>
  dialogOf(window).getByLabel(label).fill(text);
export const choose = async (window: OpenWindow, label: string | RegExp, option: string) => {
  await dialogOf(window).getByLabel(label).click();
  await window.page.locator('.ant-select-item-option', { hasText: option }).click();
};
export const confirm = async (window: OpenWindow, name: string) => {
  await dialogOf(window).getByRole('button', { name, exact: true }).click();
  await dialogOf(window).waitFor({ state: 'detached' });
};
