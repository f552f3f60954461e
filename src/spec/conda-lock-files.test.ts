import { describe, expect, it } from 'vitest';
import { readCondaLine } from '../ecosystems/conda/conda-line.ts';
import { readCondaLock, readExplicitLock } from './conda-lock-files.ts';

const md5 = 'a'.repeat(32);
const sha256 = 'b'.repeat(64);

/** Every line that comes out is one that the resolver reads. */
const mustBeRead = (lines: readonly string[]) => {
  for (const text of lines) expect(readCondaLine({ line: 1, text })).not.toHaveProperty('problem');
};

describe('readExplicitLock', () => {
  it('asks for exactly what it names', () => {
    const text = [
      '# This file may be used to create an environment',
      '# platform: linux-64',
      '@EXPLICIT',
      `https://conda.anaconda.org/conda-forge/linux-64/_libgcc_mutex-0.1-conda_forge.tar.bz2#${md5}`,
      `https://conda.anaconda.org/conda-forge/noarch/tzdata-2024a-h0c530f3_0.conda#${sha256}`,
      'https://conda.example.com:8443/lab/linux-64/scikit-learn-1.5.0-py312_0.conda',
      'https://conda.example.com/t/secret/lab/linux-64/a-1-0.conda',
      '',
    ].join('\r\n');
    const read = readExplicitLock(text)!;
    expect(read).toEqual({
      packages: {
        apt: [],
        conda: [
          `conda-forge/linux-64::_libgcc_mutex==0.1=conda_forge[md5=${md5}]`,
          `conda-forge/noarch::tzdata==2024a=h0c530f3_0[sha256=${sha256}]`,
          'https://conda.example.com:8443/lab/linux-64::scikit-learn==1.5.0=py312_0',
        ],
        pip: [],
      },
      leftOut: ['URL (1)'],
    });
    mustBeRead(read.packages.conda);
  });

  it.each(['', 'numpy\n', '@EXPLICITLY\n'])('leaves %j as it is', (text) => {
    expect(readExplicitLock(text)).toBeUndefined();
  });
});

describe('readCondaLock', () => {
  const entry = (more: Readonly<Record<string, unknown>>) =>
    JSON.stringify({
      name: 'numpy',
      version: '1.26.4',
      manager: 'conda',
      platform: 'linux-64',
      url: 'https://conda.anaconda.org/conda-forge/linux-64/numpy-1.26.4-py312_0.conda',
      hash: { md5, sha256 },
      category: 'main',
      ...more,
    });
  const lockOf = (...entries: readonly string[]) =>
    `version: 1\nmetadata:\n  platforms: [linux-64]\npackage:\n${entries.map((each) => `- ${each}\n`).join('')}`;

  it('takes what it locks for Linux, and names the rest', async () => {
    const text = lockOf(
      entry({}),
      entry({ platform: 'osx-arm64' }),
      entry({ name: 'requests', version: '2.32.3', manager: 'pip', url: 'https://files.example.com/r.whl' }),
      entry({ category: 'dev' }),
    );
    const read = (await readCondaLock(text))!;
    expect(read).toEqual({
      packages: {
        apt: [],
        conda: [`conda-forge/linux-64::numpy==1.26.4=py312_0[sha256=${sha256}]`],
        pip: ['requests==2.32.3'],
      },
      leftOut: ['dev (1)', 'osx-arm64'],
    });
    mustBeRead(read.packages.conda);
  });

  it.each([
    'numpy\n',
    'metadata: {}\npackage: 3\n',
    'metadata: {}\npackage: [\n',
    lockOf(entry({ platform: 'win-64' })),
    'metadata: &a {}\npackage: [*a]\n',
  ])('leaves %j as it is', async (text) => {
    expect(await readCondaLock(text)).toBeUndefined();
  });
});
