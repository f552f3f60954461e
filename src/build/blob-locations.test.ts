import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../oci/digest.ts';
import { openBlobLocations } from './blob-locations.ts';

const digest = digestOf('a blob');
const repository = { registry: 'r.example.com', name: 'team/a' };

describe('openBlobLocations', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'locations-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('remembers across processes, for that registry only', async () => {
    const first = await openBlobLocations(directory);
    first.remember(repository, digest);
    await first.save();
    const second = await openBlobLocations(directory);
    expect(second.repositoriesWith('r.example.com', digest)).toEqual([repository]);
    expect(second.repositoriesWith('other.example.com', digest)).toEqual([]);
  });

  it('keeps what another build learnt meanwhile', async () => {
    const [a, b] = [await openBlobLocations(directory), await openBlobLocations(directory)];
    a.remember(repository, digest);
    b.remember({ ...repository, name: 'team/b' }, digestOf('another'));
    await a.save();
    await b.save();
    const merged = await openBlobLocations(directory);
    expect(merged.repositoriesWith('r.example.com', digest)).toHaveLength(1);
    expect(merged.repositoriesWith('r.example.com', digestOf('another'))).toHaveLength(1);
  });

  it('is saved by several builds at once', async () => {
    const locations = await openBlobLocations(directory);
    const saves = Array.from({ length: 20 }, (_, i) => {
      locations.remember(repository, digestOf(`blob ${i}`));
      return locations.save();
    });
    await Promise.all(saves);
    const [last] = (await openBlobLocations(directory)).repositoriesWith('r.example.com', digestOf('blob 19'));
    expect(last).toEqual(repository);
  });

  it.each(['{', '[]', '{"nonsense":"x"}', `{"r.example.com ${digest}":"../../etc"}`])(
    'takes a damaged memory (%s) for none',
    async (text) => {
      await writeFile(join(directory, 'blob-locations.json'), text);
      const locations = await openBlobLocations(directory);
      expect(locations.repositoriesWith('r.example.com', digest)).toEqual([]);
    },
  );
});
