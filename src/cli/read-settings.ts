import { parse } from 'yaml';
import { BuilderError, messageOf } from '../errors.ts';
import { quoted, say } from '../sentence.ts';
import type { CommandContext, OptionValues } from './command.ts';
import { readOperand } from './read-spec.ts';
import { type Setting, type SettingName, settingNames, settings } from './settings.ts';

/** What is in force of one setting. */
export interface SettingInForce {
  /** As written; absent where nothing is said and nothing is usual. */
  readonly value?: string;
  /** `--listen`, `$IMAGEWRIGHT_LISTEN`, `/etc/imagewright.yaml`, or `default`. */
  readonly from: string;
}

export type Settings = Readonly<Record<SettingName, SettingInForce>>;

/**
 * Says what is in force: what a flag says, else a variable, else the file of `--config`, else what is usual. Throws `command-invalid` for a file that
 * cannot be read or says something else than settings.
 */
export async function readSettings(
  options: OptionValues,
  { env, stdin }: Pick<CommandContext, 'env' | 'stdin'>,
): Promise<Settings> {
  const path = options.string('config');
  const file = path === undefined ? {} : parseSettings((await readOperand(path, stdin)).toString('utf8'), path);
  const inForce = (name: SettingName): SettingInForce => {
    const { variable, flag, usual }: Setting = settings[name];
    const inEnvironment = env[variable] || undefined;
    const given = flag === undefined ? inEnvironment : options.string(name);
    if (given !== undefined) return { value: given, from: given === inEnvironment ? `$${variable}` : `--${name}` };
    const inFile = file[name];
    if (inFile !== undefined) return { value: inFile, from: path! };
    return { ...(usual !== undefined && { value: usual }), from: 'default' };
  };
  return Object.fromEntries(settingNames.map((name) => [name, inForce(name)])) as Record<SettingName, SettingInForce>;
}

type SettingsFile = Readonly<Partial<Record<SettingName, string>>>;

function parseSettings(text: string, path: string): SettingsFile {
  const refuse = (why: string, hint?: string): never => {
    throw new BuilderError('command-invalid', say`${path}: ${why}`, hint === undefined ? {} : { hint: quoted(hint) });
  };
  return Object.fromEntries(
    Object.entries(parseYaml(text, refuse)).map(([name, value]) => {
      if (!isSettingName(name)) {
        return refuse(`there is no setting "${name}"`, `The settings are ${settingNames.join(', ')}.`);
      }
      return [name, textOf(value) ?? refuse(`"${name}" wants a text, a number, true or false, or a list of these`)];
    }),
  );
}

type Refuse = (why: string, hint?: string) => never;

function parseYaml(text: string, refuse: Refuse): object {
  let parsed: unknown;
  try {
    parsed = parse(text, { schema: 'core', logLevel: 'error' });
  } catch (error) {
    return refuse(`it is not YAML: ${messageOf(error).split('\n')[0]}`);
  }
  if (parsed === null || parsed === undefined) return {};
  if (typeof parsed !== 'object' || Array.isArray(parsed))
    return refuse('it is no list of settings, such as "listen: 127.0.0.1:8080"');
  return parsed;
}

function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(settings, name);
}

/** As it would be written in a variable. */
function textOf(value: unknown): string | undefined {
  if (Array.isArray(value)) {
    const texts = value.map(textOf);
    return texts.includes(undefined) ? undefined : texts.join(',');
  }
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined;
}
