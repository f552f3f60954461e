import { testRegistry } from '../api/registry-settings.ts';
import { BuilderError } from '../errors.ts';
import { quoted, say } from '../sentence.ts';
import type { Command } from './command.ts';
import { serverOptions } from './common-options.ts';
import { outputFrom, outputOptions, printAnswer } from './output-format.ts';
import { registrySettingsFrom, registrySettingsOptions } from './registry-options.ts';
import { registryTestText } from './registry-text.ts';
import { openServer } from './server-connection.ts';

export const registryTestCommand: Command = {
  name: 'registry test',
  summary: 'Let a server try a registry out: is it reached, does it take the credentials, may images be pushed.',
  operands: '',
  arity: [0, 0],
  description: `
Without flags the registry in force is tried, with them the one that they describe, before it is set. Nothing is pushed: an upload is opened
and given up again. The exit code is 5 when a check fails.`,
  options: { ...registrySettingsOptions, ...outputOptions, ...serverOptions },
  examples: [
    'imagewright registry test',
    'imagewright registry test --prefix registry.example.com/team -u robot < password.txt',
  ],
  async run({ options }, context) {
    const format = outputFrom(options);
    const settings = await registrySettingsFrom(options, context);
    const client = await openServer(options, context);
    const value = await client.call(testRegistry, { body: settings === undefined ? {} : { settings } });
    await printAnswer(context.stdout, format, { value, table: registryTestText });
    if (value.isOk) return;
    const { message, hint } = value.checks.find(({ result }) => result === 'failed')!;
    throw new BuilderError('registry-refused', say`Images cannot be pushed there: ${message}`, {
      hint: hint === undefined ? undefined : quoted(hint),
    });
  },
};
