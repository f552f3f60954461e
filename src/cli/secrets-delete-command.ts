import { deletePullSecret, getPullSecret } from '../api/pull-secrets.ts';
import type { Command } from './command.ts';
import { serverOptions } from './common-options.ts';
import { confirm, yesOption } from './confirm.ts';
import { openServer } from './server-connection.ts';

export const secretsDeleteCommand: Command = {
  name: 'secrets delete',
  summary: 'Delete a pull secret that no image uses.',
  operands: 'NAME',
  arity: [1, 1],
  description: `
On a terminal you are asked first; elsewhere --yes is needed.`,
  options: { ...yesOption, ...serverOptions },
  examples: ['imagewright secrets delete our-registry', 'imagewright secrets delete our-registry --yes'],
  async run({ positionals, options }, context) {
    const client = await openServer(options, context);
    const { name, registryHost } = await client.call(getPullSecret, { params: { name: positionals[0]! } });
    await confirm(`Delete the pull secret ${name} of ${registryHost}?`, options, context);
    await client.call(deletePullSecret, { params: { name } });
    context.stderr.write(`Deleted ${name}\n`);
  },
};
