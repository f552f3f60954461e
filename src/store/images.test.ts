import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freshDatabase } from '../../test/fresh-database.ts';
import { buildNewImage } from '../../test/stored-images.ts';
import type { Database } from './database.ts';
import {
  findImage,
  type ImageQuery,
  insertImage,
  listImages,
  markImageDeleted,
  updateImage,
  type Viewer,
} from './images.ts';

let database: Database;
beforeAll(async () => {
  database = await freshDatabase();
}, 60_000);
afterAll(() => database[Symbol.asyncDispose]());
beforeEach(() => database.query('truncate images cascade'));

describe('images', () => {
  it('are found by name, as they were made', async () => {
    const made = await insertImage(database, buildNewImage({ groups: ['a', 'b'], pullSecret: 'hub' }));
    expect(await findImage(database, 'demo')).toEqual(made);
    expect(made).toMatchObject({
      ...buildNewImage({ groups: ['a', 'b'], pullSecret: 'hub' }),
      version: 1,
      readyUrl: null,
    });
  });

  it('have a name each, which is free again after deletion', async () => {
    const { id } = await insertImage(database, buildNewImage());
    const again = insertImage(database, buildNewImage());
    await expect(again).rejects.toMatchObject({ code: 'conflict', problems: [{ field: 'name', code: 'name-taken' }] });
    await markImageDeleted(database, id);
    expect(await findImage(database, 'demo')).toBeUndefined();
    expect((await insertImage(database, buildNewImage())).id).not.toBe(id);
  });

  it('are changed only from the version that stands', async () => {
    const image = await insertImage(database, buildNewImage());
    const edits = ['x', 'y'].map((displayName) => updateImage(database, image, { ...image, displayName }));
    const results = await Promise.all(edits);
    expect(results.filter((each) => each !== undefined)).toHaveLength(1);
    expect((await findImage(database, 'demo'))?.version).toBe(2);
  });
});

describe('the list', () => {
  const query: ImageQuery = { sort: 'name', descending: false, page: 1, pageSize: 10 };
  const namesFor = async (viewer: Viewer, more: Partial<ImageQuery> = {}) => {
    const { items, total } = await listImages(database, viewer, { ...query, ...more });
    return { names: items.map(({ name }) => name), total };
  };
  beforeEach(async () => {
    await insertImage(database, buildNewImage({ name: 'global', isGlobal: true, displayName: 'Für alle_' }));
    await insertImage(database, buildNewImage({ name: 'granted', groups: ['vision'], type: 'gpu' }));
    await insertImage(database, buildNewImage({ name: 'owned', ownerGroup: 'vision', createdBy: 'bob' }));
    await insertImage(database, buildNewImage({ name: 'other', ownerGroup: 'speech' }));
  });

  it.each<[string, Viewer, string[]]>([
    ['everything to administrators', 'all', ['global', 'granted', 'other', 'owned']],
    ['the own groups’ and the global ones to members', { groups: ['vision'] }, ['global', 'granted', 'owned']],
    ['the global ones to everybody', { groups: [] }, ['global']],
  ])('shows %s', async (_, viewer, names) => {
    expect(await namesFor(viewer)).toEqual({ names, total: names.length });
  });

  it.each<[string, Partial<ImageQuery>, string[]]>([
    ['part of a name', { search: 'ranT' }, ['granted']],
    ['part of a display name', { search: 'für' }, ['global']],
    ['signs that stand for themselves', { search: 'alle_' }, ['global']],
    ['a type', { type: 'gpu' }, ['granted']],
    ['a group', { group: 'vision' }, ['granted', 'owned']],
    ['who made it', { createdBy: 'bob' }, ['owned']],
    ['a state that none has', { state: 'Running' }, []],
  ])('finds %s', async (_, filter, names) => {
    expect((await namesFor('all', filter)).names).toEqual(names);
  });

  it('pages, and counts all', async () => {
    expect(await namesFor('all', { page: 2, pageSize: 3 })).toEqual({ names: ['owned'], total: 4 });
    expect((await namesFor('all', { descending: true, pageSize: 2 })).names).toEqual(['owned', 'other']);
  });
});
