import { BuilderError } from '../errors.ts';
import { say } from '../sentence.ts';
import type { CommandContext, OptionDefinitions, OptionValues } from './command.ts';

export type OutputFormat = 'table' | 'json' | 'yaml';

/** Flag of the commands that print what a server answers. */
export const outputOptions = {
  output: {
    type: 'string',
    short: 'o',
    value: 'FORMAT',
    description: 'table (default), json or yaml. With json a failure is printed as a JSON object, too.',
  },
} as const satisfies OptionDefinitions;

/** Throws `command-invalid`. */
export function outputFrom(options: OptionValues): OutputFormat {
  const format = options.string('output') ?? 'table';
  if (format === 'table' || format === 'json' || format === 'yaml') return format;
  throw new BuilderError('command-invalid', say`--output is table, json or yaml, not "${format}"`);
}

/** Whether failures are to be printed as JSON: told from the bare words, as these may be what failed. */
export function wantsJson(words: readonly string[]): boolean {
  return words.some(
    (word, index) =>
      word === '--json' ||
      word === '-ojson' ||
      word === '--output=json' ||
      (word === 'json' && (words[index - 1] === '-o' || words[index - 1] === '--output')),
  );
}

/** Prints a value as JSON or YAML, or the table that stands for it. */
export async function printAnswer<T>(
  stdout: CommandContext['stdout'],
  format: OutputFormat,
  { value, table }: { readonly value: T; readonly table: (value: T) => string },
): Promise<void> {
  if (format === 'json') stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  else if (format === 'table') stdout.write(`${table(value).trimEnd()}\n`);
  else {
    const { stringify } = await import('yaml');
    stdout.write(stringify(value, { lineWidth: 0, aliasDuplicateObjects: false }));
  }
}
