import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { BuilderError } from '../errors.ts';
import { say } from '../sentence.ts';
import { pointIntoFile, readSpecText } from './read-spec-text.ts';

const read = (text: string) => readSpecText('-', Readable.from([text]));

describe('readSpecText', () => {
  it('keeps texts as typed and makes a line of every item', async () => {
    const text = `
name: research
base: python:3.12
packages:
  apt: [git, curl]
  pip: |
    # the tools
    pandas>=2  # tables

    numpy
`;
    expect(await read(text)).toEqual({
      name: 'research',
      spec: {
        base: 'python:3.12',
        packages: { apt: 'git\ncurl', conda: '', pip: '# the tools\npandas>=2  # tables\n\nnumpy\n' },
      },
    });
  });

  it('says only what the file says', async () => {
    const named = await read('name: a\ntype: gpu\ndisplayName: A\nbase: b\npackages: {pip: [c]}');
    expect(named).toMatchObject({ type: 'gpu', displayName: 'A' });
    expect(named).not.toHaveProperty('description');
    expect(named.spec).not.toHaveProperty('cuda');
    expect((await read('name: a\nbase: b\ncuda: "12.4"\npackages: {conda: [c]}')).spec).toHaveProperty('cuda', '12.4');
    expect(await read('name: a\nbase: b\ntype:\npackages: {pip: [c], conda: }')).not.toHaveProperty('type');
  });

  it('refuses a wrong file with all problems', async () => {
    await expect(read('name: A\nbase: b\npackages: {pip: [c], npm: [d]}')).rejects.toMatchObject({
      code: 'spec-invalid',
      problems: [{ field: 'name' }, { field: 'packages.npm' }],
    });
  });
});

describe('pointIntoFile', () => {
  it('makes the problems of a request those of the file', () => {
    const problems = ['spec.packages.pip', 'spec', 'name', 'spec.base'].map((field) => ({
      field,
      code: 'x',
      message: say`y`,
    }));
    const error = new BuilderError('spec-invalid', say`m`, { problems, hint: say`h` });
    const expected = ['packages.pip', 'spec', 'name', 'base'].map((field) => expect.objectContaining({ field }));
    expect(() => pointIntoFile(error)).toThrow(
      expect.objectContaining({ code: 'spec-invalid', hint: 'h', problems: expected }),
    );
  });

  it('lets all else pass', () => {
    const error = new Error('ours');
    expect(() => pointIntoFile(error)).toThrow(error);
  });
});
