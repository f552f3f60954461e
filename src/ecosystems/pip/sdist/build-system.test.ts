import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTar } from '../../../../test/make-sdist.ts';
import { makeZip } from '../../../../test/package-index.ts';
import { readBuildSystem } from './build-system.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'build-system-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function read(files: Record<string, string> | Buffer, extension: 'tar.gz' | 'zip' = 'tar.gz') {
  const filename = `thing-1.0.${extension}`;
  const packed = extension === 'zip' ? makeZip : (each: Record<string, string>) => gzipSync(makeTar(each));
  await writeFile(join(directory, filename), Buffer.isBuffer(files) ? files : packed(files));
  return readBuildSystem(join(directory, filename), filename);
}
const project = (text: string) => ({ 'thing-1.0/setup.py': '', 'thing-1.0/pyproject.toml': text });
const legacy = { backend: 'setuptools.build_meta:__legacy__', backendPath: [], requires: ['setuptools>=40.8.0'] };

describe('readBuildSystem', () => {
  it.each(['tar.gz', 'zip'] as const)('reads pyproject.toml in a %s', async (extension) => {
    const text =
      '[build-system]\nrequires = ["Cython>=3", "x; python_version<\'3\'"]\nbuild-backend = "a.b:c.d"\nbackend-path = ["_own"]';
    expect(await read(project(text), extension)).toEqual({
      backend: 'a.b:c.d',
      backendPath: ['_own'],
      requires: ['cython>=3', 'x; python_version < "3"'],
    });
  });

  it('does as pip does where nothing is said', async () => {
    expect(await read({ 'thing-1.0/setup.py': '' })).toEqual(legacy);
    expect(await read(project('[tool.black]\nline-length = 1'))).toEqual(legacy);
    expect(await read(project('[build-system]\nrequires = ["flit"]'))).toEqual({ ...legacy, requires: ['flit'] });
    expect(await read({ 'thing-1.0/sub/pyproject.toml': '[build-system]\nrequires = ["a"]' })).toEqual(legacy);
  });

  it.each([
    ['no TOML', 'a = = b', 'not TOML'],
    ['no requirements', '[build-system]\nbuild-backend = "a"', 'no valid [build-system]'],
    ['a backend that is none', '[build-system]\nrequires = []\nbuild-backend = "os; x"', 'no valid [build-system]'],
    ['an option', '[build-system]\nrequires = ["--index-url=https://x"]', 'is no requirement'],
    ['two lines', '[build-system]\nrequires = ["a\\n--index-url=https://x"]', 'is no requirement'],
    ['a URL', '[build-system]\nrequires = ["a @ https://example.com/a-1-py3-none-any.whl"]', 'by URL'],
  ])('refuses %s', async (_what, text, reason) => {
    await expect(read(project(text))).rejects.toMatchObject({
      code: 'package-corrupt',
      message: expect.stringContaining(reason),
    });
  });

  it('refuses what is no archive', async () => {
    for (const bytes of [Buffer.from('no'), gzipSync('x'.repeat(2000))]) {
      await expect(read(bytes)).rejects.toMatchObject({ code: 'package-corrupt' });
    }
    await expect(read(Buffer.from('no'), 'zip')).rejects.toMatchObject({ code: 'package-corrupt' });
  });
});
