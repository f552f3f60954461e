import { readdirSync, readFileSync } from 'node:fs';

export interface Measurement {
  readonly seconds: number;
  /** Most resident memory that the processes held together, in bytes, sampled. */
  readonly peakBytes: number;
}

const sampleMs = 100;

/** Times a piece of work, and watches the memory of this process' descendants and of `others` with theirs. */
export async function measure(work: () => Promise<void>, others: readonly number[]): Promise<Measurement> {
  let peakBytes = 0;
  const timer = setInterval(() => {
    peakBytes = Math.max(peakBytes, residentBytes(others));
  }, sampleMs);
  const started = performance.now();
  try {
    await work();
    return { seconds: (performance.now() - started) / 1000, peakBytes };
  } finally {
    clearInterval(timer);
  }
}

interface ProcessStatus {
  readonly pid: number;
  readonly parent: number;
  readonly residentBytes: number;
}

function residentBytes(roots: readonly number[]): number {
  const statuses = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? statusOf(Number(name)) : []));
  const counted = new Set([process.pid, ...roots]);
  for (let grew = true; grew; ) {
    const before = counted.size;
    for (const { pid, parent } of statuses) if (counted.has(parent)) counted.add(pid);
    grew = counted.size > before;
  }
  counted.delete(process.pid);
  return statuses.filter(({ pid }) => counted.has(pid)).reduce((sum, status) => sum + status.residentBytes, 0);
}

/** From proc(5) `status`; empty when the process has ended meanwhile. */
function statusOf(pid: number): ProcessStatus[] {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);
    return [{ pid, parent: field('PPid'), residentBytes: field('VmRSS') * 1024 }];
  } catch {
    return [];
  }
}
