import { readCondaEnvironment } from '../../../spec/conda-environment.ts';
import { type PastedCommands, readPastedCommands } from '../../../spec/pasted-commands.ts';

/** What a text that was pasted or dropped turned out to be. */
export interface PastedLines extends PastedCommands {
  readonly source: 'commands' | 'environment';
}

/** Whether a text may be more than package lines, so that it is to be read before it goes in. */
export function isWorthReading(text: string): boolean {
  return readPastedCommands(text) !== undefined || /^dependencies[ \t]*:/m.test(text);
}

/** Reads commands that install packages, or an `environment.yml`; `undefined` for a plain list of lines. */
export async function readPastedLines(text: string): Promise<PastedLines | undefined> {
  const environment = await readCondaEnvironment(text);
  if (environment !== undefined) return { ...environment, source: 'environment' };
  const commands = readPastedCommands(text);
  return commands && { ...commands, source: 'commands' };
}
