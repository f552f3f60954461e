import { type ParseArgsConfig, parseArgs } from 'node:util';
import { BuilderError, messageOf } from '../errors.ts';
import { quoted, say } from '../sentence.ts';
import type { Command, CommandArguments, OptionDefinitions, OptionValues } from './command.ts';

export const helpOption: OptionDefinitions = {
  help: { type: 'boolean', short: 'h', description: 'Show this help.' },
};

/** Reads the words after a command's name. Throws `command-invalid`. */
export function parseArguments(
  command: Command,
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): CommandArguments {
  const hint = say`See: imagewright ${command.name} --help`;
  const definitions = { ...command.options, ...helpOption };
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({ args: [...words], options: parserOptions(definitions), allowPositionals: true, strict: true });
  } catch (error) {
    throw new BuilderError('command-invalid', quoted(messageOf(error).split('. ')[0]!), { hint });
  }
  const options = optionValues(parsed.values as ParsedValues, definitions, env);
  const [least, most] = command.arity;
  const count = parsed.positionals.length;
  if (!options.boolean('help') && (count < least || count > most)) {
    const expected = command.operands === '' ? 'nothing' : command.operands;
    throw new BuilderError(
      'command-invalid',
      say`"${command.name}" takes ${expected}, but ${count} operands were given`,
      {
        hint,
      },
    );
  }
  return { positionals: parsed.positionals, options };
}

type ParsedValues = Record<string, string | boolean | (string | boolean)[] | undefined>;

function parserOptions(definitions: OptionDefinitions): NonNullable<ParseArgsConfig['options']> {
  return Object.fromEntries(
    Object.entries(definitions).map(([name, { type, short, multiple }]) => [
      name,
      { type, ...(short !== undefined && { short }), ...(multiple === true && { multiple }) },
    ]),
  );
}

function optionValues(
  values: ParsedValues,
  definitions: OptionDefinitions,
  env: Readonly<Record<string, string | undefined>>,
): OptionValues {
  const lookUp = (name: string) => {
    const definition = definitions[name];
    if (definition === undefined) throw new Error(`no option --${name} was defined`);
    const fromEnvironment = definition.env === undefined ? undefined : env[definition.env];
    return values[name] ?? (fromEnvironment === '' ? undefined : fromEnvironment);
  };
  return {
    string: (name) => lookUp(name) as string | undefined,
    strings: (name) => [lookUp(name) ?? []].flat() as string[],
    boolean: (name) => lookUp(name) === true,
  };
}
