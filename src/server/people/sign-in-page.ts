import type { Context } from 'hono';
import { html } from 'hono/html';
import { errorTable, isBuilderError } from '../../errors.ts';
import { type Sentence, say } from '../../sentence.ts';
import { closed } from '../../sentences/closed.ts';

/** A page for people who could not be signed in, or have to do something first. */
export interface SignInPage {
  readonly status: number;
  readonly title: Sentence;
  readonly message: Sentence;
  readonly hint?: Sentence | undefined;
  readonly link?: { readonly href: string; readonly text: Sentence };
}

const headers = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
};

/** Answers in the language that the browser asks for. */
export async function answerSignInPage(c: Context, page: SignInPage): Promise<Response> {
  const { status, link } = page;
  const { language, tell, stop } = await readerOf(c);
  const title = tell(page.title);
  const hint = page.hint && tell(page.hint);
  const text = html`<!doctype html>
<html lang="${language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Imagewright</title>
<style>body { font: 16px/1.5 system-ui, sans-serif; max-width: 36rem; margin: 4rem auto; padding: 0 1rem; color-scheme: light dark; }</style>
<h1>${title}</h1>
<p>${closed(tell(page.message), stop)}</p>
${hint === undefined ? '' : html`<p>${hint}</p>`}
${link === undefined ? '' : html`<p><a href="${link.href}">${tell(link.text)}</a></p>`}
</html>`;
  return c.html(text, status as 400, headers) as Response;
}

interface Reader {
  readonly language: 'en' | 'zh-TW';
  readonly tell: (said: Sentence) => string;
  /** What a sentence ends with. */
  readonly stop: string;
}

async function readerOf(c: Context): Promise<Reader> {
  const wanted = (c.req.header('accept-language') ?? '').split(',').map((each) => each.trim());
  const first = wanted.find((tag) => /^(?:zh|en)\b/i.test(tag)) ?? 'en';
  if (!/^zh/i.test(first)) return { language: 'en', tell: (said) => said, stop: '.' };
  // Loaded by those who read Chinese and could not be signed in: few.
  const [{ sentences }, { createTranslator }] = await Promise.all([
    import('../../sentences/zh-TW/index.ts'),
    import('../../sentences/translate-sentence.ts'),
  ]);
  const translate = createTranslator(sentences);
  return { language: 'zh-TW', tell: (said) => translate(said) ?? said, stop: '。' };
}

/** What goes wrong on the way in is told on a page; what we did not foresee is logged and not shown. */
export function answerSignInError(error: unknown, c: Context, log: (line: string) => void): Promise<Response> {
  const link = { href: '/', text: say`Open Imagewright` };
  if (isBuilderError(error)) {
    const { status } = errorTable[error.code];
    return answerSignInPage(c, {
      status,
      title: say`Not signed in`,
      message: error.message,
      hint: error.hint,
      link,
    });
  }
  log(`${c.req.method} ${c.req.path}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  const message = say`Something went wrong on our side. The log of the server has the details.`;
  return answerSignInPage(c, { status: 500, title: say`Not signed in`, message, link });
}
