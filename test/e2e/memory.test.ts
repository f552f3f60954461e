import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startBuildBed } from '../build-bed.ts';
import { runImagewright } from '../imagewright.ts';
import { makeWheel, wheelFilename } from '../package-index.ts';

const mebibyte = 1024 * 1024;

/** Packs about thirty to one, as far as an honest package may. */
function bulk(mebibytes: number): Buffer {
  const content = Buffer.alloc(mebibytes * mebibyte);
  for (let at = 0; at < content.length; at += mebibyte) randomBytes(32 * 1024).copy(content, at);
  return content;
}

it('2 GB of packages, one file of 1 GB among them, take at most 400 MB of memory', async () => {
  const recipes = [
    { name: 'huge', files: { 'huge/__init__.py': '', 'huge/lib.so': bulk(1024) } },
    { name: 'wide', files: Object.fromEntries(Array.from({ length: 250 }, (_, i) => [`wide/part${i}.so`, bulk(4)])) },
  ];
  const wheels = recipes.map((recipe) => ({ filename: wheelFilename(recipe), bytes: makeWheel(recipe) }));
  await using bed = await startBuildBed(wheels);
  const spec = join(bed.directory, 'SPEC.yaml');
  const packages = { pip: recipes.map(({ name }) => name) };
  await writeFile(spec, JSON.stringify({ name: 'demo', base: `${bed.registry}/base:1`, packages }));
  const run = await runImagewright(['build', spec, '--to', `${bed.registry}/big:t`, '--json'], {
    env: { UV_INDEX_URL: bed.index.url, XDG_CACHE_HOME: join(bed.directory, 'cache') },
  });
  expect(run.stderr).not.toContain('error');
  expect(run.exitCode).toBe(0);
  console.log(`peak memory ${Math.round(run.peakBytes / 1e6)} MB`);
  expect(run.peakBytes).toBeGreaterThan(50e6);
  expect(run.peakBytes).toBeLessThan(400e6);
});
