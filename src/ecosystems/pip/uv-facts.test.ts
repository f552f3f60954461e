import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defaultUvPath } from './uv.ts';
import { uvFacts } from './uv-facts.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'imagewright-uv-facts-'));
});
afterAll(() => rm(directory, { recursive: true }));

const factsOf = (uv: string) =>
  uvFacts({ uv, env: { PATH: process.env.PATH ?? '' }, timeoutMs: 30_000 }, join(directory, 'cache'));

/** The program in a directory of its own, where nothing was written beside it. */
async function linkedUv(name: string): Promise<string> {
  const uv = join(directory, name);
  await symlink(defaultUvPath, uv);
  return uv;
}

test('what was written when uv was set up is what uv says', async () => {
  const said = await factsOf(await linkedUv('uv'));
  expect(said.version).toMatch(/^uv \d+\.\d+/);
  expect(said.index).toMatch(/^https:/);
  expect(await factsOf(defaultUvPath)).toEqual(said);
});

test('facts of another program are not believed', async () => {
  const written = join(directory, 'uv.json');
  const uv = await linkedUv('other-uv');
  await writeFile(written, JSON.stringify({ sizeBytes: 1, version: 'uv 0.0.1', index: 'https://index.example.com/' }));
  expect((await factsOf(uv)).version).not.toBe('uv 0.0.1');
});
