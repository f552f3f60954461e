import { appendFile, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attemptFile, beginAttempt, listSegments } from './attempt-files.ts';

let parent: string;
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'attempts-'));
});
afterAll(() => rm(parent, { recursive: true, force: true }));

describe('listSegments', () => {
  it('sees no more of an attempt than is sealed, even when the next one begins meanwhile', async () => {
    const directory = await mkdtemp(join(parent, 'job-'));
    await writeFile(attemptFile(directory, 1), 'one\n');
    let isFirst = true;
    const sizeOf = async (path: string) => {
      if (isFirst) {
        isFirst = false;
        await beginAttempt(directory, 2);
        await appendFile(attemptFile(directory, 1), 'too late\n');
      }
      return (await stat(path)).size;
    };
    expect(await listSegments(directory, sizeOf)).toEqual([
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
