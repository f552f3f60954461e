import { getRegistry } from '../api/registry-settings.ts';
import type { Command } from './command.ts';
import { serverOptions } from './common-options.ts';
import { outputFrom, outputOptions, printAnswer } from './output-format.ts';
import { registryText } from './registry-text.ts';
import { openServer } from './server-connection.ts';

export const registryGetCommand: Command = {
  name: 'registry get',
  summary: 'Show where a server pushes images to.',
  operands: '',
  arity: [0, 0],
  description: `
The password is shown to nobody.`,
  options: { ...outputOptions, ...serverOptions },
  examples: ['imagewright registry get', 'imagewright registry get -o yaml'],
  async run({ options }, context) {
    const format = outputFrom(options);
    const client = await openServer(options, context);
    const value = await client.call(getRegistry, {});
    await printAnswer(context.stdout, format, { value, table: registryText });
  },
};
