import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalSpec } from './canonical-spec.ts';
import type { ImageSpec } from './image-spec.ts';
import { parseSpec, parseSpecFile } from './parse-spec.ts';

const problemsOf = async (text: string) => {
  const parsed = await parseSpecFile(text);
  if ('spec' in parsed) throw new Error('the spec was taken');
  return parsed.problems;
};
const specOf = async (text: string): Promise<ImageSpec> => {
  const parsed = await parseSpecFile(text);
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.spec;
};

const small = 'name: x\nbase: registry.example.com/python:3.11\n';

describe('parseSpecFile', () => {
  it('reads a whole spec', async () => {
    const spec = await specOf(
      `${small}displayName: X\ndescription: what it is\ntype: gpu\npackages:\n  apt: [git]\n  pip: ["pandas[excel]>=2", numpy]\n`,
    );
    expect(spec).toEqual({
      name: 'x',
      displayName: 'X',
      description: 'what it is',
      type: 'gpu',
      base: 'registry.example.com/python:3.11',
      packages: {
        apt: [{ line: 1, text: 'git' }],
        conda: [],
        pip: [
          { line: 1, text: 'pandas[excel]>=2' },
          { line: 2, text: 'numpy' },
        ],
      },
    });
  });

  it('reads a version of CUDA, which counts for what is built', async () => {
    const spec = await specOf(`${small}cuda: "12.10"\npackages: {conda: [numpy]}\n`);
    expect(spec.cuda).toBe('12.10');
    const { cuda: _, ...without } = spec;
    expect(canonicalSpec(without)).not.toBe(canonicalSpec(spec));
    for (const wrong of ['12.4', '"twelve"', '[12]', '"12.4; rm"']) {
      const problems = await problemsOf(`${small}cuda: ${wrong}\npackages: {conda: [numpy]}\n`);
      expect(problems).toMatchObject([{ field: 'cuda', code: 'cuda-invalid' }]);
    }
  });

  it('reads a block of text as lines, type universal', async () => {
    const spec = await specOf(`${small}packages:\n  pip: |\n    # tables\n    pandas  # newest\n\n    numpy\n`);
    expect(spec.type).toBe('universal');
    expect(spec.packages.pip).toEqual([
      { line: 2, text: 'pandas' },
      { line: 4, text: 'numpy' },
    ]);
  });

  it('tells all problems at once, each at its field', async () => {
    const problems = await problemsOf(
      'nam: x\nbase: "a b"\ntype: tpu\npackages:\n  pips: [a]\n  pip: [1, {a: b}]\n  apt: 3\n',
    );
    expect(problems.map(({ field, line, code }) => [field, line, code])).toEqual([
      ['nam', undefined, 'field-unknown'],
      ['name', undefined, 'field-missing'],
      ['base', undefined, 'reference-invalid'],
      ['type', undefined, 'type-invalid'],
      ['packages.pips', undefined, 'field-unknown'],
      ['packages.apt', undefined, 'type-mismatch'],
      ['packages.pip', 1, 'type-mismatch'],
      ['packages.pip', 2, 'type-mismatch'],
    ]);
    expect(problems[0]!.hint).toBe('Did you mean "name"?');
  });

  it.each(['', 'packages: {}', 'packages:\n  pip: []', 'packages:\n  pip: "# nothing"'])(
    'wants at least one package: %j',
    async (packages) => {
      expect((await problemsOf(small + packages)).map(({ code }) => code)).toEqual(['packages-missing']);
    },
  );

  it.each(['Upper', '-a', 'a-', 'a..b', 'a_b', 'a b', 'x'.repeat(64)])('refuses the name %j', async (name) => {
    const problems = await problemsOf(`name: ${JSON.stringify(name)}\nbase: python\npackages: {pip: [a]}`);
    expect(problems).toMatchObject([{ field: 'name', code: 'name-invalid' }]);
  });

  it('asks for bytecode only where it says so, which makes another image', async () => {
    const plain = `${small}packages:\n  pip: [numpy]\n`;
    const [without, off, on] = await Promise.all(
      ['', 'compileBytecode: false\n', 'compileBytecode: true\n'].map((line) => specOf(plain + line)),
    );
    expect([without, off].map(({ compileBytecode } = without!) => compileBytecode)).toEqual([undefined, undefined]);
    expect(on).toMatchObject({ compileBytecode: true });
    expect(canonicalSpec(off!)).toBe(canonicalSpec(without!));
    expect(canonicalSpec(on!)).not.toBe(canonicalSpec(without!));
    expect(await problemsOf(`${plain}compileBytecode: please\n`)).toMatchObject([
      { field: 'compileBytecode', code: 'type-mismatch' },
    ]);
  });

  it('points into broken YAML', async () => {
    expect(await problemsOf('name: x\nbase: [a\npackages: {}\n')).toMatchObject([{ code: 'yaml-invalid', line: 3 }]);
    expect(await problemsOf('name: x\nname: y\n')).toMatchObject([{ code: 'yaml-invalid', line: 2 }]);
    expect(await problemsOf('- a\n')).toMatchObject([{ code: 'spec-invalid' }]);
  });

  it('follows no aliases and reads no giants', async () => {
    const bomb = `a: &a [x,x,x]\nb: &b [*a,*a,*a]\n${small}packages: {pip: *b}`;
    expect(await problemsOf(bomb)).toMatchObject([
      { code: 'yaml-invalid', message: expect.stringContaining('aliases') },
    ]);
    await expect(parseSpecFile('x'.repeat(2 * 1024 * 1024 + 1))).rejects.toMatchObject({ code: 'spec-invalid' });
  });

  it('never throws on anything else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), async (text) => {
        const parsed = await parseSpecFile(text);
        expect('spec' in parsed || parsed.problems.length > 0).toBe(true);
      }),
    );
    fc.assert(fc.property(fc.anything(), (value) => void expect(parseSpec(value)).toBeDefined()));
  });
});

describe('canonicalSpec', () => {
  it('does not see names, comments, order and repetition', async () => {
    const a = await specOf(`${small}packages: {pip: [numpy, pandas]}`);
    const b = await specOf(
      `name: y\nbase: ${a.base}\ndescription: z\npackages:\n  pip: |\n    # x\n    pandas\n    numpy\n    numpy\n`,
    );
    expect(canonicalSpec(b)).toBe(canonicalSpec(a));
    const c = await specOf(`${small}packages: {pip: [numpy], conda: [pandas]}`);
    expect(canonicalSpec(c)).not.toBe(canonicalSpec(a));
  });
});
