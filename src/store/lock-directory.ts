import { open, readFile, rm } from 'node:fs/promises';
import { BuilderError } from '../errors.ts';

/**
 * Takes a lock file that holds our process id; what it gives lets it go. The lock of a process that has ended is taken over. Throws
 * `command-invalid` while another process has it.
 */
export async function lockDirectory(file: string): Promise<() => Promise<void>> {
  for (;;) {
    try {
      const handle = await open(file, 'wx');
      await handle.writeFile(String(process.pid));
      await handle.close();
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = Number(await readFile(file, 'utf8').catch(() => ''));
    if (holder !== process.pid && isRunning(holder)) {
      throw new BuilderError('command-invalid', `The data directory is in use by process ${holder} (${file})`, {
        hint: 'Stop that process, or choose another directory with --data.',
      });
    }
    await rm(file, { force: true });
  }
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
