import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ResolvedImage } from '../../registry/client/resolved-image.ts';
import type { BlobSource } from '../../rootfs/open-rootfs.ts';
import { type Room, type RoomCommand, type RoomLimits, type Sandbox, wayOutUrl } from '../../sandbox/sandbox.ts';
import { layersOf } from '../base-rooms.ts';
import { type AptSources, authorizationFile, sourceFiles, sourcesFingerprint } from './apt-sources.ts';

/** What apt works with. */
export interface AptTools {
  readonly sandbox: Sandbox;
  /** Where layers of bases are had. */
  readonly client: BlobSource;
  readonly cacheDir: string;
  /** Proxies and certificates for lists. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly limits: RoomLimits;
  readonly sources: AptSources;
}

/** A room whose root shows the base. */
export function openBaseRoom(base: ResolvedImage, { sandbox, client }: AptTools, signal: AbortSignal): Promise<Room> {
  return sandbox.open({ architecture: base.config.architecture, layers: layersOf(base, client) }, { signal });
}

/** Says the same on every machine, asks nobody, downloads as the only user there is. */
export const aptOptions = [
  ...['-o', 'APT::Sandbox::User=root', '-o', 'Acquire::Languages=none', '-o', 'Dpkg::Use-Pty=0'],
  ...['-o', 'APT::Get::Show-User-Simulation-Note=false', '-o', 'APT::Output-Version=0', '-o', 'Acquire::Retries=3'],
];

/** Where the lists of a base's sources are kept. */
export interface AptLists {
  readonly directory: string;
  readonly mounts: NonNullable<RoomCommand['mounts']>;
}

/** The sources of the base are part of it: one directory a base and what an administrator adds. */
export function listsDirectory(
  { digest }: Pick<ResolvedImage, 'digest'>,
  { cacheDir, sources }: Pick<AptTools, 'cacheDir' | 'sources'>,
): string {
  const fingerprint = sourcesFingerprint(sources);
  return join(cacheDir, 'apt', `${digest.replace(':', '-')}${fingerprint && `-${fingerprint}`}`);
}

/** Makes what rooms see of the lists of a base. */
export async function openLists(
  base: ResolvedImage,
  { cacheDir, sources }: Pick<AptTools, 'cacheDir' | 'sources'>,
): Promise<AptLists> {
  const directory = listsDirectory(base, { cacheDir, sources });
  const [lists, cache] = [join(directory, 'lists'), join(directory, 'cache')];
  for (const each of [join(lists, 'partial'), join(cache, 'archives', 'partial'), join(directory, 'sources')])
    await mkdir(each, { recursive: true });
  const files = sourceFiles(sources).map(({ path, text }) => ({
    path,
    text,
    from: join(directory, 'sources', basename(path)),
  }));
  for (const { from, text } of files) await writeFile(from, text);
  return {
    directory,
    mounts: {
      '/var/lib/apt/lists': { from: lists, isWritable: true },
      '/var/cache/apt': { from: cache, isWritable: true },
      ...Object.fromEntries(files.map(({ path, from }) => [path, { from }])),
    },
  };
}

/** The proxy that the environment names, the same for all of apt's connections. */
export function proxyOf(env: AptTools['env']): string | undefined {
  const names = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'];
  return names.map((name) => env[name]).find((value) => value !== undefined && value !== '');
}

/** The way out, the certificates and the credentials as a configuration of apt, in memory only: the URL of a proxy may hold a password. */
export async function networkSecrets(
  { username, password }: URL,
  { env, sources }: Pick<AptTools, 'env' | 'sources'>,
): Promise<Record<string, Buffer>> {
  const certificateFile = env.SSL_CERT_FILE;
  const authorization = authorizationFile(sources);
  const proxy = new URL(wayOutUrl);
  proxy.username = username;
  proxy.password = password;
  const certificates = certificateFile ? await readFile(certificateFile) : undefined;
  const lines = [
    ...['http', 'https'].map((scheme) => `Acquire::${scheme}::Proxy "${proxy.href}";`),
    ...(certificates === undefined ? [] : ['Acquire::https::CAInfo "/run/secrets/certificates";']),
    ...(authorization === undefined ? [] : ['Dir::Etc::netrc "/run/secrets/auth.conf";']),
  ];
  return {
    'apt.conf': Buffer.from(`${lines.join('\n')}\n`),
    ...(certificates !== undefined && { certificates }),
    ...(authorization !== undefined && { 'auth.conf': Buffer.from(authorization) }),
  };
}
