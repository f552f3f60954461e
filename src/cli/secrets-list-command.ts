import { listPullSecrets } from '../api/pull-secrets.ts';
import type { Command } from './command.ts';
import { limitOption, serverOptions } from './common-options.ts';
import { fetchPages } from './fetch-pages.ts';
import { outputFrom, outputOptions, printAnswer } from './output-format.ts';
import { secretTable } from './secret-text.ts';
import { openServer } from './server-connection.ts';

export const secretsListCommand: Command = {
  name: 'secrets list',
  summary: 'List the pull secrets of a server that you may use.',
  operands: '[TEXT]',
  arity: [0, 1],
  description: `
With TEXT only those whose name or registry has it. No command shows a password; user names are shown to those who may change the secret.`,
  options: { ...limitOption, ...outputOptions, ...serverOptions },
  examples: ['imagewright secrets list', 'imagewright secrets list registry.example.com -o json'],
  async run({ positionals, options }, context) {
    const format = outputFrom(options);
    const q = positionals[0];
    const client = await openServer(options, context);
    const secrets = await fetchPages((paging) => client.call(listPullSecrets, { query: { q, ...paging } }), {
      keyOf: ({ name }) => name,
      options,
      stderr: context.stderr,
    });
    await printAnswer(context.stdout, format, { value: secrets, table: secretTable });
  },
};
