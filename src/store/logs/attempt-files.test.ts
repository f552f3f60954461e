import { appendFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { attemptFile, beginAttempt, listSegments } from './attempt-files.ts';

/** What happens just before the next size is taken: the moment at which others must not come between. */
let beforeStat: (() => Promise<void>) | undefined;
vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs/promises')>();
  const stat = async (path: string) => {
    const meanwhile = beforeStat;
    beforeStat = undefined;
    await meanwhile?.();
    return real.stat(path);
  };
  return { ...real, stat };
});

let parent: string;
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'attempts-'));
});
afterAll(() => rm(parent, { recursive: true, force: true }));

describe('listSegments', () => {
  it('sees no more of an attempt than is sealed, even when the next one begins meanwhile', async () => {
    const directory = await mkdtemp(join(parent, 'job-'));
    await writeFile(attemptFile(directory, 1), 'one\n');
    beforeStat = async () => {
      await beginAttempt(directory, 2);
      await appendFile(attemptFile(directory, 1), 'too late\n');
    };
    expect(await listSegments(directory)).toEqual([
      { attempt: 1, sizeBytes: 4, isCut: false },
      { attempt: 2, sizeBytes: 0, isCut: false },
    ]);
  });

  it('is of one mind with all who seal at once', async () => {
    const directory = await mkdtemp(join(parent, 'job-'));
    await writeFile(attemptFile(directory, 1), 'one\nhalf');
    await writeFile(attemptFile(directory, 2), 'two\n');
    await writeFile(attemptFile(directory, 4), '');
    const seen = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const segments = await listSegments(directory);
        await appendFile(attemptFile(directory, 1), 'too late\n');
        return segments;
      }),
    );
    expect(seen[0]).toMatchObject([{ attempt: 1, isCut: true }, { attempt: 2 }, { attempt: 4 }]);
    expect(new Set(seen.map((segments) => JSON.stringify(segments))).size).toBe(1);
    const names = ['1.log', '2.earlier.json', '2.log', '4.earlier.json', '4.log'];
    expect((await readdir(directory)).sort()).toEqual(names);
  });
});
