import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RecordRecipe, repodataText } from '../../../../test/repodata-server.ts';
import { createThreadPool } from '../../../threads/thread-pool.ts';
import type { SolveTask } from './solve-task.ts';
import { createSolver } from './solver.ts';

const fetchShard = () => Promise.reject(new Error('there are no shards'));
const { signal } = new AbortController();

/** Every version excludes every version of all others but one: hours of work for a solver. */
const hard: readonly RecordRecipe[] = Array.from({ length: 24 }, (_, name) =>
  Array.from({ length: 24 }, (_, version): RecordRecipe => {
    const others = Array.from({ length: 24 }, (_, other) => other).filter((other) => other !== name);
    return { name: `p${name}`, version: `${version}.0`, constrains: others.map((other) => `p${other} !=${version}.0`) };
  }),
).flat();

const threads = createThreadPool(1);
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'solve-thread-'));
});
afterAll(async () => {
  await threads[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

const taskOf = (names: readonly string[]): SolveTask => ({
  channels: [{ url: 'https://conda.example.com/', directories: { 'linux-64': directory } }],
  platform: 'linux-64',
  wanted: names.map((name) => ({ name, spec: name })),
  kept: [],
  installed: [],
  virtual: [],
});

describe('createSolver', () => {
  it('ends what takes too long or is cancelled, and answers the next', async () => {
    const file = join(directory, 'repodata.json');
    // A pigeon hole too few: 23 versions for 24 packages that must all differ.
    await writeFile(
      file,
      repodataText(
        'linux-64',
        hard.filter(({ version }) => version !== '23.0'),
      ),
    );
    using solver = createSolver({ threads, fetchShard });
    await solver.index({ file, compression: 'none' }, directory, signal);
    const all = taskOf(Array.from({ length: 24 }, (_, at) => `p${at}`));
    await expect(solver.solve(all, AbortSignal.timeout(500))).rejects.toMatchObject({ code: 'cancelled' });
    expect(await solver.solve(taskOf(['p0']), signal)).toMatchObject({ packages: [{ record: { version: '22.0' } }] });
    using hurried = createSolver({ threads, fetchShard, timeoutMs: 500 });
    await expect(hurried.solve(all, signal)).rejects.toMatchObject({ code: 'resolver-failed' });
  });

  it('answers nobody once it has ended', async () => {
    const solver = createSolver({ threads, fetchShard });
    solver[Symbol.dispose]();
    await expect(solver.solve(taskOf(['p0']), signal)).rejects.toMatchObject({ code: 'cancelled' });
  });
});
