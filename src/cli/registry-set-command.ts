import { setRegistry } from '../api/registry-settings.ts';
import { BuilderError } from '../errors.ts';
import { say } from '../sentence.ts';
import type { Command } from './command.ts';
import { serverOptions } from './common-options.ts';
import { outputFrom, outputOptions, printAnswer } from './output-format.ts';
import { registrySettingsFrom, registrySettingsOptions } from './registry-options.ts';
import { registryText } from './registry-text.ts';
import { openServer } from './server-connection.ts';

export const registrySetCommand: Command = {
  name: 'registry set',
  summary: 'Say where a server pushes images to.',
  operands: '',
  arity: [0, 0],
  description: `
Either --repository, and all images go to one repository (Docker Hub, for example), or --prefix, and each image has its own. With --username the
password is asked for on a terminal and not shown; elsewhere it is read from standard input. Google's registries take "_json_key" as the
user name and a key file as the password. "imagewright registry test" with the same flags tries before you set.`,
  options: { ...registrySettingsOptions, ...outputOptions, ...serverOptions },
  examples: [
    'imagewright registry set --prefix registry.example.com/team --username robot < password.txt',
    'imagewright registry set --repository docker.io/acme/notebooks --username acme',
    'imagewright registry set --endpoint europe-docker.pkg.dev --prefix europe-docker.pkg.dev/acme/images -u _json_key < key.json',
  ],
  async run({ options }, context) {
    const format = outputFrom(options);
    const body = await registrySettingsFrom(options, context);
    if (body === undefined) {
      throw new BuilderError('command-invalid', say`It is not said where images are to go`, {
        hint: say`Say --prefix registry.example.com/team; "imagewright registry forget" goes back to the embedded registry.`,
      });
    }
    const client = await openServer(options, context);
    const value = await client.call(setRegistry, { body });
    context.stderr.write('The next build goes there\n');
    await printAnswer(context.stdout, format, { value, table: registryText });
  },
};
