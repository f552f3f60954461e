import { describe, expect, it } from 'vitest';
import { readConstraint } from './version-completion.ts';

describe('a constraint that is being written', () => {
  it.each([
    ['numpy==', ['numpy', '']],
    ['  numpy >= 2.', ['numpy', '2.']],
    ['pandas[excel]>=2,<3', ['pandas', '3']],
    ['pandas[excel]>=2, ', ['pandas', '']],
    ['scikit-learn~=1.4', ['scikit-learn', '1.4']],
    ['conda-forge::scipy=1', ['scipy', '1']],
    ['libc6:amd64=2.3', ['libc6', '2.3']],
    ['git=1:2', ['git', '1:2']],
    ['g++=12', ['g++', '12']],
  ])('in %j is about %j', (line, expected) => {
    expect(readConstraint(line)).toEqual(expected);
  });

  it.each(['numpy', '# numpy==', 'numpy  # ==', 'tomli; python_version<', 'a @ https://x.org/?b=', '-r x=', ''])(
    'is not in %j',
    (line) => {
      expect(readConstraint(line)).toBeUndefined();
    },
  );
});
