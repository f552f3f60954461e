import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoted } from '../sentence.ts';
import { findClobbers, inOrderOfWinners, tellClobbers } from './clobbers.ts';

const content = (name: string, ...paths: string[]) => ({ name, paths });
const layer = (...names: string[]) => ({ names });

describe('findClobbers', () => {
  it('names the last of those that bring a file, and the others', () => {
    const packages = [content('a', 'x', 'only'), content('b', 'x', 'y'), content('c', 'x', 'y')];
    expect(findClobbers(packages)).toEqual([
      { path: 'x', winner: 'c', losers: ['a', 'b'] },
      { path: 'y', winner: 'c', losers: ['b'] },
    ]);
  });
});

describe('inOrderOfWinners', () => {
  const clobber = (winner: string, ...losers: string[]) => ({ path: 'x', winner, losers });

  it('leaves layers alone that need no other order', () => {
    const layers = [layer('a'), layer('b'), layer('c')];
    expect(inOrderOfWinners(layers, [clobber('c', 'a')])).toEqual(layers);
  });

  it('puts the winner above', () => {
    expect(inOrderOfWinners([layer('b', 'big'), layer('a')], [clobber('b', 'a')])).toEqual([
      layer('a'),
      layer('b', 'big'),
    ]);
  });

  it('tells when two layers would each have to lie above the other', () => {
    const layers = [layer('a', 'd'), layer('b', 'c')];
    expect(inOrderOfWinners(layers, [clobber('b', 'a'), clobber('d', 'c')])).toBeUndefined();
  });

  it('shows in the end what the last of the packages brought, whatever lay where', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const packages = fc.array(fc.array(fc.constantFrom('1', '2', '3'), { maxLength: 3 }), {
      minLength: 5,
      maxLength: 5,
    });
    fc.assert(
      fc.property(packages, fc.shuffledSubarray(names, { minLength: 5 }), (paths, order) => {
        const contents = paths.map((each, index) => content(names[index]!, ...new Set(each)));
        const layers = order.map((name) => layer(name));
        const ordered = inOrderOfWinners(layers, findClobbers(contents))!;
        const seen = new Map(
          ordered.flatMap(({ names: [name] }) =>
            contents.find((each) => each.name === name)!.paths.map((path) => [path, name]),
          ),
        );
        const expected = new Map(contents.flatMap(({ name, paths: each }) => each.map((path) => [path, name])));
        expect(new Map([...seen].sort())).toEqual(new Map([...expected].sort()));
      }),
    );
  });
});

describe('tellClobbers', () => {
  it('tells once of two packages, with all of their files', () => {
    const clobbers = ['1', '2', '3', '4'].map((path) => ({
      path,
      winner: 'b',
      losers: path === '4' ? ['a', 'c'] : ['a'],
    }));
    const told = tellClobbers(clobbers, (...pair) => quoted(pair.flat().join(' ')));
    expect(told).toEqual(['b a 1 2 3 4', 'b c 4']);
  });
});
