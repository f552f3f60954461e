import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BuilderError } from '../../errors.ts';
import { say } from '../../sentence.ts';
import { pythonOption, runUv, type UvRun } from './uv.ts';

/** What stays true of a program uv as long as it is the same. */
export interface UvFacts {
  /** What it calls itself, `uv 0.11.28`. */
  readonly version: string;
  /** The index that it asks when none is set. */
  readonly index: string;
}

/** A run of uv that is about no directory and belongs to no request. */
export type FactsRun = Omit<UvRun, 'args' | 'cwd' | 'signal'>;

const known = new Map<string, Promise<UvFacts>>();

/**
 * The facts that were written beside the program when it was set up, or what it says itself: to ask takes as long as to find a remembered
 * lock. Each program is asked once. Throws `tool-missing`, `resolver-failed`.
 */
export function uvFacts(run: FactsRun, cacheDir: string): Promise<UvFacts> {
  const facts = known.get(run.uv) ?? readFacts(run, cacheDir);
  known.set(run.uv, facts);
  facts.catch(() => known.delete(run.uv));
  return facts;
}

async function readFacts(run: FactsRun, cacheDir: string): Promise<UvFacts> {
  return (await writtenFacts(run.uv)) ?? (await askForFacts(run, cacheDir));
}

/** `uv.json`, see scripts/install-uv.mjs; written of a program of that very size. */
async function writtenFacts(uv: string): Promise<UvFacts | undefined> {
  try {
    const text = await readFile(join(dirname(uv), 'uv.json'), 'utf8');
    const { sizeBytes, version, index } = JSON.parse(text) as UvFacts & { readonly sizeBytes: number };
    return sizeBytes === (await stat(uv)).size ? { version, index } : undefined;
  } catch {
    return undefined;
  }
}

async function askForFacts(run: FactsRun, cacheDir: string): Promise<UvFacts> {
  const { signal } = new AbortController();
  const ask = (...args: readonly string[]) =>
    runUv({ ...run, args: [...args, '--cache-dir', join(cacheDir, 'uv')], cwd: '/', signal });
  const flags = ['--no-config', '--offline', '--no-header', '--emit-index-url', '--quiet', ...pythonOption(run.uv)];
  const [named, compiled] = await Promise.all([ask('--version'), ask('pip', 'compile', '/dev/null', ...flags)]);
  const version = /^uv \S+/.exec(named.stdout)?.[0] ?? 'uv';
  const index = /^--index-url (\S+)$/m.exec(compiled.stdout)?.[1];
  if (index !== undefined) return { version, index };
  const why = compiled.stderr.slice(0, 200);
  throw new BuilderError('resolver-failed', say`The package solver (uv) does not tell its index: ${why}`);
}
