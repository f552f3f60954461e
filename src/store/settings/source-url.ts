import { BuilderError } from '../../errors.ts';
import type { Sentence } from '../../sentence.ts';
import { say } from '../../sentence.ts';

export const sourceKinds = ['pip', 'conda', 'apt', 'ca-bundle', 'proxy'] as const;
export type SourceKind = (typeof sourceKinds)[number];

/** What a package source is asked with. */
export interface SourceCredentials {
  readonly username?: string;
  readonly password?: string;
  /** Of a conda channel: `https://conda.example.com/t/<token>/channel`. */
  readonly token?: string;
}

export interface SplitUrl {
  /** Without credentials; `***` stands for a token. */
  readonly url: string;
  readonly credentials: SourceCredentials;
}

const tokenPath = /\/t\/[^/]+(?=\/|$)/;
const hiddenToken = '/t/***';

/** Takes the credentials out of the URL of a source. Throws `request-invalid`; the URL is not quoted. */
export function splitSourceUrl(text: string, kind: SourceKind): SplitUrl {
  const url = URL.parse(text.trim());
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    throw refusal(say`it does not begin with https:// or http:// and a host`);
  }
  if (url.search !== '' || url.hash !== '') throw refusal(say`it has a query or a fragment`);
  if (/\s/.test(text.trim())) throw refusal(say`it holds white space`);
  const username = decoded(url.username);
  const password = decoded(url.password);
  const token = kind === 'conda' ? tokenPath.exec(url.pathname)?.[0].slice('/t/'.length) : undefined;
  url.username = '';
  url.password = '';
  if (token !== undefined) url.pathname = url.pathname.replace(tokenPath, hiddenToken);
  return {
    url: url.href,
    credentials: {
      ...(username !== '' && { username }),
      ...(password !== '' && { password }),
      ...(token !== undefined && token !== '***' && { token }),
    },
  };
}

/** Puts the credentials back. */
export function joinSourceUrl(text: string, { username, password, token }: SourceCredentials): string {
  const url = new URL(text);
  if (username !== undefined) url.username = encodeURIComponent(username);
  if (password !== undefined) url.password = encodeURIComponent(password);
  if (token !== undefined) url.pathname = url.pathname.replace(hiddenToken, () => `/t/${token}`);
  return url.href;
}

/** True when a URL has room for a token. */
export function hasHiddenToken(url: string): boolean {
  return new URL(url).pathname.includes(hiddenToken);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw refusal(say`its user name or password is not percent-encoded`);
  }
}

function refusal(why: Sentence): BuilderError {
  const message = say`This cannot be the URL of a package source: ${why}`;
  return new BuilderError('request-invalid', message, { problems: [{ field: 'url', code: 'url-invalid', message }] });
}
