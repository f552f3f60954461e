import { BuilderError, isBuilderError } from '../errors.ts';
import { quoted, say } from '../sentence.ts';
import type { Command, CommandContext } from './command.ts';
import { familyHelp } from './family-help.ts';
import { commandHelp, programHelp } from './help-text.ts';
import { wantsJson } from './output-format.ts';
import { parseArguments } from './parse-arguments.ts';
import { reportError } from './report-error.ts';

/** How to get each command; a module is loaded only when its command is asked for, so that all start quickly. */
const loaders: Readonly<Record<string, () => Promise<Command>>> = {
  build: async () => (await import('./build-command.ts')).buildCommand,
  lock: async () => (await import('./lock-command.ts')).lockCommand,
  inspect: async () => (await import('./inspect-command.ts')).inspectCommand,
  up: async () => (await import('./up-command.ts')).upCommand,
  config: async () => (await import('./config-command.ts')).configCommand,
  'cache prune': async () => (await import('./cache-prune-command.ts')).cachePruneCommand,
  'registry import': async () => (await import('./registry-import-command.ts')).registryImportCommand,
  'registry get': async () => (await import('./registry-get-command.ts')).registryGetCommand,
  'registry set': async () => (await import('./registry-set-command.ts')).registrySetCommand,
  'registry test': async () => (await import('./registry-test-command.ts')).registryTestCommand,
  'registry forget': async () => (await import('./registry-forget-command.ts')).registryForgetCommand,
  'registry gc': async () => (await import('./registry-gc-command.ts')).registryGcCommand,
  'registry scrub': async () => (await import('./registry-scrub-command.ts')).registryScrubCommand,
  login: async () => (await import('./login-command.ts')).loginCommand,
  logout: async () => (await import('./logout-command.ts')).logoutCommand,
  preflight: async () => (await import('./preflight-command.ts')).preflightCommand,
  'images list': async () => (await import('./images-list-command.ts')).imagesListCommand,
  'images get': async () => (await import('./images-get-command.ts')).imagesGetCommand,
  'images create': async () => (await import('./images-create-command.ts')).imagesCreateCommand,
  'images edit': async () => (await import('./images-edit-command.ts')).imagesEditCommand,
  'images delete': async () => (await import('./images-delete-command.ts')).imagesDeleteCommand,
  'images rebuild': async () => (await import('./images-rebuild-command.ts')).imagesRebuildCommand,
  'images revisions': async () => (await import('./images-revisions-command.ts')).imagesRevisionsCommand,
  'images diff': async () => (await import('./images-diff-command.ts')).imagesDiffCommand,
  'images rollback': async () => (await import('./images-rollback-command.ts')).imagesRollbackCommand,
  'jobs list': async () => (await import('./jobs-list-command.ts')).jobsListCommand,
  'jobs get': async () => (await import('./jobs-get-command.ts')).jobsGetCommand,
  'jobs logs': async () => (await import('./jobs-logs-command.ts')).jobsLogsCommand,
  'jobs cancel': async () => (await import('./jobs-cancel-command.ts')).jobsCancelCommand,
  'secrets list': async () => (await import('./secrets-list-command.ts')).secretsListCommand,
  'secrets create': async () => (await import('./secrets-create-command.ts')).secretsCreateCommand,
  'secrets edit': async () => (await import('./secrets-edit-command.ts')).secretsEditCommand,
  'secrets delete': async () => (await import('./secrets-delete-command.ts')).secretsDeleteCommand,
  'import primehub': async () => (await import('./import-primehub-command.ts')).importPrimehubCommand,
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
    return reportError(error, wantsJson(words), context);
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

  const family = familyOf(words);
  if (family.length > 0)
    return void context.stdout.write(familyHelp(await Promise.all(family.map((name) => loaders[name]!()))));
  const { name, rest } = commandName(words);
  const command = await loaders[name]!();
  const args = parseArguments(command, rest, context.env);
  if (args.options.boolean('help')) return void context.stdout.write(commandHelp(command));
  try {
    await command.run(args, context);
  } catch (error) {
    throw context.signal.aborted ? cancelled(error, command) : error;
  }
}

/** After Ctrl-C all kinds of things break; what counts is that the user wanted it, in the command's own words if it has some. */
function cancelled(error: unknown, { whenCancelled }: Command): BuilderError {
  if (isBuilderError(error, 'cancelled') && error.hint !== undefined) return error;
  return new BuilderError('cancelled', quoted(['Cancelled', whenCancelled].filter(Boolean).join('. ')), {
    cause: error,
  });
}

async function helpFor(words: readonly string[]): Promise<string> {
  if (words.length === 0) return programHelp(await loadCommands());
  const family = familyOf(words);
  if (family.length > 0) return familyHelp(await Promise.all(family.map((name) => loaders[name]!())));
  return commandHelp(await loaders[commandName(words).name]!());
}

/** The commands that begin with the only word there is (`images`, `images --help`), if that is not a command itself. */
function familyOf([first, ...others]: readonly string[]): readonly string[] {
  if (others.some((word) => word !== '--help' && word !== '-h')) return [];
  return Object.keys(loaders).filter((name) => name.startsWith(`${first} `));
}

/** Finds the command among the first one or two words. Throws `command-invalid` with the nearest name. */
function commandName(words: readonly string[]): { name: string; rest: readonly string[] } {
  for (const length of [2, 1]) {
    const name = words.slice(0, length).join(' ');
    if (Object.hasOwn(loaders, name)) return { name, rest: words.slice(length) };
  }
  const known = Object.keys(loaders);
  const family = familyOf(words.slice(0, 1));
  if (family.length > 0) {
    throw new BuilderError('command-invalid', say`There is no command "${words.slice(0, 2).join(' ')}"`, {
      hint: say`There are ${family.join(', ')}.`,
    });
  }
  const near = known.find((name) => name.startsWith(words[0]!.slice(0, 3)));
  throw new BuilderError('command-invalid', say`There is no command "${words[0]}"`, {
    hint: near === undefined ? say`The commands are ${known.join(', ')}.` : say`Did you mean "${near}"?`,
  });
}
