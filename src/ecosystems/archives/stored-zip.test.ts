import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { storedZip, writeZip } from './stored-zip.ts';
import { openZipArchive } from './zip-archive.ts';

let file: string;
beforeAll(() => {
  file = join(mkdtempSync(join(tmpdir(), 'stored-zip-')), 'x.zip');
});
afterAll(() => rmSync(join(file, '..'), { recursive: true }));

function read(bytes: Uint8Array) {
  writeFileSync(file, bytes);
  using archive = openZipArchive(file, 'The archive');
  return archive.members.map((member) => [member.name, archive.read(member).toString()]);
}

it('writes what a strict reader takes, in the order given', () => {
  const long = 'hello '.repeat(10_000);
  expect(read(storedZip({ 'b/é': 'world', a: Buffer.from(long), none: '' }))).toEqual([
    ['b/é', 'world'],
    ['a', long],
    ['none', ''],
  ]);
  expect(read(storedZip({}))).toEqual([]);
});

it('writes what is deflated already', () => {
  const content = Buffer.from('hello '.repeat(100));
  const bytes = writeZip([{ path: 'a', content, deflated: deflateRawSync(content), mode: 0o755 }]);
  expect(bytes.length).toBeLessThan(200);
  expect(read(bytes)).toEqual([['a', content.toString()]]);
});
