import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { makeSdist } from '../../../test/make-sdist.ts';
import { startPackageIndex } from '../../../test/package-index.ts';
import { createHttpClient } from '../../http/create-http-client.ts';
import { projectFiles, versionOfFile } from './project-files.ts';
import { formatVersion } from './version.ts';

const http = createHttpClient({ env: {} });
const ask = (name: string, mainIndex: string, extra: readonly string[] = []) =>
  projectFiles(name, {
    http,
    indexes: { default: mainIndex, extra },
    mainIndex,
    signal: new AbortController().signal,
  });

/** An index that answers all the same. */
async function servePage(text: string, type = 'text/html') {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', type).end(text);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/root/pypi/+simple`,
    [Symbol.dispose]: () => void server.close(),
  };
}

describe('projectFiles', () => {
  it('reads what an index says in JSON, with the credentials of its URL', async () => {
    await using index = await startPackageIndex(
      [makeSdist({ name: 'thing' }), { name: 'thing', version: '2.0', requiresPython: '>=3.9' }],
      { credentials: 'me:word' },
    );
    const files = await ask('thing', index.url.replace('//', '//me:word@'));
    expect(files).toMatchObject([
      { filename: 'thing-1.0.tar.gz', url: index.fileUrl('thing-1.0.tar.gz'), isYanked: false },
      { filename: 'thing-2.0-py3-none-any.whl', requiresPython: '>=3.9' },
    ]);
    expect(files[0]!.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(files[0]!.sizeBytes).toBeGreaterThan(100);
  });

  it('asks the indexes in their order, and the first one that has the project alone', async () => {
    await using first = await startPackageIndex([{ name: 'other' }]);
    await using second = await startPackageIndex([makeSdist({ name: 'thing', version: '2.0' })]);
    await using third = await startPackageIndex([makeSdist({ name: 'thing', version: '3.0' })]);
    const files = await ask('thing', third.url, [`named=${first.url}`, second.url]);
    expect(files.map(({ filename }) => filename)).toEqual(['thing-2.0.tar.gz']);
    expect(third.requests).toEqual([]);
    expect(await ask('nothing', third.url)).toEqual([]);
  });

  it('reads what an index says in HTML', async () => {
    const hash = 'a'.repeat(64);
    using index = await servePage(`<!DOCTYPE html><body>
<a class="x" href="../../files/thing-1.0.tar.gz#sha256=${hash}" data-requires-python="&gt;=3.8, &lt;4">thing-1.0.tar.gz</a>
<A HREF='https://me:word@files.example.com/thing-2.0.tar.gz' data-yanked="broken"> thing-2.0.tar.gz </A>
<a>no link</a></body>`);
    const { origin } = new URL(index.url);
    expect(await ask('thing', index.url)).toEqual([
      {
        filename: 'thing-1.0.tar.gz',
        url: `${origin}/root/pypi/files/thing-1.0.tar.gz`,
        sha256: hash,
        requiresPython: '>=3.8, <4',
        isYanked: false,
      },
      { filename: 'thing-2.0.tar.gz', url: 'https://files.example.com/thing-2.0.tar.gz', isYanked: true },
    ]);
  });

  it.each(['{', 'null', '{"files":[null,{"filename":1}]}'])('is not led astray by %s', async (text) => {
    using index = await servePage(text, 'application/vnd.pypi.simple.v1+json');
    const found = await ask('thing', index.url).catch(({ code }) => code);
    expect(found).toEqual(text === '{' ? 'resolver-failed' : []);
  });
});

describe('versionOfFile', () => {
  it.each([
    ['old_lib-2.0-py3-none-any.whl', '2.0'],
    ['old_lib-1.0_post1-py3-none-any.whl', '1.0.post1'],
    ['other-2.0-py3-none-any.whl', undefined],
    ['Old.Lib-1.0.tar.gz', '1.0'],
    ['old-lib-v3.zip', '3'],
    ['old-lib-extra-9.zip', undefined],
    ['old-lib-1.0.tar.bz2', undefined],
    ['old-lib-1.0.exe', undefined],
  ])('reads %s', (filename, expected) => {
    const version = versionOfFile(filename, 'old-lib');
    expect(version && formatVersion(version)).toBe(expected);
  });
});
