import type { Command } from './command.ts';
import { commandHelp, programHelp } from './help-text.ts';

/** The page `docs/command-line.md`, from what the commands say of themselves. */
export function commandLinePage(commands: readonly Command[]): string {
  const sections = commands.map((command) => `## imagewright ${command.name}\n\n${fenced(commandHelp(command))}`);
  const head = '# The command line\n\nWritten by `npm run docs` from the program itself; a test fails when it differs.';
  return `${[head, fenced(programHelp(commands)), ...sections].join('\n\n')}\n`;
}

function fenced(text: string): string {
  return `\`\`\`text\n${text.trimEnd()}\n\`\`\``;
}
