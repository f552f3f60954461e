import { canonicalJson } from '../../oci/canonical-json.ts';
import { digestOf, hexOf } from '../../oci/digest.ts';
import type { CredentialsFor } from '../fetch-package.ts';

/** Where packages come from besides, or in place of, the sources of the base. URLs may hold credentials, so they are never shown as they are. */
export interface AptSources {
  /** Asked besides the base's own. */
  readonly added: readonly AddedSource[];
  /** Asked in place of sources of the base. */
  readonly mirrors: readonly AptMirror[];
}

export interface AddedSource {
  /** `nodesource`; may stand in a file name. */
  readonly name: string;
  /** `https://deb.example.com/debian` */
  readonly url: string;
  /** `bookworm`; with a slash at its end it is a directory without components. */
  readonly suite: string;
  readonly components: readonly string[];
  /** The keys that may sign it, an armoured OpenPGP block; those that the base trusts where it is absent. */
  readonly signedBy?: string;
}

export interface AptMirror {
  readonly url: string;
  /** Sources of the base that begin with this are asked at the mirror: `http://archive.example.com`. */
  readonly of: string;
}

export const noAptSources: AptSources = { added: [], mirrors: [] };

/** A file that apt sees in a room, and never in an image. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** What apt has to see for the sources that are added: sources.list(5), in the form of deb822 stanzas. */
export function sourceFiles({ added }: AptSources): readonly SourceFile[] {
  return added.flatMap((source) => {
    const key = `/run/imagewright/apt-keys/${source.name}.asc`;
    const stanza = { path: `/etc/apt/sources.list.d/imagewright-${source.name}.sources`, text: stanzaOf(source, key) };
    return source.signedBy === undefined ? [stanza] : [stanza, { path: key, text: `${source.signedBy.trim()}\n` }];
  });
}

function stanzaOf({ url, suite, components, signedBy }: AddedSource, key: string): string {
  const lines = [
    'Types: deb',
    `URIs: ${withoutCredentials(url)}`,
    `Suites: ${suite}`,
    ...(components.length === 0 ? [] : [`Components: ${components.join(' ')}`]),
    ...(signedBy === undefined ? [] : [`Signed-By: ${key}`]),
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * For the Perl that every Debian has: puts mirrors into the lists of sources of a directory such as /etc/apt, in either format. Its further
 * arguments are pairs of what a source begins with and what stands there instead. It runs in a room that is thrown away.
 */
const rewriteScript = `
my ($directory, %mirrors) = @ARGV;
my $known = join '|', map { quotemeta } sort { length $b <=> length $a } keys %mirrors;
for my $file (grep { -f } "$directory/sources.list", glob "$directory/sources.list.d/*") {
  local $/;
  open my $in, '<', $file or die "$file: $!";
  my $text = <$in> // '';
  (my $changed = $text) =~ s{(?<![^\\s:])($known)(?=[/\\s]|\\z)}{$mirrors{$1}}g;
  next if $changed eq $text;
  open my $out, '>', $file or die "$file: $!";
  print $out $changed;
}
`;

/** The command that leads the base's own sources to the mirrors; `undefined` where there are none. */
export function mirrorCommand({ mirrors }: AptSources, directory = '/etc/apt'): readonly string[] | undefined {
  if (mirrors.length === 0) return undefined;
  const pairs = mirrors.flatMap(({ of, url }) => [withoutSlash(of), withoutSlash(withoutCredentials(url))]);
  return ['perl', '-e', rewriteScript, directory, ...pairs];
}

/** The credentials in the form of apt_auth.conf(5); `undefined` where no source has any. */
export function authorizationFile(sources: AptSources): string | undefined {
  const lines = withCredentials(sources).map((url) => {
    const place = `${url.protocol === 'http:' ? 'http://' : ''}${url.host}${url.pathname}`;
    return `machine ${place} login ${decodeURIComponent(url.username)} password ${decodeURIComponent(url.password)}\n`;
  });
  return lines.length === 0 ? undefined : lines.join('');
}

/** The header for a file of a source that wants credentials. */
export function aptCredentials(sources: AptSources): CredentialsFor {
  return (wanted) => {
    const source = withCredentials(sources).find(
      ({ origin, pathname }) => origin === wanted.origin && isBelow(wanted.pathname, pathname),
    );
    if (source === undefined) return undefined;
    const pair = `${decodeURIComponent(source.username)}:${decodeURIComponent(source.password)}`;
    return `Basic ${Buffer.from(pair).toString('base64')}`;
  };
}

/** Names the sources without their secrets; empty where there are none. */
export function sourcesFingerprint({ added, mirrors }: AptSources): string {
  if (added.length + mirrors.length === 0) return '';
  const shown = {
    added: added.map(({ url, ...source }) => ({
      ...source,
      components: [...source.components],
      url: withoutCredentials(url),
    })),
    mirrors: mirrors.map(({ url, of }) => ({ of, url: withoutCredentials(url) })),
  };
  return hexOf(digestOf(canonicalJson(shown))).slice(0, 16);
}

function withCredentials({ added, mirrors }: AptSources): readonly URL[] {
  return [...added, ...mirrors].map(({ url }) => new URL(url)).filter(({ username }) => username !== '');
}

function withoutCredentials(text: string): string {
  const url = new URL(text);
  url.username = '';
  url.password = '';
  return url.href;
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

function isBelow(path: string, directory: string): boolean {
  return path.startsWith(`${withoutSlash(directory)}/`);
}
