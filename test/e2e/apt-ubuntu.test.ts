import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LockedDeb } from '../../src/lock/lock.ts';
import { makeBase } from '../bases/make-base.ts';
import type { Container } from '../buildah.ts';
import { type ComparisonBed, openComparisonBed } from '../comparison-bed.ts';
import { type DebRepository, startDebRepository } from '../deb-repository.ts';
import { runCommand } from '../run-command.ts';

/*
 * Ubuntu's sources files, suites with pockets, components and keys, in an archive of our own, in Debian's image with Ubuntu's name: between
 * apt 2.4 of 22.04 and 2.7 of 24.04 there is that of Debian 12.
 */

interface Release {
  readonly codename: string;
  readonly version: string;
  /** Below /etc/apt, as the image of that release has it. */
  readonly sourcesFile: string;
  /** Where the key lies that signs the archive. */
  readonly keyring: string;
  readonly sources: (archive: string, keyring: string) => string;
}

const releases: readonly Release[] = [
  {
    codename: 'jammy',
    version: '22.04',
    sourcesFile: 'sources.list',
    keyring: '/etc/apt/trusted.gpg.d/ubuntu-keyring-2018-archive.gpg',
    sources: (archive) => `# See the notes on upgrades.
deb ${archive} jammy main restricted
# deb-src ${archive} jammy main restricted
deb ${archive} jammy universe
deb ${archive} jammy-updates main restricted
deb ${archive} jammy-updates universe
deb ${archive} jammy-security main restricted
`,
  },
  {
    codename: 'noble',
    version: '24.04',
    sourcesFile: 'sources.list.d/ubuntu.sources',
    keyring: '/usr/share/keyrings/ubuntu-archive-keyring.gpg',
    sources: (archive, keyring) => `# See the notes on upgrades.

Types: deb
URIs: ${archive}
Suites: noble noble-updates
Components: main universe restricted multiverse
Signed-By: ${keyring}

## Security updates.
Types: deb
URIs: ${archive}
Suites: noble-security
Components: main universe restricted multiverse
Signed-By: ${keyring}
`,
  },
];

let bed: ComparisonBed;
let repository: DebRepository;

beforeAll(async () => {
  bed = await openComparisonBed();
  const recipes = releases.flatMap(({ codename, version }) => [
    { name: 'tool', suite: codename, version: `1.0+${version}`, depends: 'part' },
    { name: 'part', suite: codename, version: `1.0+${version}` },
    { name: 'tool', suite: `${codename}-updates`, version: `1.1+${version}`, depends: `part (>= 1.1+${version})` },
    { name: 'part', suite: `${codename}-security`, version: `1.1+${version}` },
    {
      ...{ name: 'game', suite: codename, component: 'universe', version: `1.0+${version}` },
      ...{ depends: 'tool', postinst: '#!/bin/sh\necho game on\n' },
    },
  ]);
  repository = await startDebRepository(recipes, { isSigned: true });
});
afterAll(async () => {
  for (const each of [repository, bed]) await each?.[Symbol.asyncDispose]();
});

describe.each(releases)('a base that is Ubuntu $version', (release) => {
  let sources: string;
  let base: string;

  beforeAll(async () => {
    sources = release.sources(`http://127.0.0.1:${repository.port}/`, release.keyring);
    await using container = await bed.buildah.fromLayout(await makeBase('debian12'));
    await becomeUbuntu(container, release, sources);
    base = `${bed.registry}/base/ubuntu:${release.version}`;
    await bed.buildah.push(await bed.buildah.commit(container), `docker://${base}`);
  });

  it('is asked for all of its suites and components, and gets what they have newest', async () => {
    const { image, lock, output } = await bed.build(base, { apt: ['game'] });
    const debs = lock.packages.filter((each): each is LockedDeb => each.ecosystem === 'apt');
    const expected = [
      { name: 'game', version: `1.0+${release.version}`, component: 'universe' },
      { name: 'part', version: `1.1+${release.version}`, component: 'main' },
      { name: 'tool', version: `1.1+${release.version}`, component: 'main' },
    ];
    expect(
      debs.map(({ name, version, url }) => ({ name, version, component: new URL(url).pathname.split('/')[2] })),
    ).toEqual(expected);
    expect(output).toContain('game on');
    await using container = await bed.buildah.from(image);
    expect(await container.shell('dpkg --audit; dpkg --verify game part tool; apt-get check -qq')).toBe('');
    const installed = await container.run(['dpkg-query', '--show', 'game', 'part', 'tool']);
    expect(installed).toBe(expected.map(({ name, version }) => `${name}\t${version}`).join('\n'));
    expect(await container.run(['apt-mark', 'showmanual', 'game', 'part', 'tool'])).toBe('game');
    expect(await readFile(join(container.root, 'etc/apt', release.sourcesFile), 'utf8')).toBe(sources);
  });

  it('takes nothing that another key has signed', async () => {
    await using container = await bed.buildah.from(base);
    await using other = await startDebRepository([], { isSigned: true });
    await putKeyring(container, release, other.key);
    const distrusting = `${base}-distrusting`;
    await bed.buildah.push(await bed.buildah.commit(container), `docker://${distrusting}`);
    await expect(bed.build(distrusting, { apt: ['game'] })).rejects.toThrow(
      /lists of the apt sources cannot be had.*(?:NO_PUBKEY|not signed|signature)/s,
    );
  });
});

async function becomeUbuntu(container: Container, release: Release, sources: string): Promise<void> {
  const { codename, version, sourcesFile } = release;
  const about = [
    `PRETTY_NAME="Ubuntu ${version}"`,
    'NAME="Ubuntu"',
    `VERSION_ID="${version}"`,
    `VERSION_CODENAME=${codename}`,
    'ID=ubuntu',
    'ID_LIKE=debian',
    `UBUNTU_CODENAME=${codename}`,
  ];
  await writeFile(join(container.root, 'usr/lib/os-release'), `${about.join('\n')}\n`);
  await writeFile(join(container.root, 'etc/apt/sources.list'), '# The sources are below sources.list.d.\n');
  await writeFile(join(container.root, 'etc/apt', sourcesFile), sources);
  await putKeyring(container, release, repository.key);
}

async function putKeyring(container: Container, { keyring }: Release, key: string): Promise<void> {
  const path = join(container.root, keyring);
  await runCommand('gpg', ['--batch', '--yes', '--dearmor', '--output', path], { input: key });
}
