import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { BuilderError } from '../errors.ts';
import { say } from '../sentence.ts';

/**
 * Takes a lock file that holds our process id; what it gives lets it go. The lock of a process that has ended is taken over. Throws
 * `command-invalid` while another process has it.
 */
export async function lockDirectory(file: string): Promise<() => Promise<void>> {
  for (;;) {
    if (await takeLock(file)) return () => rm(file, { force: true });
    const holder = await holderOf(file);
    if (isAlive(holder)) {
      throw new BuilderError('command-invalid', say`The data directory is in use by process ${holder} (${file})`, {
        hint: say`Stop that process, or choose another directory with --data.`,
      });
    }
    await removeLock(file);
  }
}

/** The file is there with its content or not at all: one that is still empty would pass for one of a process that has ended. */
async function takeLock(file: string): Promise<boolean> {
  const ours = `${file}.${process.pid}`;
  await writeFile(ours, String(process.pid));
  try {
    await link(ours, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(ours, { force: true });
  }
}

/**
 * Removes the lock of a process that has ended. One at a time may: as long as that lock is there nobody takes it, so what is removed is
 * what was looked at, and never the lock of somebody who was quicker.
 */
async function removeLock(file: string): Promise<void> {
  const turn = `${file}.taken-over`;
  if (!(await takeLock(turn))) {
    if (isAlive(await holderOf(turn))) await sleep(5);
    else await rm(turn, { force: true });
    return;
  }
  try {
    const left = await readFile(file, 'utf8').catch(() => undefined);
    // One that is gone may be there again in a moment, and somebody's.
    if (left !== undefined && !isAlive(Number(left))) await rm(file, { force: true });
  } finally {
    await rm(turn, { force: true });
  }
}

async function holderOf(file: string): Promise<number> {
  return Number(await readFile(file, 'utf8').catch(() => ''));
}

/** Our own id on a lock that we have not taken is that of a process before us: in a container the first process is always number 1. */
function isAlive(holder: number): boolean {
  return holder !== process.pid && isRunning(holder);
}

function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
