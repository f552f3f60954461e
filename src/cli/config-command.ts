import type { Command } from './command.ts';
import { formatTable, printable } from './format-text.ts';
import { outputFrom, outputOptions, printAnswer } from './output-format.ts';
import { readSettings, type SettingInForce, type Settings } from './read-settings.ts';
import { serviceOptions } from './service-options.ts';
import { type Setting, type SettingName, settingOptions, settings } from './settings.ts';

export const configCommand: Command = {
  name: 'config',
  summary: 'Show the settings that "imagewright up" would have, and where each comes from.',
  operands: '',
  arity: [0, 0],
  description: `
Takes the flags, variables and settings file of "imagewright up", and refuses what that would refuse. A flag goes before a variable, a
variable before the file. Secrets are not shown, only that they are set.

A settings file holds settings by their names, those that are no flags too:

  listen: 0.0.0.0:8080
  data: /srv/imagewright
  public-url: https://images.example.com
  allow-hosts: [minio.internal:9000, 10.1.0.0/16]`,
  options: { ...outputOptions, ...settingOptions },
  examples: ['imagewright config', 'imagewright config --config /etc/imagewright.yaml -o json'],
  async run({ options }, context) {
    const format = outputFrom(options);
    const inForce = await readSettings(options, context);
    serviceOptions(inForce, context.env);
    await printAnswer(context.stdout, format, { value: withoutSecrets(inForce), table: settingsText });
  },
};

function withoutSecrets(inForce: Settings): Settings {
  const shown = ([name, { value, from }]: [string, SettingInForce]) => {
    const { isSecret = false }: Setting = settings[name as SettingName];
    return [name, { ...(value !== undefined && { value: isSecret ? '(set)' : value }), from }];
  };
  return Object.fromEntries(Object.entries(inForce).map(shown)) as Settings;
}

function settingsText(shown: Settings): string {
  const rows = Object.entries(shown).map(([name, { value = '-', from }]) => [name, printable(value), printable(from)]);
  return formatTable([['SETTING', 'VALUE', 'FROM'], ...rows]);
}
