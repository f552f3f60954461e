import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** How a run of the program ended. */
export interface ImagewrightRun {
  /** `null` when a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Peak resident memory in bytes, as the kernel counts it; 0 where it could not be read. */
  readonly peakBytes: number;
}

export interface ImagewrightOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Given the process once it runs, to send it signals. */
  readonly onStart?: (child: ChildProcess) => void;
  /** Given what it writes on standard error, as it comes. */
  readonly onStderr?: (text: string, child: ChildProcess) => void;
}

const program = resolve(import.meta.dirname, '../bin/imagewright');

/** Runs `bin/imagewright` as a user does, and waits for its end. */
export async function runImagewright(
  words: readonly string[],
  options: ImagewrightOptions = {},
): Promise<ImagewrightRun> {
  const child = spawn(program, words, { env: { ...process.env, ...options.env }, stdio: 'pipe' });
  options.onStart?.(child);
  const written = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    written.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    written.stderr += text;
    options.onStderr?.(text, child);
  });
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const memory = watchPeakMemory(child.pid!);
  const exitCode = await new Promise<number | null>((end) => child.once('close', end));
  return { ...written, exitCode, peakBytes: memory.stop() };
}

function watchPeakMemory(pid: number): { stop(): number } {
  let peakBytes = 0;
  const timer = setInterval(() => {
    peakBytes = Math.max(peakBytes, peakOf(pid));
  }, 100);
  return {
    stop() {
      clearInterval(timer);
      return peakBytes;
    },
  };
}

/** `VmHWM` of proc(5). */
function peakOf(pid: number): number {
  try {
    const match = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return match === null ? 0 : Number(match[1]) * 1024;
  } catch {
    return 0; // It has ended.
  }
}
