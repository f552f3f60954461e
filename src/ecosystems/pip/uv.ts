import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BuilderError } from '../../errors.ts';
import { say } from '../../sentence.ts';

/** The program uv, as set up under the project. */
export const defaultUvPath = join(import.meta.dirname, '../../../.tools/uv/bin/uv');

const maxOutputBytes = 4 * 1024 * 1024;

export interface UvRun {
  readonly uv: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface UvResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs uv to its end; any exit code is an answer. Throws `tool-missing`, `cancelled`, or `resolver-failed` when it takes too long. */
export async function runUv({ uv, args, env, cwd, timeoutMs, signal }: UvRun): Promise<UvResult> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const stop = AbortSignal.any([signal, timeout]);
  const child = spawn(uv, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], signal: stop, killSignal: 'SIGKILL' });
  const output = { stdout: '', stderr: '' };
  let overflown = false;
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
      if (output[name].length <= maxOutputBytes) return;
      overflown = true;
      child.kill('SIGKILL');
    });
  }
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? -1));
  }).catch((error: NodeJS.ErrnoException) => {
    throw failureOf(error, { uv, timeoutMs, signal, timeout });
  });
  if (exitCode < 0) {
    const why = overflown ? say`it said too much` : say`it was killed`;
    throw new BuilderError('resolver-failed', say`The package solver (uv) did not finish: ${why}`);
  }
  return { exitCode, ...output };
}

function failureOf(
  error: NodeJS.ErrnoException,
  { uv, timeoutMs, signal, timeout }: Pick<UvRun, 'uv' | 'timeoutMs' | 'signal'> & { timeout: AbortSignal },
): unknown {
  if (signal.aborted) return new BuilderError('cancelled', say`Solving the packages was cancelled`);
  if (timeout.aborted) {
    return new BuilderError('resolver-failed', say`The package solver (uv) took longer than ${timeoutMs / 1000} s`, {
      hint: say`Try again; if it happens again, name versions in the lines so that there is less to search.`,
    });
  }
  if (error.code === 'ENOENT' || error.code === 'EACCES') {
    return new BuilderError('tool-missing', say`The package solver uv is not at ${uv}`, {
      hint: say`Run "node scripts/setup.mjs", which puts it there.`,
      cause: error,
    });
  }
  return error;
}

/** Names the Python beside uv, which saves uv a search of a tenth of a second; nothing where there is none. */
export function pythonOption(uv: string): readonly string[] {
  const python = join(dirname(uv), 'python');
  return existsSync(python) ? ['--python', python] : [];
}
