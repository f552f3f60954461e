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
  /** In one line. */
  readonly description?: string;
  readonly depends?: string;
  readonly conflicts?: string;
  /** A shell script that runs when it is installed. */
  readonly postinst?: string;
  /** The suite that has it, such as `noble-updates`; without one the repository is a flat one. */
  readonly suite?: string;
  /** Of its suite, `main` unless told. */
  readonly component?: string;
}

/** A repository on loopback. */
export interface DebRepository extends AsyncDisposable {
  readonly port: number;
  /** Of a flat one, for /etc/apt/sources.list. */
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
  const suites = new Map<string | undefined, Record<string, string>>([[undefined, { Packages: '' }]]);
  for (const recipe of recipes) {
    const { suite, component = 'main' } = recipe;
    const { filename, bytes, control } = await buildDeb(recipe, directory);
    const [pool, list] =
      suite === undefined ? ['.', 'Packages'] : [`pool/${component}`, `${component}/binary-amd64/Packages`];
    files.set(`/${pool}/${filename}`.replace('/./', '/'), bytes);
    const lists = suites.get(suite) ?? {};
    const paragraph = `${control}Filename: ${pool}/${filename}\nSize: ${bytes.length}\nSHA256: ${sha256Of(bytes)}\n`;
    suites.set(suite, { ...lists, [list]: `${lists[list] ?? ''}${paragraph}\n` });
  }
  await using signer = isSigned ? await createSigner(directory) : undefined;
  for (const [suite, lists] of suites) {
    const root = suite === undefined ? '' : `/dists/${suite}`;
    for (const [path, text] of Object.entries(lists)) files.set(`${root}/${path}`, Buffer.from(text));
    if (signer !== undefined) files.set(`${root}/InRelease`, await signer.sign(releaseOf(suite, lists)));
  }
  const expected = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;
  const server = createServer((request, response) => {
    if (expected !== undefined && request.headers.authorization !== expected) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="debs"' }).end();
      return;
    }
    const bytes = files.get(decodeURIComponent(new URL(request.url!, 'http://here').pathname).replace('/./', '/'));
    response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    key: signer?.key ?? '',
    source: `deb [trusted=yes] http://127.0.0.1:${port}/ ./\n`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Debian wiki, "RepositoryFormat": what the Release file of a suite, or of a flat repository, says of its lists. */
function releaseOf(suite: string | undefined, lists: Readonly<Record<string, string>>): string {
  const components = Object.keys(lists).map((path) => path.split('/')[0]);
  const about = suite && [
    ...[`Suite: ${suite}`, `Codename: ${suite.split('-')[0]}`],
    ...[`Components: ${components.join(' ')}`, 'Architectures: amd64'],
  ];
  const date = new Date().toUTCString().replace('GMT', 'UTC');
  const sums = Object.entries(lists).map(([path, text]) => ` ${sha256Of(text)} ${text.length} ${path}`);
  return `${['Origin: Test', ...(about ?? []), `Date: ${date}`, 'SHA256:', ...sums].join('\n')}\n`;
}

interface Signer extends AsyncDisposable {
  readonly key: string;
  /** Signs a Release file inline. */
  sign(release: string): Promise<Buffer>;
}

async function createSigner(directory: string): Promise<Signer> {
  const home = join(directory, 'gnupg');
  await mkdir(home, { mode: 0o700 });
  const gpg = (...args: readonly string[]) =>
    runCommand('gpg', [
      '--homedir',
      home,
      '--batch',
      '--yes',
      '--passphrase',
      '',
      '--pinentry-mode',
      'loopback',
      ...args,
    ]);
  await gpg('--quick-generate-key', 'Test <test@example.com>', 'rsa2048', 'sign', 'never');
  return {
    key: `${(await gpg('--armor', '--export')).trim()}\n`,
    async sign(release) {
      const path = join(directory, 'Release');
      await writeFile(path, release);
      await gpg('--clearsign', '--output', join(directory, 'InRelease'), path);
      return readFile(join(directory, 'InRelease'));
    },
    async [Symbol.asyncDispose]() {
      await runCommand('gpgconf', ['--homedir', home, '--kill', 'all']);
    },
  };
}

async function buildDeb(recipe: DebRecipe, directory: string) {
  const { name, version = '1.0', description = 'made for a test', postinst, depends, conflicts } = recipe;
  const root = join(directory, `${name}_${version}`);
  await mkdir(join(root, 'DEBIAN'), { recursive: true });
  const control = [
    `Package: ${name}\nVersion: ${version}\nArchitecture: all\nMaintainer: Test <test@example.com>\n`,
    depends === undefined ? '' : `Depends: ${depends}\n`,
    conflicts === undefined ? '' : `Conflicts: ${conflicts}\n`,
    `Description: ${description}\n`,
  ].join('');
  await writeFile(join(root, 'DEBIAN/control'), control);
  if (postinst !== undefined) await writeFile(join(root, 'DEBIAN/postinst'), postinst, { mode: 0o755 });
  const filename = `${name}_${version}_all.deb`;
  await runCommand('dpkg-deb', ['--root-owner-group', '--build', root, join(directory, filename)]);
  return { filename, control, bytes: await readFile(join(directory, filename)) };
}

const sha256Of = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');
