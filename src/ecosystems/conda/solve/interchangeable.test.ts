import { expect, it } from 'vitest';
import type { Candidate } from './candidates.ts';
import { withoutInterchangeable } from './interchangeable.ts';

function candidate(text: string, depends: readonly string[] = [], more: Partial<Candidate['record']> = {}): Candidate {
  const [name, version, build] = text.split('-') as [string, string, string];
  const record = {
    name,
    version,
    build,
    build_number: Number(build.split('_').at(-1)),
    depends,
    constrains: [],
    ...more,
  };
  return { channel: 0, subdir: 'linux-64', filename: `${text}.conda`, record };
}

function left(candidates: readonly Candidate[], specs: readonly string[], kept: readonly string[] = []) {
  const byName = Map.groupBy(candidates, ({ record }) => record.name);
  const pruned = withoutInterchangeable(byName, specs, ({ filename }) => kept.includes(filename));
  return [...pruned.values()].flat().map(({ filename }) => filename.replace('.conda', ''));
}

const library = ['lib-1.2-h_0', 'lib-1.10-h_0', 'lib-1.10-h_1', 'lib-2.0-h_0'].map((text) => candidate(text));

it('leaves the highest version, and of that the highest build', () => {
  expect(left(library, ['lib'])).toEqual(['lib-2.0-h_0']);
  expect(left(library.slice(0, 3), ['lib'])).toEqual(['lib-1.10-h_1']);
});

it('leaves one for each that a requirement tells apart, whoever has it', () => {
  expect(left(library, ['lib[version=">=1.10"]'])).toEqual(['lib-1.2-h_0', 'lib-2.0-h_0']);
  const app = candidate('app-1.0-h_0', ['lib >=1.5,<2.0a0']);
  expect(left([...library, app], ['app'])).toEqual(['lib-2.0-h_0', 'lib-1.10-h_1', 'app-1.0-h_0']);
  const other = candidate('app-1.0-h_0', [], { constrains: ['lib !=2.0'] });
  expect(left([...library, other], ['app'])).toEqual(['lib-1.10-h_1', 'lib-2.0-h_0', 'app-1.0-h_0']);
});

it('leaves all where requirements are about builds', () => {
  const app = candidate('app-1.0-h_0', ['lib 1.* h_0']);
  expect(left([...library, app], ['app'])).toHaveLength(5);
  expect(left(library, ['lib[build="h_0"]'])).toHaveLength(4);
});

it('leaves what wants something else, and what the base has', () => {
  const wanting = [candidate('lib-1.2-h_0', ['a']), candidate('lib-1.3-h_0', ['b']), candidate('lib-1.4-h_0', ['b'])];
  expect(left(wanting, ['lib'])).toEqual(['lib-1.2-h_0', 'lib-1.4-h_0']);
  expect(left(library, ['lib'], ['lib-1.2-h_0.conda'])).toEqual(['lib-1.2-h_0', 'lib-2.0-h_0']);
  const featured = candidate('lib-3.0-h_0', [], { track_features: 'old' });
  expect(left([...library, featured], ['lib'])).toEqual(['lib-2.0-h_0', 'lib-3.0-h_0']);
});

it('leaves what it cannot read to the solver', () => {
  expect(left(library, ['lib[version="~~1"]'])).toHaveLength(4);
  expect(left([...library, candidate('lib-!!-h_0')], ['lib'])).toEqual(['lib-2.0-h_0', 'lib-!!-h_0']);
});
