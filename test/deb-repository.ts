import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './run-command.ts';

/** A package that is all but empty. */
export interface DebRecipe {
  readonly name: string;
  readonly version?: string;
  readonly depends?: string;
  readonly conflicts?: string;
  /** A shell script that runs when it is installed. */
  readonly postinst?: string;
}

/** A flat repository on loopback. */
export interface DebRepository extends AsyncDisposable {
  readonly port: number;
  /** For /etc/apt/sources.list. */
  readonly source: string;
  /** The armoured public key, of a signed one. */
  readonly key: string;
}

export interface DebRepositoryOptions {
  readonly isSigned?: boolean;
  /** `me:secret`, without which it gives nothing. */
  readonly credentials?: string;
}

/** Makes the packages with dpkg-deb and serves them. */
export async function startDebRepository(
  recipes: readonly DebRecipe[],
  { isSigned = false, credentials }: DebRepositoryOptions = {},
): Promise<DebRepository> {
  const directory = await mkdtemp(join(tmpdir(), 'deb-repository-'));
  const files = new Map<string, Buffer>();
  const paragraphs: string[] = [];
  for (const recipe of recipes) {
    const { filename, bytes, control } = await buildDeb(recipe, directory);
    files.set(`/${filename}`, bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    paragraphs.push(`${control}Filename: ./${filename}\nSize: ${bytes.length}\nSHA256: ${sha256}\n`);
  }
  files.set('/Packages', Buffer.from(paragraphs.join('\n')));
  const { key, inRelease } = isSigned ? await sign(files.get('/Packages')!, directory) : { key: '' };
  if (inRelease !== undefined) files.set('/InRelease', inRelease);
  const expected = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;
  const server = createServer((request, response) => {
    if (expected !== undefined && request.headers.authorization !== expected) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="debs"' }).end();
      return;
    }
    const bytes = files.get(new URL(request.url!, 'http://here').pathname.replace('/./', '/'));
    response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    key,
    source: `deb [trusted=yes] http://127.0.0.1:${port}/ ./\n`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Debian wiki, "RepositoryFormat": what the Release file says of Packages, signed inline by a key made for it. */
async function sign(packages: Buffer, directory: string): Promise<{ key: string; inRelease: Buffer }> {
  const home = join(directory, 'gnupg');
  await mkdir(home, { mode: 0o700 });
  const gpg = (...args: readonly string[]) =>
    runCommand('gpg', ['--homedir', home, '--batch', '--passphrase', '', '--pinentry-mode', 'loopback', ...args]);
  const sha256 = createHash('sha256').update(packages).digest('hex');
  const release = join(directory, 'Release');
  const date = new Date().toUTCString().replace('GMT', 'UTC');
  await writeFile(release, `Origin: Test\nDate: ${date}\nSHA256:\n ${sha256} ${packages.length} Packages\n`);
  try {
    await gpg('--quick-generate-key', 'Test <test@example.com>', 'rsa2048', 'sign', 'never');
    await gpg('--clearsign', '--output', join(directory, 'InRelease'), release);
    const key = await gpg('--armor', '--export');
    return { key: `${key.trim()}\n`, inRelease: await readFile(join(directory, 'InRelease')) };
  } finally {
    await runCommand('gpgconf', ['--homedir', home, '--kill', 'all']);
  }
}

async function buildDeb({ name, version = '1.0', postinst, ...relations }: DebRecipe, directory: string) {
  const root = join(directory, name);
  await mkdir(join(root, 'DEBIAN'), { recursive: true });
  const fields = Object.entries(relations).map(
    ([field, value]) => `${field[0]!.toUpperCase()}${field.slice(1)}: ${value}\n`,
  );
  const control = [
    `Package: ${name}\nVersion: ${version}\nArchitecture: all\nMaintainer: Test <test@example.com>\n`,
    ...fields,
    'Description: made for a test\n',
  ].join('');
  await writeFile(join(root, 'DEBIAN/control'), control);
  if (postinst !== undefined) await writeFile(join(root, 'DEBIAN/postinst'), postinst, { mode: 0o755 });
  const filename = `${name}_${version}_all.deb`;
  await runCommand('dpkg-deb', ['--root-owner-group', '--build', root, join(directory, filename)]);
  return { filename, control, bytes: await readFile(join(directory, filename)) };
}
