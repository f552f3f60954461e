import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPageFiles } from './page-files.ts';
import { pageRoutes } from './page-routes.ts';

const script = 'export const one = 1;\n';
let directory: string;
let app: ReturnType<typeof pageRoutes>;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'page-'));
  await mkdir(join(directory, 'assets'));
  await writeFile(join(directory, 'index.html'), '<style nonce="__NONCE__"></style><i title="__NONCE__">');
  await writeFile(join(directory, 'assets/index-Ab12.js'), script);
  await writeFile(join(directory, 'assets/index-Ab12.js.gz'), gzipSync(script));
  await writeFile(join(directory, 'assets/index-Ab12.js.br'), brotliCompressSync(script));
  await writeFile(join(directory, 'assets/notes.txt'), 'not ours');
  await writeFile(join(directory, 'favicon.svg'), '<svg/>');
  app = pageRoutes(await openPageFiles(directory));
});
afterAll(() => rm(directory, { recursive: true }));

describe('the page', () => {
  it.each(['/', '/images', '/images/research/revisions', '/new-image', '/jobs/1', '/settings/registry', '/profile'])(
    'has its document at %s',
    async (path) => {
      const response = await app.request(path);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('text/html; charset=UTF-8');
      expect(response.headers.get('cache-control')).toBe('no-cache');
    },
  );

  it.each(['/api/v1/nothing', '/v2/', '/docs', '/elsewhere', '/imagesque', '/assets/gone.js', '/assets/notes.txt'])(
    'leaves %s to others',
    async (path) => {
      expect((await app.request(path)).status).toBe(404);
    },
  );

  it('gives each answer a nonce of its own, and runs no script but ours', async () => {
    const [first, second] = await Promise.all([app.request('/'), app.request('/')]);
    const policy = first.headers.get('content-security-policy')!;
    const nonce = /'nonce-([^']+)'/.exec(policy)![1]!;
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toContain('unsafe');
    expect(await first.text()).toBe(`<style nonce="${nonce}"></style><i title="${nonce}">`);
    expect(second.headers.get('content-security-policy')).not.toBe(policy);
  });

  it.each([
    ['gzip, deflate, br', 'br'],
    ['gzip', 'gzip'],
    ['br;q=0, gzip;q=0.5', 'gzip'],
    ['', null],
  ])('sends files to who accepts "%s" as %s, to be kept for ever', async (accepted, coding) => {
    const response = await app.request('/assets/index-Ab12.js', { headers: { 'accept-encoding': accepted } });
    expect(response.headers.get('content-encoding')).toBe(coding);
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    const sent = Buffer.from(await response.arrayBuffer());
    const expected = { br: brotliCompressSync(script), gzip: gzipSync(script) }[coding ?? ''];
    expect(sent).toEqual(expected ?? Buffer.from(script));
  });

  it('has files without a hash asked for each time', async () => {
    const response = await app.request('/favicon.svg');
    expect(response.headers.get('cache-control')).toBe('no-cache');
  });

  it('says when it is not built', async () => {
    const response = await pageRoutes(await openPageFiles(join(directory, 'nowhere'))).request('/images');
    expect(response.status).toBe(503);
    expect(await response.text()).toContain('npm run build:web');
  });
});
