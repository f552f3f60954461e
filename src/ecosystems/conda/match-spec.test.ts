import { VersionSpec } from '@conda-org/rattler';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMatchSpec, type MatchSpec, parseMatchSpec, solverSpec } from './match-spec.ts';
import { normalVersionSpec } from './version-spec.ts';

const specOf = (text: string) => {
  const answer = parseMatchSpec(text);
  if ('fault' in answer) throw new Error(`${text}: ${answer.fault}`);
  return answer.spec;
};

describe('parseMatchSpec', () => {
  it.each<[string, MatchSpec]>([
    ['numpy', { name: 'numpy' }],
    ['NumPy', { name: 'numpy' }],
    ['_libgcc_mutex', { name: '_libgcc_mutex' }],
    ['numpy=1.2', { name: 'numpy', version: '1.2.*' }],
    ['numpy = 1.2', { name: 'numpy', version: '1.2.*' }],
    ['numpy==1.2', { name: 'numpy', version: '==1.2' }],
    ['numpy==1.17*', { name: 'numpy', version: '1.17.*' }],
    ['numpy 1.17.*', { name: 'numpy', version: '1.17.*' }],
    ['numpy>=1,<2', { name: 'numpy', version: '>=1,<2' }],
    ['numpy >=1, <2', { name: 'numpy', version: '>=1,<2' }],
    ['numpy>=1|<0.5', { name: 'numpy', version: '>=1|<0.5' }],
    ['numpy!=1.0.*', { name: 'numpy', version: '!=1.0.*' }],
    ['numpy>=1.7.*', { name: 'numpy', version: '>=1.7' }],
    ['numpy~=1.4.2', { name: 'numpy', version: '~=1.4.2' }],
    ['numpy=1.2=py311*', { name: 'numpy', version: '==1.2', build: 'py311*' }],
    ['numpy==1.17*=py3*', { name: 'numpy', version: '1.17.*', build: 'py3*' }],
    ['numpy 1.2 py311h1_0', { name: 'numpy', version: '==1.2', build: 'py311h1_0' }],
    ['blas=*=openblas', { name: 'blas', version: '*', build: 'openblas' }],
    ['conda-forge::numpy', { name: 'numpy', channel: 'conda-forge' }],
    [
      'conda-forge/linux-64::numpy==1.17*',
      { name: 'numpy', channel: 'conda-forge', subdir: 'linux-64', version: '1.17.*' },
    ],
    ['https://conda.example.com:8443/c::numpy', { name: 'numpy', channel: 'https://conda.example.com:8443/c' }],
    ['numpy[version=">=1,<2", build=\'py*\']', { name: 'numpy', version: '>=1,<2', build: 'py*' }],
    ['numpy[build_number=">=2",channel=conda-forge]', { name: 'numpy', buildNumber: '>=2', channel: 'conda-forge' }],
    ['numpy>=1[build="^py3.*$"]', { name: 'numpy', version: '>=1', build: '^py3.*$' }],
    ['[name=numpy,version=1.0]', { name: 'numpy', version: '==1.0' }],
  ])('reads %j', (text, spec) => {
    expect(specOf(text)).toEqual(spec);
  });

  it.each([
    ['', 'does not name'],
    ['num/py', 'does not name'],
    ['numpy*', 'not patterns'],
    ['numpy==', 'no version constraint'],
    ['numpy>', 'no version constraint'],
    ['numpy 1.*.2', 'no version constraint'],
    ['numpy=^1$', 'no version constraint'],
    ['numpy>=1,', 'no version constraint'],
    ['numpy>=1,,<2', 'no version constraint'],
    ['numpy 1 2 3', 'More stands here'],
    ['numpy=1=a b', 'twice'],
    ['numpy 1 a/b', 'no build'],
    ['numpy[cuda]', 'no extras'],
    ['numpy[license=MIT]', '"license" is not heeded'],
    ['numpy[constructor=x]', '"constructor" is not heeded'],
    ['numpy[version=1,version=2]', 'twice'],
    ['numpy[version', 'brackets do not match'],
    ['numpy]', 'brackets do not match'],
    ['numpy[version=1] x', 'after "]"'],
    ['numpy[sha256=1]', 'no value of sha256'],
    ['a[name=b]', 'two packages'],
    ['::numpy', 'names no channel'],
    ['a::b::c', 'names no channel'],
    ['file:///a::b', 'names no channel'],
    ['defaults:numpy', 'Namespaces'],
    ['https://me:secret@conda.example.com/c::numpy', 'holds credentials'],
    ['https://conda.example.com/t/secret/c::numpy', 'holds credentials'],
  ])('refuses %j', (text, why) => {
    const answer = parseMatchSpec(text);
    expect(answer).toMatchObject({ fault: expect.stringContaining(why), hint: expect.stringMatching(/\.$/) });
    expect(JSON.stringify(answer)).not.toContain('secret');
  });

  it('reads again what it writes, and the solver reads every version that is taken', () => {
    const version = fc.tuple(
      fc.constantFrom('', '=', '==', '!=', '>=', '<', '~='),
      fc.array(fc.oneof(fc.nat(99).map(String), fc.constantFrom('rc1', 'post', 'a_b')), { minLength: 1, maxLength: 4 }),
      fc.constantFrom('', '.*', '*'),
    );
    const term = version.map(([operator, parts, star]) => `${operator}${parts.join('.')}${star}`);
    const versions = fc
      .array(fc.tuple(term, fc.constantFrom(',', '|')), { minLength: 1, maxLength: 3 })
      .map((terms) => terms.map(([each, glue], at) => (at === 0 ? each : `${glue}${each}`)).join(''));
    const words = fc.record({
      channel: fc.constantFrom('', 'conda-forge::', 'https://c.example.com/x/noarch::'),
      name: fc.stringMatching(/^[a-z_][a-z0-9_.-]{0,8}$/),
      glue: fc.constantFrom('', ' '),
      versions: fc.option(versions),
      build: fc.constantFrom('', ' py3*', '[build_number=3]'),
    });
    fc.assert(
      fc.property(words, ({ channel, name, glue, versions: text, build }) => {
        const answer = parseMatchSpec(`${channel}${name}${text === null ? '' : glue + text}${build}`);
        if ('fault' in answer) return;
        expect(specOf(formatMatchSpec(answer.spec))).toEqual(answer.spec);
        expect(specOf(solverSpec(answer.spec)).version).toBe(answer.spec.version);
        if (answer.spec.version !== undefined) new VersionSpec(answer.spec.version, 'strict').free();
      }),
      { numRuns: 2000 },
    );
  });

  it('throws for no text', () => {
    const piece = fc.constantFrom(...'a1.*=<>!~,|()[]:/"\' -_^$@;', '::', 'version=', 'http://');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const answer = parseMatchSpec(pieces.join(''));
        if ('spec' in answer) expect(specOf(formatMatchSpec(answer.spec))).toEqual(answer.spec);
      }),
      { numRuns: 5000 },
    );
  });
});

describe('normalVersionSpec', () => {
  it.each([
    ['(>=1,<2)|>3', '(>=1,<2)|>3'],
    [' ( 1.2 | 1.3* ) ', '(==1.2|1.3.*)'],
    ['1!2.0+local.1', '==1!2.0+local.1'],
    ['=*', '*'],
  ])('spells %j', (text, spelled) => {
    expect(normalVersionSpec(text)).toBe(spelled);
  });

  it.each([
    '',
    '()',
    '(1',
    '1)',
    '1(2)',
    '>=*',
    '~=1.*',
    '1..2',
    'word',
    '1|',
    '1&2',
    `${'('.repeat(30)}1${')'.repeat(30)}`,
  ])('refuses %j', (text) => {
    expect(normalVersionSpec(text)).toBeUndefined();
  });
});
