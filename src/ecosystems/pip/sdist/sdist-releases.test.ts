import { describe, expect, it } from 'vitest';
import { buildPython } from '../../../../test/build-python.ts';
import type { ProjectFile } from '../project-files.ts';
import { sdistReleases } from './sdist-releases.ts';

const file = (filename: string, more: Partial<ProjectFile> = {}): ProjectFile => ({
  filename,
  url: `https://files.example.com/${filename}`,
  isYanked: false,
  ...more,
});
const found = (name: string, ...files: readonly ProjectFile[]) =>
  sdistReleases(name, files, buildPython()).map(({ version, file: { filename } }) => `${version} ${filename}`);

describe('sdistReleases', () => {
  it('finds the versions that have no wheel for the Python', () => {
    expect(
      found(
        'a-b',
        file('a_b-1.0.tar.gz'),
        file('a-b-2.0rc1.tar.gz'),
        file('A.B-v3.tar.gz'),
        file('a_b-4.tar.gz'),
        file('a_b-4-py3-none-any.whl'),
        file('a_b-5.tar.gz'),
        file('a_b-5-cp311-cp311-win_amd64.whl'),
      ),
    ).toEqual(['1.0 a_b-1.0.tar.gz', '2.0rc1 a-b-2.0rc1.tar.gz', '3 A.B-v3.tar.gz', '5 a_b-5.tar.gz']);
  });

  it('leaves out what is yanked, for other Pythons, of other projects, in other formats, or not to be fetched safely', () => {
    expect(
      found(
        'a',
        file('a-1.tar.gz', { isYanked: true }),
        file('a-2.tar.gz', { requiresPython: '>=3.12' }),
        file('a-3.tar.gz', { requiresPython: '>=3.8,<4' }),
        file('a-b-1.tar.gz'),
        file('a-4.tar.bz2'),
        file('a-5.exe'),
        file('a-6.tar.gz', { url: 'http://files.example.com/a-6.tar.gz' }),
        file('a-7.tar.gz', { requiresPython: 'what?' }),
      ),
    ).toEqual(['3 a-3.tar.gz', '7 a-7.tar.gz']);
  });

  it('prefers the tar archive of a version', () => {
    expect(found('a', file('a-1.zip'), file('a-1.tar.gz'))).toEqual(['1 a-1.tar.gz']);
    expect(found('a', file('a-1.tar.gz'), file('a-1.zip'))).toEqual(['1 a-1.tar.gz']);
    expect(found('a', file('a-1.zip'))).toEqual(['1 a-1.zip']);
  });
});
