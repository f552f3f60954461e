import type { Command } from './command.ts';
import { usageLine } from './help-text.ts';

/** The help of the commands that share their first word. */
export function familyHelp(commands: readonly Command[]): string {
  const lines = commands.flatMap((command) => [`  ${usageLine(command)}`, `      ${command.summary}`]);
  const first = commands[0]!.name;
  return `${lines.join('\n')}\n\n"imagewright ${first} --help" tells more.\n`;
}
