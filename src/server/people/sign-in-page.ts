import type { Context } from 'hono';
import { html } from 'hono/html';
import { errorTable, isBuilderError } from '../../errors.ts';

/** A page for people who could not be signed in, or have to do something first. */
export interface SignInPage {
  readonly status: number;
  readonly title: string;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly link?: { readonly href: string; readonly text: string };
}

const headers = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
};

export function answerSignInPage(c: Context, { status, title, message, hint, link }: SignInPage): Response {
  const page = html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Imagewright</title>
<style>body { font: 16px/1.5 system-ui, sans-serif; max-width: 36rem; margin: 4rem auto; padding: 0 1rem; color-scheme: light dark; }</style>
<h1>${title}</h1>
<p>${message}</p>
${hint === undefined ? '' : html`<p>${hint}</p>`}
${link === undefined ? '' : html`<p><a href="${link.href}">${link.text}</a></p>`}
</html>`;
  return c.html(page, status as 400, headers) as Response;
}

/** What goes wrong on the way in is told on a page; what we did not foresee is logged and not shown. */
export function answerSignInError(error: unknown, c: Context, log: (line: string) => void): Response {
  const link = { href: '/', text: 'Open Imagewright' };
  if (isBuilderError(error)) {
    const { status } = errorTable[error.code];
    return answerSignInPage(c, {
      status,
      title: 'Not signed in',
      message: `${error.message}.`,
      hint: error.hint,
      link,
    });
  }
  log(`${c.req.method} ${c.req.path}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  const message = 'Something went wrong on our side. The log of the server has the details.';
  return answerSignInPage(c, { status: 500, title: 'Not signed in', message, link });
}
