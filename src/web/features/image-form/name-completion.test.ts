import { describe, expect, it } from 'vitest';
import { channelsIn, readName } from './name-completion.ts';

describe('a name that is being written', () => {
  it.each([
    ['pip', 'num', { written: 'num' }],
    ['pip', '  Scikit_l', { written: 'Scikit_l' }],
    ['conda', 'num', { written: 'num' }],
    ['conda', 'pytorch::to', { written: 'to', channel: 'pytorch' }],
    ['conda', 'https://conda.example.com/lab::to', { written: 'to', channel: 'https://conda.example.com/lab' }],
    ['conda', '-c pytorch --channel=nvidia to', { written: 'to' }],
    ['conda', '-c pytorch pytorch::to', { written: 'to', channel: 'pytorch' }],
    ['apt', 'lib', { written: 'lib' }],
    ['apt', 'git g++-1', { written: 'g++-1' }],
  ] as const)('of %s in %j is %j', (kind, line, expected) => {
    expect(readName(kind, line)).toEqual(expected);
  });

  it.each([
    ['pip', 'numpy=='],
    ['pip', 'numpy # num'],
    ['pip', '# num'],
    ['pip', '-r num'],
    ['pip', 'numpy, pan'],
    ['pip', 'pandas[exc'],
    ['pip', ''],
    ['conda', '-c pyt'],
    ['conda', 'numpy 1.'],
    ['conda', 'numpy[version'],
    ['apt', 'git # for'],
    ['apt', 'git=1'],
  ] as const)('of %s is not in %j', (kind, line) => {
    expect(readName(kind, line)).toBeUndefined();
  });
});

it('finds the channels that lines put first', () => {
  expect(
    channelsIn('numpy\n-c pytorch -c nvidia torch # -c no\n# -c nor\n --channel=lab x\n-c pytorch y\n-c '),
  ).toEqual(['pytorch', 'nvidia', 'lab']);
});
