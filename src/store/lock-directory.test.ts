import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lockDirectory } from './lock-directory.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'imagewright-lock-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('lockDirectory', () => {
  test('takes the lock, and leaves nothing when it lets it go', async () => {
    const file = join(directory, 'free.lock');
    const release = await lockDirectory(file);
    expect(await readdir(directory)).toContain('free.lock');
    await release();
    expect(await readdir(directory)).toEqual([]);
  });

  test('refuses while another process has it, and says which', async () => {
    const file = join(directory, 'held.lock');
    await writeFile(file, String(process.ppid));
    await expect(lockDirectory(file)).rejects.toMatchObject({
      code: 'command-invalid',
      message: `The data directory is in use by process ${process.ppid} (${file})`,
    });
    await rm(file);
  });

  test.each([
    ['a process that has ended', () => endedProcess()],
    ['a process before us with our own id', async () => process.pid],
    ['nobody', async () => ''],
  ])('takes over the lock of %s', async (_, holder) => {
    const file = join(directory, 'left.lock');
    await writeFile(file, String(await holder()));
    await (await lockDirectory(file))();
    expect(await readdir(directory)).toEqual([]);
  });

  test('is had by one process at a time, however many take over the lock that one left', async () => {
    const file = join(directory, 'wanted.lock');
    await writeFile(file, String(await endedProcess()));
    const module = JSON.stringify(new URL('./lock-directory.ts', import.meta.url).href);
    const script = `
      const { lockDirectory } = await import(${module});
      process.stdin.once('data', async () => {
        console.log(await lockDirectory(${JSON.stringify(file)}).then(() => 'has', (error) => error.code));
        process.stdin.once('data', () => process.exit());
      });
      console.log('ready');`;
    const children = Array.from({ length: 4 }, () => spawn(process.execPath, ['--input-type=module', '-e', script]));
    const say = (child: (typeof children)[number]) => once(child.stdout, 'data').then(([text]) => `${text}`.trim());
    expect(await Promise.all(children.map(say))).toEqual(Array(4).fill('ready'));
    const answers = children.map(say);
    for (const child of children) child.stdin.write('go\n');
    expect((await Promise.all(answers)).sort()).toEqual([...Array(3).fill('command-invalid'), 'has']);
    for (const child of children) child.stdin.write('end\n');
    await Promise.all(children.map((child) => once(child, 'close')));
  });
});

async function endedProcess(): Promise<number> {
  const child = spawn('true');
  await once(child, 'close');
  return child.pid!;
}
