import { describe, expect, it } from 'vitest';
import { readCondaLine } from './conda-line.ts';
import { formatMatchSpec } from './match-spec.ts';

const read = (text: string) => readCondaLine({ line: 3, text });

describe('readCondaLine', () => {
  it.each([
    ['-c conda-forge::numpy==1.17*', 'conda-forge::numpy 1.17.*', []],
    ['-c pytorch pytorch', 'pytorch', ['pytorch']],
    ['-c pytorch -c nvidia "pytorch>=2"'.replaceAll('"', ''), 'pytorch >=2', ['pytorch', 'nvidia']],
    ['--channel=conda-forge --channel bioconda samtools', 'samtools', ['conda-forge', 'bioconda']],
    ['-c https://conda.example.com/lab r-base=4.2', 'r-base 4.2.*', ['https://conda.example.com/lab']],
    ['-c nvidia pytorch::pytorch', 'pytorch::pytorch', ['nvidia']],
    ['numpy 1.26.* py312*', 'numpy 1.26.* py312*', []],
  ])('reads %j', (text, spec, channels) => {
    const answer = read(text);
    if ('problem' in answer) throw new Error(answer.problem.message);
    expect([formatMatchSpec(answer.spec), answer.channels]).toEqual([spec, channels]);
  });

  it.each([
    ['conda install numpy', 'A command stands here'],
    ['"numpy>=1"', 'in quotes'],
    ['numpy pandas scipy', 'Several words'],
    ['numpy pandas', 'Several words'],
    ['-c pytorch pytorch torchvision', 'Several words'],
    ['-c', 'A channel is named, but no package'],
    ['-c pytorch', 'A channel is named, but no package'],
    ['-n base numpy', 'The option -n of conda'],
    ['--override-channels numpy', 'The option --override-channels'],
    ['https://conda.example.com/c/linux-64/numpy-1.0-0.conda', 'Files and URLs'],
    ['./numpy-1.0-0.tar.bz2', 'Files and URLs'],
    ['numpy-1.0-0.conda', 'Files and URLs'],
    ['https://conda.example.com/c', 'A URL stands here'],
    ['numpy; python_version<"3"', 'requirement of pip'],
    ['numpy @ https://e.example.com/a.whl', 'requirement of pip'],
    ['__cuda>=12', 'says what the machine has'],
    ['-c https://me:secret@conda.example.com/c numpy', 'holds credentials'],
    ['-c https://conda.example.com/t/secret/c numpy', 'holds credentials'],
  ])('refuses %j', (text, why) => {
    const answer = read(text);
    expect(answer).toMatchObject({
      problem: { field: 'packages.conda', line: 3, code: 'line-invalid', message: expect.stringContaining(why) },
    });
    expect(JSON.stringify(answer)).not.toContain('secret');
  });
});
