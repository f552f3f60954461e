import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { runCli } from './run-cli.ts';

export interface CliRun {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** What stands on standard input. */
  readonly input?: string | Readable;
  readonly signal?: AbortSignal;
  /** Hears what is written on standard error, as it comes. */
  readonly onStderr?: (text: string) => void;
}

/** Runs the program in this process, without any of the process's own environment. */
export async function runWords(words: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const { env = {}, input = '', signal = new AbortController().signal, onStderr } = options;
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  if (onStderr !== undefined) stderr.on('data', (chunk) => onStderr(String(chunk)));
  const written = Promise.all([text(stdout), text(stderr)]);
  const stdin = typeof input === 'string' ? Readable.from(input === '' ? [] : [input]) : input;
  const exit = await runCli(words, { version: '1.2.3', env, stdin, stdout, stderr, signal });
  stdout.end();
  stderr.end();
  const [out, err] = await written;
  return { exit, stdout: out, stderr: err };
}
