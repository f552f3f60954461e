import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
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

  it('asks the first index that has it, and reads pages too', async () => {
    const page = createServer((request, response) => {
      if (request.url !== '/root/old-lib/') return response.writeHead(404).end();
      response.writeHead(200, { 'content-type': 'text/html' });
      return response.end(
        '<a href="x">old-lib-1.0.tar.gz</a><a data-yanked="" href="x">old_lib-3.0-py3-none-any.whl</a>\n<a href="x">\nold_lib-2.0-py3-none-any.whl </a><a href="x">old-lib-extra-9.zip</a>',
      );
    });
    await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve));
    const extra = [`http://127.0.0.1:${(page.address() as AddressInfo).port}/root`];
    const indexes = { extra, default: index.url.replace('://', '://me:secret@') };
    expect(await listVersions('old-lib', { ...asking, indexes })).toEqual(['2.0', '1.0']);
    expect(await listVersions('Lib_One', { ...asking, indexes })).toHaveLength(3);
    page.close();
  });

  it.each(['{', 'null', '{"files":[null,{"filename":1}]}'])('is not led astray by %s', async (text) => {
    const broken = createServer((_, response) =>
      response.writeHead(200, { 'content-type': 'application/vnd.pypi.simple.v1+json' }).end(text),
    );
    await new Promise<void>((resolve) => broken.listen(0, '127.0.0.1', resolve));
    const indexes = { extra: [], default: `http://127.0.0.1:${(broken.address() as AddressInfo).port}` };
    const found = await listVersions('lib', { ...asking, indexes }).catch(({ code }) => code);
    expect(found).toEqual(text === '{' ? 'resolver-failed' : []);
    broken.close();
  });
});
