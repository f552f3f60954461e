/**
 * A URL as it may be shown and logged: without user name, password, query and fragment (signed URLs carry their secret in the query),
 * and without the token of a conda channel: `https://conda.example.com/t/***`.
 */
export function redactUrl(url: URL | string): string {
  if (!URL.canParse(url.toString())) return '(not a URL)';
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname.replace(/\/t\/[^/]+/g, '/t/***')}`;
}

/** A text with every URL in it as it may be shown. */
export function redactUrls(text: string): string {
  return text.replaceAll(/[a-z][a-z0-9+.-]*:\/\/[^\s'"]+/gi, (url) => redactUrl(url));
}
