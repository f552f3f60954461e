import { readdir, readFile } from 'node:fs/promises';
import type { Bounds } from './bounds.ts';
import type { RoomLimits } from './sandbox.ts';

/** Bounds by what the kernel holds each process to (getrlimit(2)). How many there are, which buildah holds to a few thousand, is known only by counting. */
export function boundEachProcess({ memoryBytes, processes }: RoomLimits): Bounds {
  let first: number | undefined;
  return {
    words: ['prlimit', `--data=${memoryBytes}`, '--'],
    async add(pid) {
      first = pid;
    },
    async exceeded() {
      const isMet = first !== undefined && (await countThreads(first)) >= processes;
      return isMet ? 'processes' : undefined;
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** How many threads a process and all that descend from it have. */
async function countThreads(first: number): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const all = (await Promise.all(pids.map(readProcess))).filter((found) => found !== undefined);
  const children = Map.groupBy(all, ({ parent }) => parent);
  const within = all.filter(({ pid }) => pid === first);
  // Those found last may have children in turn.
  for (const { pid } of within) within.push(...(children.get(pid) ?? []));
  return within.reduce((sum, { threads }) => sum + threads, 0);
}

interface SeenProcess {
  readonly pid: number;
  readonly parent: number;
  readonly threads: number;
}

/** Reads proc_pid_stat(5); `undefined` of a process that has ended. */
async function readProcess(pid: string): Promise<SeenProcess | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => undefined);
  if (text === undefined) return undefined;
  // The program's name, in brackets, may hold anything. Behind it stand state, parent, …, and the threads as the 18th.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { pid: Number(pid), parent: Number(fields[1]), threads: Number(fields[17]) };
}
