import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openNameList, writeNameList } from './name-list.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'name-list-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const listOf = async (...names: readonly string[]) => {
  const file = join(directory, `${names.length}`, 'names');
  await writeNameList(
    file,
    names.map((name) => ({ name })),
  );
  return (await openNameList(file))!;
};
const namesIn = (answer: { readonly found: readonly { readonly name: string }[] }) =>
  answer.found.map(({ name }) => name);

describe('a list of names', () => {
  it('gives those that begin as written, the shortest first, and says whether these are all', async () => {
    await using list = await listOf('numpy', 'num2words', 'numpy-stl', 'numba', 'nu', 'nv', 'numpy', 'zope.x', 'a');
    expect(namesIn(await list.beginning('num', 9))).toEqual(['numba', 'numpy', 'num2words', 'numpy-stl']);
    expect(await list.beginning('num', 4)).toMatchObject({ isAll: true });
    const some = await list.beginning('nu', 3);
    expect([namesIn(some), some.isAll]).toEqual([['nu', 'numba', 'numpy'], false]);
    expect(await list.beginning('b', 9)).toEqual({ found: [], isAll: true });
    expect(namesIn(await list.beginning('', 2))).toEqual(['a', 'nu']);
    expect(namesIn(await list.beginning('zope', 2))).toEqual(['zope.x']);
  });

  it('finds one by its whole name', async () => {
    const file = join(directory, 'described');
    const git = { name: 'git', summary: 'fast, scalable — control system', more: '1:2.39' };
    await writeNameList(file, [{ name: 'git-lfs' }, git, { name: 'g++', more: '4:12' }, { name: 'gi' }]);
    await using list = (await openNameList(file))!;
    expect(await list.find('git')).toEqual(git);
    expect(await list.find('git-lfs')).toEqual({ name: 'git-lfs' });
    expect(await list.find('g++')).toEqual({ name: 'g++', more: '4:12' });
    expect(await list.find('git-')).toBeUndefined();
    expect(await list.find('zzz')).toBeUndefined();
  });

  it('searches many thousands, with lines longer than a block among them', async () => {
    const file = join(directory, 'many');
    const names = Array.from({ length: 20_000 }, (_, at) => ({
      name: `p${(at * 7919) % 20_000}`,
      ...(at % 5000 === 0 && { summary: 'x'.repeat(9000) }),
    }));
    await writeNameList(file, names);
    await using list = (await openNameList(file))!;
    for (const { name } of names.filter((_, at) => at % 499 === 0))
      expect(await list.find(name)).toMatchObject({ name });
    expect(namesIn(await list.beginning('p1999', 20))).toEqual([
      'p1999',
      ...Array.from({ length: 10 }, (_, at) => `p1999${at}`),
    ]);
  });

  it('is there whole or not at all', async () => {
    expect(await openNameList(join(directory, 'nowhere'))).toBeUndefined();
    await using empty = await listOf();
    expect(await empty.beginning('a', 5)).toEqual({ found: [], isAll: true });
    expect(await readdir(join(directory, '0'))).toEqual(['names']);
  });
});
