import { readFile } from 'node:fs/promises';
import { createPullSecrets } from '../api/pull-secrets.ts';
import { BuilderError, messageOf } from '../errors.ts';
import { say } from '../sentence.ts';
import type { Command, CommandArguments, CommandContext, OptionValues } from './command.ts';
import { serverOptions } from './common-options.ts';
import { outputFrom, outputOptions, printAnswer } from './output-format.ts';
import { readSecret } from './read-secret.ts';
import { secretTable } from './secret-text.ts';
import { openServer } from './server-connection.ts';

export const secretsCreateCommand: Command = {
  name: 'secrets create',
  summary: 'Keep on a server what a registry is signed in with, for the bases that it holds.',
  operands: 'NAME',
  arity: [1, 1],
  description: `
The password is asked for on a terminal and not shown; elsewhere it is read from standard input. It is sealed on the server, sent to that
registry only, and shown to nobody. --docker-config takes a file as docker and Kubernetes keep it in place of registry, user and password; of
several registries each becomes a secret of its own, called NAME-HOST.`,
  options: {
    registry: { type: 'string', value: 'HOST', description: 'The registry that it is for: registry.example.com:5000.' },
    username: {
      type: 'string',
      short: 'u',
      value: 'USER',
      description: 'User name, or "<token>" for an identity token.',
    },
    'docker-config': { type: 'string', value: 'FILE', description: 'A config.json with "auths" in place of the two.' },
    group: { type: 'string', value: 'GROUP', description: 'The group whose images may use it (default: all images).' },
    ...outputOptions,
    ...serverOptions,
  },
  examples: [
    'imagewright secrets create our-registry --registry registry.example.com --username robot',
    'imagewright secrets create our-registry --registry registry.example.com -u robot --group research < password.txt',
    'imagewright secrets create docker --docker-config ~/.docker/config.json',
  ],
  run: runCreate,
};

async function runCreate({ positionals, options }: CommandArguments, context: CommandContext): Promise<void> {
  const format = outputFrom(options);
  const [name] = positionals as [string];
  const credentials = await credentialsFrom(options, context);
  const client = await openServer(options, context);
  const body = { name, ...credentials, ownerGroup: options.string('group') ?? null };
  const { items } = await client.call(createPullSecrets, { body });
  for (const secret of items) context.stderr.write(`Created ${secret.name} for ${secret.registryHost}\n`);
  await printAnswer(context.stdout, format, { value: items, table: secretTable });
}

/** Throws `command-invalid` when neither a file nor registry and user were given, or both. */
async function credentialsFrom(options: OptionValues, context: CommandContext) {
  const [registryHost, username] = [options.string('registry'), options.string('username')];
  const file = options.string('docker-config');
  if (file !== undefined && registryHost === undefined && username === undefined) {
    return { dockerConfigJson: await readConfig(file) };
  }
  if (file !== undefined || registryHost === undefined || username === undefined) {
    throw new BuilderError('command-invalid', say`A pull secret wants --registry and --username, or --docker-config`, {
      hint: say`See: imagewright secrets create --help`,
    });
  }
  return { registryHost, username, password: await readSecret(`Password of ${username} at ${registryHost}`, context) };
}

async function readConfig(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new BuilderError('command-invalid', say`${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
