import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ecosystem } from '../spec/image-spec.ts';
import { joinEntries } from './primehub-packages.ts';

const joined = (ecosystem: Ecosystem, typed: string) =>
  joinEntries(ecosystem, typed.split(' ')).map(({ text }) => text);

describe('joinEntries', () => {
  it.each<[Ecosystem, string, string[]]>([
    ['conda', '-c pytorch fastai numpy', ['-c pytorch fastai', 'numpy']],
    [
      'conda',
      'numpy -c pytorch -c nvidia pytorch-cuda=12.4 scipy',
      ['numpy', '-c pytorch -c nvidia pytorch-cuda=12.4', 'scipy'],
    ],
    ['conda', '-c conda-forge::numpy==1.17* scipy', ['-c conda-forge::numpy==1.17*', 'scipy']],
    ['conda', '--channel=pytorch fastai numpy', ['--channel=pytorch fastai', 'numpy']],
    ['conda', 'conda-forge::numpy scipy', ['conda-forge::numpy', 'scipy']],
    ['conda', 'numpy >=1.2,<2 scipy', ['numpy >=1.2,<2', 'scipy']],
    ['pip', 'pandas >= 2 requests', ['pandas >= 2', 'requests']],
    ['pip', 'pandas>=2, <3 requests', ['pandas>=2, <3', 'requests']],
    ['pip', 'torch @ https://host.example/t.whl numpy', ['torch @ https://host.example/t.whl', 'numpy']],
    [
      'pip',
      "tomli ; python_version < '3.11' and os_name == 'nt' numpy",
      ["tomli ; python_version < '3.11' and os_name == 'nt'", 'numpy'],
    ],
    ['pip', '--index-url https://host.example/simple numpy', ['--index-url https://host.example/simple', 'numpy']],
    ['pip', '-c', ['-c']],
    ['apt', 'git curl=7.88 -t bookworm-backports vim', ['git', 'curl=7.88', '-t bookworm-backports', 'vim']],
  ])('%s: %s', (ecosystem, typed, lines) => {
    expect(joined(ecosystem, typed)).toEqual(lines);
  });

  it('keeps every entry once and in its place', () => {
    const word = fc.constantFrom(
      '-c',
      '--channel',
      '--channel=x',
      '-i',
      'numpy',
      '>=',
      '>=2',
      'a::b',
      ';',
      'and',
      ',',
      '@',
      '<',
      '-t',
    );
    const property = fc.property(fc.constantFrom('apt', 'conda', 'pip'), fc.array(word), (ecosystem, entries) => {
      const lines = joinEntries(ecosystem, entries);
      expect(lines.flatMap((line) => line.entries)).toEqual(entries.map((_, index) => index));
      expect(lines.map(({ text }) => text).join(' ')).toBe(entries.join(' '));
    });
    fc.assert(property, { numRuns: 500 });
  });

  it('leaves plain names alone', () => {
    const name = fc
      .stringMatching(/^[a-z][a-z0-9-]{2,10}(==[0-9.]{1,5}[0-9])?$/)
      .filter((text) => !/^(and|not)$/.test(text));
    const property = fc.property(fc.constantFrom('apt', 'conda', 'pip'), fc.array(name), (ecosystem, entries) => {
      expect(joinEntries(ecosystem, entries).map(({ text }) => text)).toEqual(entries);
    });
    fc.assert(property);
  });
});
