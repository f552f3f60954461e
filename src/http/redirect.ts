import { BuilderError } from '../errors.ts';
import type { Sentence } from '../sentence.ts';
import { say } from '../sentence.ts';
import type { HttpRequest, RequestBody } from './http-client.ts';
import { isLoopbackHost } from './loopback.ts';
import { redactUrl } from './redact-url.ts';

/** One message to one URL: an `HttpRequest` made definite. */
export interface Message {
  readonly method: NonNullable<HttpRequest['method']>;
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: RequestBody;
}

const redirectStatuses = new Set([301, 302, 303, 307, 308]);

export function isRedirect(status: number): boolean {
  return redirectStatuses.has(status);
}

/** What may go to an origin that the first one named: what is asked for, never who asks. */
const harmlessHeader = /^(?:accept|accept-.*|content-.*|if-.*|range|user-agent)$/;

/**
 * What to send where a redirect points to, RFC 9110 section 15.4. Credentials do not leave the origin they were meant for, nor does
 * a request fall from TLS to plain HTTP (but to this machine). Throws `registry-invalid-response`.
 */
export function redirected(message: Message, status: number, location: string | undefined): Message {
  const url = targetOf(message.url, location);
  const headers = url.origin === message.url.origin ? message.headers : keep(message.headers, harmlessHeader);
  if (!becomesGet(message.method, status)) return { ...message, url, headers };
  return { method: 'GET', url, headers: keep(headers, /^(?!content-)/) };
}

function targetOf(from: URL, location: string | undefined): URL {
  const refuse = (why: Sentence) =>
    new BuilderError('registry-invalid-response', say`${redactUrl(from)} redirects to ${why}`, {
      hint: say`Check the address, and what stands between it and here.`,
    });
  if (location === undefined || !URL.canParse(location, from.href)) throw refuse(say`no valid address`);
  const url = new URL(location, from);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refuse(say`a ${url.protocol} address`);
  if (url.protocol === 'http:' && from.protocol === 'https:' && !isLoopbackHost(url.hostname)) {
    throw refuse(say`${redactUrl(url)}, which is not protected by TLS`);
  }
  url.username = '';
  url.password = '';
  return url;
}

function becomesGet(method: string, status: number): boolean {
  if (status === 303) return method !== 'HEAD';
  return method === 'POST' && (status === 301 || status === 302);
}

function keep(headers: Message['headers'], pattern: RegExp): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => pattern.test(name)));
}
