import { deleteRegistry, getRegistry } from '../api/registry-settings.ts';
import type { Command } from './command.ts';
import { serverOptions } from './common-options.ts';
import { confirm, yesOption } from './confirm.ts';
import { openServer } from './server-connection.ts';

export const registryForgetCommand: Command = {
  name: 'registry forget',
  summary: 'Let a server push images to its embedded registry again.',
  operands: '',
  arity: [0, 0],
  description: `
What was pushed stays where it is; the password that was kept is gone. On a terminal you are asked first; elsewhere --yes is needed.`,
  options: { ...yesOption, ...serverOptions },
  examples: ['imagewright registry forget', 'imagewright registry forget --yes'],
  async run({ options }, context) {
    const client = await openServer(options, context);
    const { exampleImage } = await client.call(getRegistry, {});
    await confirm(`Forget the registry, where images are called like ${exampleImage}?`, options, context);
    await client.call(deleteRegistry, {});
    context.stderr.write('Images go to the embedded registry again\n');
  },
};
