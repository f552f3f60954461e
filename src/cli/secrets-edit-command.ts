import { editPullSecret } from '../api/pull-secrets.ts';
import { BuilderError } from '../errors.ts';
import { say } from '../sentence.ts';
import type { Command, CommandArguments, CommandContext } from './command.ts';
import { serverOptions } from './common-options.ts';
import { outputFrom, outputOptions, printAnswer } from './output-format.ts';
import { readSecret } from './read-secret.ts';
import { secretTable } from './secret-text.ts';
import { openServer } from './server-connection.ts';

export const secretsEditCommand: Command = {
  name: 'secrets edit',
  summary: 'Change the password, user or registry of a pull secret.',
  operands: 'NAME',
  arity: [1, 1],
  description: `
With --password a new one is asked for on a terminal and not shown; elsewhere it is read from standard input. Another registry needs the
password anew, so that none is ever sent to a registry that it was not given for.`,
  options: {
    password: { type: 'boolean', description: 'Give a new password.' },
    username: { type: 'string', short: 'u', value: 'USER', description: 'Another user name.' },
    registry: { type: 'string', value: 'HOST', description: 'Another registry; needs --password.' },
    ...outputOptions,
    ...serverOptions,
  },
  examples: ['imagewright secrets edit our-registry --password', 'imagewright secrets edit our-registry -u robot2'],
  run: runEdit,
};

async function runEdit({ positionals, options }: CommandArguments, context: CommandContext): Promise<void> {
  const format = outputFrom(options);
  const name = positionals[0]!;
  const [registryHost, username] = [options.string('registry'), options.string('username')];
  const isNewPassword = options.boolean('password');
  if (registryHost === undefined && username === undefined && !isNewPassword) {
    throw new BuilderError('command-invalid', say`Nothing is to be changed`, {
      hint: say`Say --password, --username or --registry.`,
    });
  }
  const body = {
    ...(registryHost !== undefined && { registryHost }),
    ...(username !== undefined && { username }),
    ...(isNewPassword && { password: await readSecret(`New password of ${name}`, context) }),
  };
  const client = await openServer(options, context);
  const changed = await client.call(editPullSecret, { params: { name }, body });
  context.stderr.write(`Changed ${name}\n`);
  await printAnswer(context.stdout, format, { value: changed, table: (secret) => secretTable([secret]) });
}
