import { describe, expect, it } from 'vitest';
import { nearPackages } from './near-packages.ts';
import { readSimulation, readUris } from './read-apt-output.ts';
import { namesIn, parseStanzas } from './stanzas.ts';

describe('what apt prints', () => {
  it('tells what would be installed, upgraded and removed', () => {
    const lines = [
      'The following NEW packages will be installed:',
      'Inst libc6 [2.36-9+deb12u9] (2.36-9+deb12u10 Debian:12.9/stable, Debian-Security:12/stable-security [amd64]) []',
      'Inst libc6:i386 (2.36-9+deb12u10 Debian:12.9/stable [i386])',
      'Inst tzdata (2025a-0+deb12u1 Debian:12.9/stable [all])',
      'Remv exim4 [4.96-15]',
      'Conf libc6 (2.36-9+deb12u10 Debian:12.9/stable [amd64])',
    ];
    expect(readSimulation(lines)).toEqual({
      installs: [
        { name: 'libc6', version: '2.36-9+deb12u10', architecture: 'amd64' },
        { name: 'libc6', version: '2.36-9+deb12u10', architecture: 'i386' },
        { name: 'tzdata', version: '2025a-0+deb12u1', architecture: 'all' },
      ],
      removes: ['exim4'],
    });
    const uri = "'http://deb.example.com/pool/g/git_2.39-0%2bdeb12u3_amd64.deb' git_1%3a2.39_amd64.deb 7260000 ";
    expect(readUris(['Reading package lists...', uri])).toEqual([
      'http://deb.example.com/pool/g/git_2.39-0%2bdeb12u3_amd64.deb',
    ]);
  });

  it('describes packages in paragraphs', () => {
    const [jq, other] = parseStanzas(
      'Package: jq\nDepends: libjq1 (= 1.6),\n libc6 (>= 2.34) | musl:any\n\n\nPackage: x\n',
    );
    expect(namesIn(jq!.get('depends'))).toEqual(['libjq1', 'libc6', 'musl']);
    expect(other!.get('package')).toBe('x');
    expect(namesIn(undefined)).toEqual([]);
  });

  it('suggests what Debian calls it', () => {
    const known = ['python3-numpy', 'jq', 'jqp', 'libpq-dev', 'git', 'gitk'];
    expect(nearPackages('numpy', known)).toEqual(['python3-numpy']);
    expect(nearPackages('pq', known)).toEqual(['libpq-dev']);
    expect(nearPackages('gti', known)).toEqual(['git']);
    expect(nearPackages('nothing-like-it', known)).toEqual([]);
  });
});
