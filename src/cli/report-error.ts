import { BuilderError, errorTable, isBuilderError, messageOf, type Problem } from '../errors.ts';
import { say } from '../sentence.ts';
import type { CommandContext } from './command.ts';
import { printable } from './format-text.ts';

/** Tells the user of a failure, as JSON on stdout where that was asked for, else as text on stderr. Gives the exit code. */
export function reportError(
  error: unknown,
  json: boolean,
  { stdout, stderr }: Pick<CommandContext, 'stdout' | 'stderr'>,
): number {
  const known = asBuilderError(error);
  if (known === undefined) {
    stderr.write(`imagewright: this is a bug of ours, please report it with what follows\n${bugText(error)}\n`);
    if (json)
      stdout.write(`${JSON.stringify({ type: 'error', code: 'internal', message: messageOf(error), problems: [] })}\n`);
    return 1;
  }
  const { code, message, hint, problems } = known;
  if (json) stdout.write(`${JSON.stringify({ type: 'error', code, message, hint, problems })}\n`);
  stderr.write(printable(`${errorText(known)}\n`));
  return errorTable[code].exit;
}

function errorText({ message, hint, problems }: BuilderError): string {
  const lines = [`error: ${message}`, ...problems.flatMap(problemLines)];
  if (hint !== undefined) lines.push(`hint: ${hint}`);
  return lines.join('\n');
}

/** `packages.pip, line 3: numpyy` and, indented, what is wrong and what to do. */
function problemLines({ field, line, text, message, hint }: Problem): string[] {
  const place = [field, line === undefined ? '' : `line ${line}`].filter((part) => part !== '').join(', ');
  const indented = message.split('\n').map((part) => `    ${part}`);
  return [
    `  ${place}${text === undefined ? '' : `: ${text}`}`,
    ...indented,
    ...(hint === undefined ? [] : [`    → ${hint}`]),
  ];
}

/** The few failures of the operating system that are the user's to mend, and Ctrl-C, become errors they understand. */
function asBuilderError(error: unknown): BuilderError | undefined {
  if (isBuilderError(error)) return error;
  if (!(error instanceof Error)) return undefined;
  if (error.name === 'AbortError') return new BuilderError('cancelled', say`Cancelled`);
  const { code, path } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new BuilderError('disk-full', say`The disk is full`, {
      hint: say`Free some space, or put the cache elsewhere with --data.`,
    });
  }
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') {
    return new BuilderError('forbidden', say`Not allowed to use ${path ?? 'a file'}`, {
      hint: say`Check its owner and mode, or choose another place with --data.`,
    });
  }
  return undefined;
}

function bugText(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
