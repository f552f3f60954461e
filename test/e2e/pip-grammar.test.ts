import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { evaluateMarker, markerEnvironmentOf } from '../../src/ecosystems/pip/marker.ts';
import { parseRequirement } from '../../src/ecosystems/pip/requirement.ts';
import { satisfies } from '../../src/ecosystems/pip/specifier.ts';
import { compatibleTags } from '../../src/ecosystems/pip/tags.ts';
import { compareVersions, formatVersion, parseVersion } from '../../src/ecosystems/pip/version.ts';
import { buildPython } from '../build-python.ts';

/** The oracle's library lives in a virtual environment of its own. */
const venv = join(import.meta.dirname, '../../.tools/packaging');
const oracle = join(import.meta.dirname, 'testdata/packaging-oracle.py');

beforeAll(() => {
  const python = join(venv, 'bin/python');
  if (!existsSync(python)) execFileSync('python3', ['-m', 'venv', venv]);
  execFileSync(python, ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', 'packaging>=26,<27']);
});

function ask<T>(kind: string, questions: readonly object[]): readonly T[] {
  const input = JSON.stringify(questions.map((question) => ({ kind, ...question })));
  const options = { input, encoding: 'utf8', maxBuffer: 2 ** 28 } as const;
  return JSON.parse(execFileSync(join(venv, 'bin/python'), [oracle], options)) as T[];
}

const sample = <T>(arbitrary: fc.Arbitrary<T>) => fc.sample(arbitrary, { numRuns: 5000, seed: 508 });

const version = fc
  .tuple(
    fc.constantFrom('', '', '', '1!', '0!', 'v'),
    fc
      .array(fc.constantFrom('0', '1', '2', '10', '01'), { minLength: 1, maxLength: 3 })
      .map((numbers) => numbers.join('.')),
    fc.constantFrom('', '', '', 'a1', 'b2', 'rc1', 'alpha', '-beta.3', '.c4', '_pre', 'preview1', 'RC2'),
    fc.constantFrom('', '', '', '.post1', '-2', 'post', '-r3', '.rev4'),
    fc.constantFrom('', '', '', '.dev0', 'dev1', '-dev2'),
    fc.constantFrom('', '', '', '+local', '+1', '+ubuntu.1', '+1.a', '+a-1_2'),
  )
  .map((parts) => parts.join(''));

const clause = fc
  .tuple(fc.constantFrom('==', '!=', '<=', '>=', '<', '>', '~=', '==='), version, fc.constantFrom('', '', '', '.*'))
  .map((parts) => parts.join(''));

const environment = { ...markerEnvironmentOf(buildPython()), extra: 'excel' };
const variable = fc.constantFrom(...Object.keys(environment), 'os.name', 'platform.machine', 'python_implementation');
const literal = fc
  .constantFrom('3.11', '3.9', '3.11.2', '3.12', '3.11.*', '3.11.2rc1', '3.9 3.11', 'linux', 'posix', 'Ex_cel', '')
  .map((text) => `"${text}"`);
// `~=` and `===` have no meaning for texts: the oracle throws.
const comparison = fc
  .tuple(variable, fc.constantFrom('==', '!=', '<', '<=', '>', '>=', ' in ', ' not in '), literal, fc.boolean())
  .map(([name, operator, text, first]) => (first ? `${name}${operator}${text}` : `${text}${operator}${name}`));
const { marker } = fc.letrec<{ marker: string }>((tie) => ({
  marker: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    comparison,
    fc.tuple(tie('marker'), fc.constantFrom(' and ', ' or '), tie('marker')).map((parts) => parts.join('')),
    tie('marker').map((inner) => `(${inner})`),
  ),
}));

const requirement = fc
  .tuple(
    fc.constantFrom('a', 'a', 'Foo.bar', 'Foo.bar', 'x_1', 'x_1', '-bad', 'bad-', 'a b', 'é'),
    fc.constantFrom('', '', '[x]', '[x, Y_z]', '[]', '[,]', ' [x] '),
    fc.oneof(
      fc
        .array(
          clause.filter((text) => !text.startsWith('===')),
          { maxLength: 3 },
        )
        .map((clauses) => clauses.join(', ')),
      clause.map((text) => `(${text})`),
      fc.constantFrom(' @ https://e.example.com/x.whl ', '@https://e.example.com/x.whl', '()', '>=1,', '> =1', '1.0'),
    ),
    fc.oneof(
      fc.constant(''),
      marker.map((text) => ` ; ${text}`),
      fc.constantFrom(';', '; foo == "1"', '; python_version', '; python_version == 3'),
    ),
  )
  .map((parts) => parts.join(''));

describe('our grammar against the library packaging', () => {
  it('reads and normalises versions', () => {
    const texts = sample(fc.tuple(version, fc.constantFrom('', 'x', '..', '-', '+', '.1', ' ', '1!'))).map((parts) =>
      parts.join(''),
    );
    const answers = ask<string | null>(
      'normal_version',
      texts.map((text) => ({ text })),
    );
    const ours = texts
      .map((text) => parseVersion(text))
      .map((parsed) => (parsed === undefined ? null : formatVersion(parsed)));
    expect(differences(texts, ours, answers)).toEqual([]);
  });

  it('orders versions', () => {
    const pairs = sample(fc.record({ a: version, b: version }));
    const ours = pairs.map(({ a, b }) => Math.sign(compareVersions(parseVersion(a)!, parseVersion(b)!)));
    expect(differences(pairs, ours, ask<number>('order', pairs))).toEqual([]);
  });

  it('matches specifiers', () => {
    const questions = sample(
      fc.record({ clauses: fc.array(clause, { minLength: 1, maxLength: 2 }).map((list) => list.join(',')), version }),
    );
    const ours = questions.map((question) => {
      const parsed = parseRequirement(`x${question.clauses}`);
      return 'requirement' in parsed ? satisfies(question.version, parsed.requirement.specifiers) : null;
    });
    expect(differences(questions, ours, ask<boolean | null>('satisfies', questions))).toEqual([]);
  });

  it('reads requirements and evaluates markers', () => {
    const texts = sample(requirement);
    const ours = texts.map((text) => {
      const parsed = parseRequirement(text);
      if ('fault' in parsed) return null;
      const { name, extras, url, marker: condition } = parsed.requirement;
      return {
        name,
        extras,
        url: url ?? null,
        holds: condition === undefined ? null : evaluateMarker(condition, environment),
      };
    });
    const answers = ask(
      'requirement',
      texts.map((text) => ({ text, environment })),
    );
    expect(differences(texts, ours, answers)).toEqual([]);
    expect(ours.filter((parsed) => parsed !== null).length).toBeGreaterThan(500);
  });

  it.each([8, 11, 13])('orders the tags of Python 3.%i', (minor) => {
    const ours = compatibleTags(buildPython({ version: `3.${minor}.1` }));
    const own = `cp3${minor}-cp3${minor}-`;
    const platforms = ours.filter((tag) => tag.startsWith(own)).map((tag) => tag.slice(own.length));
    const [answer] = ask<string[]>('tags', [{ python: [3, minor], platforms }]);
    expect(ours).toEqual(answer);
  });
});

function differences(questions: readonly unknown[], ours: readonly unknown[], theirs: readonly unknown[]) {
  const found = questions.map((question, index) => ({ question, ours: ours[index], theirs: theirs[index] }));
  return found.filter((each) => JSON.stringify(each.ours) !== JSON.stringify(each.theirs)).slice(0, 10);
}
