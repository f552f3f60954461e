import { randomBytes } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { html } from 'hono/html';
import { pageSections } from '../api/page-sections.ts';
import type { PageFile, PageFiles } from './page-files.ts';

/** Answers with the page: its document at every address that a view has, its files for ever. Without files it says that it is not built. */
export function pageRoutes(page: PageFiles | undefined): Hono {
  const app = new Hono();
  const answer = (c: Context) => (page === undefined ? answerNotBuilt(c) : answerDocument(c, page.document));
  for (const [path, file] of page?.files ?? []) app.get(path, (c) => answerFile(c, file));
  app.get('/', (c) => answer(c));
  for (const section of pageSections) app.get(`/${section}/*`, (c) => answer(c));
  return app;
}

function answerDocument(c: Context, document: string): Response {
  const nonce = randomBytes(16).toString('base64');
  return c.html(document.replaceAll('__NONCE__', nonce), 200, {
    'cache-control': 'no-cache',
    'content-security-policy': policyOf(nonce),
    'cross-origin-opener-policy': 'same-origin',
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
  }) as Response;
}

/** Scripts come from our files alone; styles also from the components, which know the nonce. */
function policyOf(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function answerFile(c: Context, { mediaType, plain, encoded }: PageFile): Response {
  const accepted = acceptedCodings(c.req.header('accept-encoding') ?? '');
  const coding = (['br', 'gzip'] as const).find((each) => encoded[each] !== undefined && accepted.has(each));
  const isHashed = c.req.path.startsWith('/assets/');
  c.header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
  c.header('content-type', mediaType);
  c.header('vary', 'accept-encoding');
  c.header('x-content-type-options', 'nosniff');
  if (coding !== undefined) c.header('content-encoding', coding);
  return c.body(new Uint8Array(coding === undefined ? plain : encoded[coding]!));
}

/** `br;q=1.0, gzip;q=0` accepts `br`. */
function acceptedCodings(header: string): ReadonlySet<string> {
  const entries = header.split(',').map((each) =>
    each
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/),
  );
  return new Set(entries.filter(([, weight = '']) => !/^q=0(?:\.0*)?$/.test(weight)).map(([name]) => name!));
}

function answerNotBuilt(c: Context): Response {
  const page = html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Imagewright</title>
<h1>The page is not built</h1>
<p>Run <code>npm run build:web</code> and start the server again; <code>npm start</code> does both. The API is there: see <a href="/docs">/docs</a>.</p>
</html>`;
  return c.html(page, 503, { 'content-security-policy': "default-src 'none'" }) as Response;
}
