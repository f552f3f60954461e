import { BuilderError } from '../errors.ts';
import type { Command, CommandContext } from './command.ts';
import { commandHelp, programHelp } from './help-text.ts';
import { parseArguments } from './parse-arguments.ts';
import { reportError } from './report-error.ts';

/** How to get each command; a module is loaded only when its command is asked for, so that all start quickly. */
const loaders: Readonly<Record<string, () => Promise<Command>>> = {
  build: async () => (await import('./build-command.ts')).buildCommand,
  lock: async () => (await import('./lock-command.ts')).lockCommand,
  inspect: async () => (await import('./inspect-command.ts')).inspectCommand,
  up: async () => (await import('./up-command.ts')).upCommand,
  'registry import': async () => (await import('./registry-import-command.ts')).registryImportCommand,
};

/** All commands, in the order of the help. */
export function loadCommands(): Promise<Command[]> {
  return Promise.all(Object.values(loaders).map((load) => load()));
}

/** Runs the program with the words after its name. Gives the exit code; throws nothing. */
export async function runCli(
  words: readonly string[],
  context: CommandContext & { readonly version: string },
): Promise<number> {
  try {
    await dispatch(words, context);
    return 0;
  } catch (error) {
    return reportError(context.signal.aborted ? context.signal.reason : error, words.includes('--json'), context);
  }
}

async function dispatch(
  words: readonly string[],
  context: CommandContext & { readonly version: string },
): Promise<void> {
  const [first] = words;
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    return void context.stdout.write(await helpFor(words.slice(1)));
  }
  if (first === '--version' || first === 'version')
    return void context.stdout.write(`imagewright ${context.version}\n`);

  const { name, rest } = commandName(words);
  const command = await loaders[name]!();
  const args = parseArguments(command, rest, context.env);
  if (args.options.boolean('help')) return void context.stdout.write(commandHelp(command));
  await command.run(args, context);
}

async function helpFor(words: readonly string[]): Promise<string> {
  if (words.length === 0) return programHelp(await loadCommands());
  return commandHelp(await loaders[commandName(words).name]!());
}

/** Finds the command among the first one or two words. Throws `command-invalid` with the nearest name. */
function commandName(words: readonly string[]): { name: string; rest: readonly string[] } {
  for (const length of [2, 1]) {
    const name = words.slice(0, length).join(' ');
    if (Object.hasOwn(loaders, name)) return { name, rest: words.slice(length) };
  }
  const known = Object.keys(loaders);
  const near = known.find((name) => name.startsWith(words[0]!.slice(0, 3)));
  throw new BuilderError('command-invalid', `There is no command "${words[0]}"`, {
    hint: near === undefined ? `The commands are ${known.join(', ')}.` : `Did you mean "${near}"?`,
  });
}
