import { redactUrl } from '../../http/redact-url.ts';
import { digestOf } from '../../oci/digest.ts';

/** Where packages are looked for. URLs may hold credentials, so they are never shown as they are. */
export interface PackageIndexes {
  /** The index that is asked last; uv's own default when absent. */
  readonly default?: string;
  /** Asked before it, in this order; the first one that has a package is the only one whose versions count. */
  readonly extra: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The indexes that uv's or pip's variables name, uv's before pip's: `UV_DEFAULT_INDEX UV_INDEX_URL PIP_INDEX_URL`, and the extra ones. */
export function indexesFrom(env: Environment): PackageIndexes {
  const main = env.UV_DEFAULT_INDEX || env.UV_INDEX_URL || env.PIP_INDEX_URL;
  const extra = [env.UV_INDEX, env.UV_EXTRA_INDEX_URL || env.PIP_EXTRA_INDEX_URL];
  return { ...(main && { default: main }), extra: extra.flatMap((list) => (list ?? '').split(/\s+/).filter(Boolean)) };
}

const passedOn = [
  'PATH',
  'HOME',
  'TMPDIR',
  'NETRC',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'SSL_CLIENT_CERT',
  'UV_HTTP_TIMEOUT',
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()]),
];

/** All that uv is told by environment: the way to the network, and the indexes, whose credentials must not stand in an argument list. */
export function uvEnvironment(env: Environment, indexes: PackageIndexes): Readonly<Record<string, string>> {
  const kept = passedOn.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  return {
    ...Object.fromEntries(kept),
    ...(indexes.default !== undefined && { UV_DEFAULT_INDEX: indexes.default }),
    ...(indexes.extra.length > 0 && { UV_INDEX: indexes.extra.join(' ') }),
    // uv's own three retries take ten seconds to say that nobody answers.
    UV_HTTP_RETRIES: env.UV_HTTP_RETRIES ?? '2',
    NO_COLOR: '1',
  };
}

/** Names the indexes in force without their secrets. */
export function indexesFingerprint(indexes: PackageIndexes): string {
  return digestOf(JSON.stringify([indexes.default ?? '', ...indexes.extra].map(indexName)));
}

function indexName(index: string): string {
  return index === '' ? '' : redactUrl(urlOf(index));
}

/** `pypi.example.com`, `127.0.0.1:3141`: where the indexes stand. */
export function indexHosts(indexes: PackageIndexes): readonly string[] {
  const urls = [indexes.default ?? '', ...indexes.extra].map(urlOf);
  return urls.filter((text) => URL.canParse(text)).map((text) => new URL(text).host);
}

/** In the order in which they are asked, with their credentials. */
export function indexUrls({ default: last, extra }: PackageIndexes): readonly URL[] {
  return [...extra, ...(last === undefined ? [] : [last])]
    .map(urlOf)
    .filter((text) => URL.canParse(text))
    .map((text) => new URL(text));
}

/** uv lets an index have a name before its URL: `internal=https://…`. */
export function urlOf(index: string): string {
  return index.replace(/^[\w-]+=(?=[a-z]+:)/i, '');
}

/** The header for a file of an index that wants credentials: Basic, when one of the indexes stands on the same origin. */
export function authorizationFor(url: string, indexes: PackageIndexes): Readonly<Record<string, string>> {
  const { origin } = new URL(url);
  const index = [indexes.default ?? '', ...indexes.extra]
    .map(urlOf)
    .filter((text) => URL.canParse(text))
    .map((text) => new URL(text))
    .find((candidate) => candidate.origin === origin && candidate.username !== '');
  if (index === undefined) return {};
  const pair = `${decodeURIComponent(index.username)}:${decodeURIComponent(index.password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}
