import type { HttpClient } from '../../http/http-client.ts';
import { digestOf } from '../../oci/digest.ts';

/** A channel of conda packages. */
export interface Channel {
  /** Without credentials, with a slash at its end: `https://conda.example.com/conda-forge/`. */
  readonly url: string;
  /** As it is asked: may hold credentials, so it is never shown. */
  readonly address: string;
}

/** A channel that is set up, under a name of its own if it has one. */
export interface ChannelSource {
  readonly name?: string;
  /** May hold user name and password, or a token: `https://conda.example.com/t/TOKEN/conda-forge`. */
  readonly url: string;
}

export interface CondaChannels {
  /** What is asked, from the first on. */
  readonly sources: readonly ChannelSource[];
  /** Stands before a name that is none of these: `https://conda.anaconda.org`. */
  readonly alias: string;
  /** What lines may name besides the sources: any channel, or those whose URL begins with one of these. */
  readonly allowed: 'any' | readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

const publicAlias = 'https://conda.anaconda.org';

/** What conda itself means by this name. */
const defaultsUrls = ['https://repo.anaconda.com/pkgs/main', 'https://repo.anaconda.com/pkgs/r'];

/** The channels that conda's own variables name: `CONDA_CHANNELS`, `CONDA_CHANNEL_ALIAS`, `CONDA_ALLOWLIST_CHANNELS`; else conda-forge. */
export function channelsFrom(env: Environment): CondaChannels {
  const alias = (env.CONDA_CHANNEL_ALIAS || publicAlias).replace(/\/+$/, '');
  const named = (list: string | undefined) => (list ?? '').split(/[\s,]+/).filter(Boolean);
  const expand = (name: string) => expanded(name, alias).map((url): ChannelSource => ({ url }));
  const sources = named(env.CONDA_CHANNELS || 'conda-forge').flatMap(expand);
  const allowed = named(env.CONDA_ALLOWLIST_CHANNELS).flatMap((name) => expanded(name, alias).map(cleanUrl));
  return { sources, alias, allowed: allowed.length === 0 ? 'any' : allowed };
}

/** The channels that an administrator has set: these, and no others. */
export function onlyChannels(sources: readonly ChannelSource[]): CondaChannels {
  return { sources, alias: publicAlias, allowed: [] };
}

function expanded(name: string, alias: string): readonly string[] {
  if (name.includes('://')) return [name];
  return name === 'defaults' ? defaultsUrls : [`${alias}/${name}`];
}

/** Those that are asked always. */
export function usualChannels({ sources }: CondaChannels): readonly Channel[] {
  return sources.map(({ url }) => channelAt(url));
}

/**
 * The channels that a line means by a name (`conda-forge`, `defaults`) or a URL; `undefined` when they are not allowed. A name is that of
 * a source, or the end of a source's URL, or what stands behind the alias.
 */
export function channelsNamed(text: string, channels: CondaChannels): readonly Channel[] | undefined {
  const { sources, alias, allowed } = channels;
  const ofSource = sources.filter(({ name, url }) => name === text || isCalled(url, text));
  if (ofSource.length > 0) return ofSource.map(({ url }) => channelAt(url));
  const meant = expanded(text, alias)
    .filter((url) => URL.canParse(url))
    .map(channelAt);
  const isAllowed = allowed === 'any' || meant.every(({ url }) => allowed.some((each) => url.startsWith(each)));
  return isAllowed && meant.length > 0 ? meant : undefined;
}

function isCalled(url: string, text: string): boolean {
  const clean = cleanUrl(url);
  return text.includes('://')
    ? URL.canParse(text) && cleanUrl(text) === clean
    : new URL(clean).pathname.endsWith(`/${text}/`);
}

/** How channels are called where people read it: `conda-forge (conda.example.com)`. */
export function channelTitle({ url }: Pick<Channel, 'url'>): string {
  const { host, pathname } = new URL(url);
  return `${pathname.replace(/^\/|\/$/g, '') || '/'} (${host})`;
}

/** Names the channels in force without their secrets. */
export function channelsFingerprint({ sources, alias, allowed }: CondaChannels): string {
  const parts = [cleanUrl(alias), allowed, sources.map(({ name = '', url }) => [name, cleanUrl(url)])];
  return digestOf(JSON.stringify(parts));
}

function channelAt(address: string): Channel {
  return { url: cleanUrl(address), address: address.replace(/\/*$/, '/') };
}

const tokenPath = /\/t\/[^/]+(?=\/|$)/;

function cleanUrl(address: string): string {
  const url = new URL(address);
  [url.username, url.password, url.search, url.hash] = ['', '', '', ''];
  url.pathname = `${url.pathname.replace(tokenPath, '').replace(/\/+$/, '')}/`;
  return url.href;
}

/** An HTTP client that puts the credentials of a channel to what is asked of it, so that nobody else has to know them. */
export function withChannelCredentials(http: HttpClient, { sources, alias }: CondaChannels): HttpClient {
  const known = [...sources.map(({ url }) => url), alias].map(channelAt).filter(({ url, address }) => url !== address);
  return {
    prepare: () => http.prepare?.(),
    request(request) {
      const asked = new URL(request.url).href;
      const channel = known.find(({ url }) => asked.startsWith(url));
      if (channel === undefined) return http.request(request);
      const url = new URL(channel.address + asked.slice(channel.url.length));
      const authorization = basicOf(url);
      [url.username, url.password] = ['', ''];
      return http.request({ ...request, url, headers: { ...request.headers, ...authorization } });
    },
  };
}

function basicOf({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '' && password === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}
