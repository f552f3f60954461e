import { createInterface } from 'node:readline/promises';
import type { Readable } from 'node:stream';
import { BuilderError } from '../errors.ts';
import { say } from '../sentence.ts';
import type { CommandContext, OptionDefinitions, OptionValues } from './command.ts';

/** Flag of the commands that take something away. */
export const yesOption = {
  yes: { type: 'boolean', short: 'y', description: 'Do not ask.' },
} as const satisfies OptionDefinitions;

/**
 * Asks on a terminal whether to go on, unless `--yes` was given. Throws `cancelled` for anything but yes, and `command-invalid` where
 * nobody can be asked.
 */
export async function confirm(
  question: string,
  options: OptionValues,
  { stdin, stderr, signal }: Pick<CommandContext, 'stdin' | 'stderr' | 'signal'>,
): Promise<void> {
  if (options.boolean('yes')) return;
  const input: Readable & { readonly isTTY?: boolean } = stdin;
  if (input.isTTY !== true) {
    throw new BuilderError('command-invalid', say`Nobody can be asked here whether that is meant`, {
      hint: say`Say --yes.`,
    });
  }
  const terminal = createInterface({ input, output: stderr });
  try {
    const answer = await terminal.question(`${question} [y/N] `, { signal });
    if (/^\s*y(?:es)?\s*$/i.test(answer)) return;
  } finally {
    terminal.close();
  }
  throw new BuilderError('cancelled', say`Cancelled. Nothing was changed.`);
}
