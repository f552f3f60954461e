import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { type ApiClient, createApiClient } from '../../../src/api/create-client.ts';
import { createUserSignInLink } from '../../../src/api/people.ts';
import { type RunningService, startService } from '../../../src/server/start-service.ts';
import { makeBase } from '../../bases/make-base.ts';
import { pushLayout } from '../../bases/push-layout.ts';
import { runCommand } from '../../run-command.ts';
import { startUnlistedIndex } from '../../unlisted-index.ts';

const root = resolve(import.meta.dirname, '../../..');
const adminToken = 'iw_test-administrator-token';

/** The whole product with a real Debian as base, packages from the index of this machine, and a Chromium. */
export interface PageBed extends AsyncDisposable {
  readonly service: RunningService;
  /** An administrator's. */
  readonly client: ApiClient;
  /** `127.0.0.1:40001/python:3.11` */
  readonly base: string;
  readonly browser: Browser;
  /** Opens a window of its own, signed in. What the page writes to the console as an error makes the window's end throw. */
  open(path: string, options?: WindowOptions): Promise<OpenWindow>;
  /**
   * Looks at a view in both languages and both themes, and at 320 pixels: axe finds nothing serious, nothing stands out at the side, and a
   * picture is kept where asked for. `isThere` waits until the view is whole.
   */
  look(view: string, path: string, isThere: (window: OpenWindow) => Promise<unknown>): Promise<void>;
}

export interface WindowOptions {
  /** `admin` unless told; `null` for nobody. */
  readonly user?: string | null;
  readonly language?: 'en' | 'zh-TW';
  readonly theme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
}

export interface OpenWindow extends AsyncDisposable {
  readonly page: Page;
  /** Fails on findings of axe that are serious or worse. */
  checkAccessibility(): Promise<void>;
  /** Fails on English that a reader of Chinese meets: three words in a row that are neither code nor marked as somebody else's. */
  checkChinese(): Promise<void>;
  /** Keeps a picture as `docs/screenshots/<view>-<theme>-<language>.png`, when `SCREENSHOTS` is set. */
  picture(view: string): Promise<void>;
}

/** `fill` puts into the state of the service what it is to find there when it starts. */
export async function startPageBed(fill?: (dataDir: string) => Promise<void>): Promise<PageBed> {
  await runCommand(process.execPath, [join(root, 'scripts/build-page.mjs')]);
  const directory = await mkdtemp(join(tmpdir(), 'page-bed-'));
  await fill?.(join(directory, 'data'));
  const index = await startUnlistedIndex(join(directory, 'uv'));
  const service = await startService({
    listen: { host: '127.0.0.1', port: 0 },
    dataDir: join(directory, 'data'),
    log: (line) => void process.stderr.write(`service: ${line}\n`),
    adminToken,
    env: { ...process.env, UV_DEFAULT_INDEX: index.url },
  });
  const base = `${new URL(service.url).host}/python:3.11`;
  await pushLayout(await makeBase('debian12'), base);
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  const client = createApiClient({ url: service.url, token: adminToken });
  const open = (path: string, options: WindowOptions = {}) => openWindow({ service, client, browser }, path, options);
  return {
    ...{ service, client, base, browser, open },
    look: (view, path, isThere) => look(open, view, path, isThere),
    async [Symbol.asyncDispose]() {
      await browser.close();
      await service.close();
      await index[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function look(open: PageBed['open'], ...[view, path, isThere]: Parameters<PageBed['look']>) {
  for (const options of [
    { language: 'en', theme: 'light' },
    { language: 'zh-TW', theme: 'dark' },
  ] as const) {
    await using window = await open(path, options);
    await isThere(window);
    await window.checkAccessibility();
    if (options.language === 'zh-TW') await window.checkChinese();
    await window.picture(view);
  }
  await using narrow = await open(path, { width: 320, height: 700 });
  await isThere(narrow);
  const standingOut: unknown = await narrow.page.evaluate(`(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const isOut = (element) => element.getBoundingClientRect().right > clientWidth;
    return [...document.querySelectorAll('body *')].filter(isOut).map((element) => element.outerHTML.slice(0, 120));
  })()`);
  expect(standingOut, `${view} at 320 px`).toEqual([]);
}

async function openWindow(
  { service, client, browser }: Pick<PageBed, 'service' | 'client' | 'browser'>,
  path: string,
  { user = 'admin', language = 'en', theme = 'light', width = 1280, height = 800 }: WindowOptions,
): Promise<OpenWindow> {
  const context = await browser.newContext({
    locale: language,
    colorScheme: theme,
    viewport: { width, height },
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
    timezoneId: 'Asia/Taipei',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const errors: string[] = [];
  page.on('console', (message) => {
    // The browser itself writes a line for every answer that is an error; the page shows those.
    if (message.type() !== 'error' || message.text().startsWith('Failed to load resource')) return;
    errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(error.stack ?? error.message));
  if (user !== null) {
    const { url } = await client.call(createUserSignInLink, { params: { name: user } });
    await page.goto(url);
  }
  await page.goto(`${service.url}${path}`);
  /** No button is at work, and nothing is between two looks; what turns for ever may. */
  const whenAtRest = () =>
    page.waitForFunction(`(() => {
      const isPassing = (animation) => animation.playState === 'running' && Number.isFinite(animation.effect.getComputedTiming().endTime);
      return document.querySelector('.ant-btn-loading') === null && !document.getAnimations().some(isPassing);
    })()`);
  return {
    page,
    async checkAccessibility() {
      await whenAtRest();
      const { violations } = await new AxeBuilder({ page }).analyze();
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      expect(serious.map(({ id, nodes }) => ({ id, at: nodes.map(({ html }) => html) }))).toEqual([]);
    },
    async checkChinese() {
      const found: unknown = await page.evaluate(`(() => {
        const passed = 'code, pre, kbd, input, textarea, script, style, noscript, [lang=en], .cm-editor';
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        const texts = [];
        while (walker.nextNode()) {
          const { parentElement: element, data } = walker.currentNode;
          if (/[A-Za-z’']{2,}(?: [A-Za-z’']{2,}){2,}/.test(data) && !element.closest(passed)) texts.push(data);
        }
        return texts;
      })()`);
      expect(found).toEqual([]);
    },
    async picture(view) {
      if (!process.env.SCREENSHOTS) return;
      await whenAtRest();
      await page.screenshot({ path: join(root, 'docs/screenshots', `${view}-${theme}-${language}.png`) });
    },
    async [Symbol.asyncDispose]() {
      await context.close();
      expect(errors).toEqual([]);
    },
  };
}
