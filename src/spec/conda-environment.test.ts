import { describe, expect, it } from 'vitest';
import { readCondaEnvironment } from './conda-environment.ts';

describe('readCondaEnvironment', () => {
  it('parts the packages of conda from those of pip, and names what is left out', async () => {
    const text =
      'name: lab\nchannels:\n  - conda-forge\ndependencies:\n  - python=3.12\n  - pip\n  - pip:\n      - numpy>=2\n';
    expect(await readCondaEnvironment(text)).toEqual({
      packages: { apt: [], conda: ['-c conda-forge python=3.12', 'pip'], pip: ['numpy>=2'] },
      leftOut: ['name'],
    });
  });

  it('puts no secret of a channel into a line', async () => {
    const text = 'channels: [nodefaults, "https://me:secret@conda.example.com/c"]\ndependencies: [numpy]\n';
    expect(await readCondaEnvironment(text)).toEqual({
      packages: { apt: [], conda: ['numpy'], pip: [] },
      leftOut: ['channels'],
    });
  });

  it.each([
    'numpy\npandas\n',
    'dependencies: [a\n',
    'dependencies: numpy\n',
    'dependencies:\n  - npm:\n      - left-pad\n',
    'x: &x [a]\ndependencies: *x\n',
    'x: &- [a]\ndependencies: [ *- ]\n',
    'dependencies:\n  - pip:\n      - [a]\n',
  ])('leaves %j as it is', async (text) => {
    expect(await readCondaEnvironment(text)).toBeUndefined();
  });
});
