import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../../../test/run-command.ts';
import {
  type AptSources,
  aptCredentials,
  authorizationFile,
  mirrorCommand,
  noAptSources,
  sourceFiles,
  sourcesFingerprint,
} from './apt-sources.ts';

const key = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQ==\n-----END PGP PUBLIC KEY BLOCK-----\n';
const sources: AptSources = {
  added: [
    {
      name: 'node',
      url: 'https://me:p%40ss@deb.example.com/node',
      suite: 'bookworm',
      components: ['main', 'extra'],
      signedBy: key,
    },
    { name: 'flat', url: 'http://me:pw@10.0.0.5:8081/', suite: './', components: [] },
  ],
  mirrors: [{ url: 'https://mirror.example.com/ubuntu/', of: 'http://archive.ubuntu.com/ubuntu/' }],
};

describe('sources that are added', () => {
  it('are stanzas without credentials, with the keys that may sign them', () => {
    expect(sourceFiles(sources)).toEqual([
      {
        path: '/etc/apt/sources.list.d/imagewright-node.sources',
        text: 'Types: deb\nURIs: https://deb.example.com/node\nSuites: bookworm\nComponents: main extra\nSigned-By: /run/imagewright/apt-keys/node.asc\n',
      },
      { path: '/run/imagewright/apt-keys/node.asc', text: key },
      {
        path: '/etc/apt/sources.list.d/imagewright-flat.sources',
        text: 'Types: deb\nURIs: http://10.0.0.5:8081/\nSuites: ./\n',
      },
    ]);
  });

  it('are given their credentials, and nobody else', () => {
    expect(authorizationFile(sources)).toBe(
      'machine deb.example.com/node login me password p@ss\nmachine http://10.0.0.5:8081/ login me password pw\n',
    );
    expect(authorizationFile(noAptSources)).toBeUndefined();
    const headerFor = (url: string) => aptCredentials(sources)(new URL(url));
    expect(headerFor('https://deb.example.com/node/pool/x.deb')).toBe(`Basic ${btoa('me:p@ss')}`);
    expect(headerFor('https://deb.example.com/nodes/x.deb')).toBeUndefined();
    expect(headerFor('http://deb.example.com/node/x.deb')).toBeUndefined();
    expect(headerFor('http://10.0.0.5:8081/x.deb')).toBe(`Basic ${btoa('me:pw')}`);
  });

  it('change what an answer is kept under, their credentials do not', () => {
    const [first, ...others] = sources.added;
    const withUrl = (url: string) => sourcesFingerprint({ ...sources, added: [{ ...first!, url }, ...others] });
    expect(sourcesFingerprint(noAptSources)).toBe('');
    expect(withUrl('https://deb.example.com/node')).toBe(sourcesFingerprint(sources));
    expect(withUrl('https://deb.example.com/other')).not.toBe(sourcesFingerprint(sources));
  });
});

describe('mirrors', () => {
  const jammy = `# See http://help.ubuntu.com/community/UpgradeNotes
deb http://archive.ubuntu.com/ubuntu/ jammy main restricted
deb [arch=amd64 signed-by=/usr/share/keyrings/x.gpg] http://archive.ubuntu.com/ubuntu jammy-updates universe
# deb-src http://archive.ubuntu.com/ubuntu/ jammy main
deb http://archive.ubuntu.com/ubuntu-ports jammy main
deb http://security.ubuntu.com/ubuntu/ jammy-security main
`;
  const noble = `Types: deb
URIs: http://archive.ubuntu.com/ubuntu/
Suites: noble noble-updates
Components: main universe
Signed-By: /usr/share/keyrings/ubuntu-archive-keyring.gpg

Types: deb
URIs: http://security.ubuntu.com/ubuntu/ http://archive.ubuntu.com/ubuntu
Suites: noble-security
Components: main
`;

  it('stand in for sources of the base, in either format, and for nothing that only begins alike', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'apt-sources-'));
    try {
      await mkdir(join(directory, 'sources.list.d'));
      await writeFile(join(directory, 'sources.list'), jammy);
      await writeFile(join(directory, 'sources.list.d/ubuntu.sources'), noble);
      const [program, ...args] = mirrorCommand(sources, directory)!;
      await runCommand(program!, args);
      const mirrored = (text: string) =>
        text.replaceAll(/http:\/\/archive\.ubuntu\.com\/ubuntu(?=[/\s])/g, 'https://mirror.example.com/ubuntu');
      expect(await readFile(join(directory, 'sources.list'), 'utf8')).toBe(mirrored(jammy));
      expect(await readFile(join(directory, 'sources.list.d/ubuntu.sources'), 'utf8')).toBe(mirrored(noble));
      expect(mirrored(jammy)).toContain('deb http://archive.ubuntu.com/ubuntu-ports jammy');
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('need no command where there are none', () => {
    expect(mirrorCommand(noAptSources)).toBeUndefined();
  });
});
