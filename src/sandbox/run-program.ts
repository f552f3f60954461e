import { type ChildProcess, spawn } from 'node:child_process';
import { BuilderError } from '../errors.ts';
import { say } from '../sentence.ts';
import { createLineSplitter } from './split-lines.ts';

export interface ProgramRun {
  readonly argv: readonly string[];
  readonly cwd?: string;
  readonly env: NodeJS.ProcessEnv;
  readonly input?: Uint8Array;
  readonly signal: AbortSignal;
  /** Given the process before it reads its input. */
  readonly onStart?: (child: ChildProcess) => Promise<void>;
  readonly onLine?: ((line: string, stream: 'stdout' | 'stderr') => void) | undefined;
}

/** Runs a program in a process group of its own, which ends with it or with the signal. Throws the signal's reason, `tool-missing`. */
export async function runProgram({ argv, cwd, env, input, signal, onStart, onLine }: ProgramRun): Promise<number> {
  signal.throwIfAborted();
  const child = spawn(argv[0]!, argv.slice(1), { cwd, env, detached: true, stdio: 'pipe' });
  const ended = Promise.withResolvers<number>();
  child.on('error', ended.reject).on('close', (code) => ended.resolve(code ?? 137));
  const end = () => killGroup(child);
  signal.addEventListener('abort', end, { once: true });
  for (const name of ['stdout', 'stderr'] as const) {
    const splitter = createLineSplitter((line) => onLine?.(line, name));
    child[name].on('data', (bytes: Buffer) => splitter.take(bytes)).on('end', () => splitter.end());
  }
  // It may end without reading what it is given.
  child.stdin.on('error', () => {});
  try {
    if (child.pid !== undefined) await onStart?.(child);
    child.stdin.end(input);
    const exitCode = await ended.promise.catch((error) => {
      throw toolMissing(argv[0]!, error);
    });
    signal.throwIfAborted();
    return exitCode;
  } finally {
    signal.removeEventListener('abort', end);
    end();
  }
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function toolMissing(program: string, cause: NodeJS.ErrnoException): unknown {
  if (cause.code !== 'ENOENT' && cause.code !== 'EACCES') return cause;
  return new BuilderError('tool-missing', say`The program ${program} is not installed`, {
    hint: say`Packages that run code need buildah, util-linux and GNU tar on the machine that builds.`,
    cause,
  });
}
