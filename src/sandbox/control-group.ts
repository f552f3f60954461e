import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bounds } from './bounds.ts';
import type { RoomLimits } from './sandbox.ts';

const root = '/sys/fs/cgroup';

/** Bounds by a new control group, of version 2 or 1 as the machine has it (cgroups(7)); `undefined` where we may not make one. */
export async function makeControlGroup(limits: RoomLimits): Promise<Bounds | undefined> {
  const name = `imagewright-${randomUUID()}`;
  const unified = existsSync(join(root, 'cgroup.controllers'));
  const place = (controller: string) => (unified ? join(root, name) : join(root, controller, name));
  const memory = place('memory');
  const processes = place('pids');
  const directories = [...new Set([memory, processes])];
  const remove = async () => {
    for (const directory of directories) await removeDirectory(directory);
  };
  try {
    for (const directory of directories) await mkdir(directory);
    await writeFile(join(processes, 'pids.max'), String(limits.processes));
    await writeFile(join(memory, unified ? 'memory.max' : 'memory.limit_in_bytes'), String(limits.memoryBytes));
  } catch {
    // Read-only, not ours, or without these controllers: all the same to who asks.
    await remove();
    return undefined;
  }
  return {
    words: [],
    async add(pid) {
      for (const directory of directories) await writeFile(join(directory, 'cgroup.procs'), String(pid));
    },
    async exceeded() {
      if (await counts(join(memory, unified ? 'memory.events' : 'memory.oom_control'), 'oom_kill')) return 'memory';
      return (await counts(join(processes, 'pids.events'), 'max')) ? 'processes' : undefined;
    },
    [Symbol.asyncDispose]: remove,
  };
}

async function counts(file: string, event: string): Promise<boolean> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return Number(new RegExp(`^${event} (\\d+)$`, 'm').exec(text)?.[1] ?? 0) > 0;
}

/** What was killed in it may take a moment to go. */
async function removeDirectory(directory: string): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt++) {
    try {
      return await rmdir(directory);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY') return;
      await sleep(20);
    }
  }
}
