import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeWheel, type PackageIndex, startPackageIndex, wheelFilename } from '../../../test/package-index.ts';
import { createHttpClient } from '../../http/create-http-client.ts';
import { listVersions } from './list-versions.ts';

const { signal } = new AbortController();
const asking = { cacheDir: '/nonexistent', env: {}, http: createHttpClient(), signal };
let index: PackageIndex;
beforeAll(async () => {
  const yanked = { name: 'Lib_One', version: '3.0' };
  index = await startPackageIndex(
    [
      ...['1.9', '1.10', '2.0rc1', '1.10'].map((version) => ({ name: 'Lib_One', version })),
      { filename: wheelFilename(yanked), bytes: makeWheel(yanked), yanked: 'broken' },
    ],
    { credentials: 'me:secret' },
  );
});
afterAll(() => index.close());

describe('listVersions', () => {
  it('gives the newest first, without those that were withdrawn', async () => {
    const url = index.url.replace('://', '://me:secret@');
    const indexes = { extra: [], default: url };
    expect(await listVersions('lib.one', { ...asking, indexes })).toEqual(['2.0rc1', '1.10', '1.9']);
    expect(await listVersions('nothing', { ...asking, indexes })).toEqual([]);
  });
});
