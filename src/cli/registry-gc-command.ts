import { collectRegistryGarbage } from '../api/registry-collections.ts';
import type { Command } from './command.ts';
import { serverOptions } from './common-options.ts';
import { count, formatBytes } from './format-text.ts';
import { outputFrom, outputOptions, printAnswer } from './output-format.ts';
import { openServer } from './server-connection.ts';

export const registryGcCommand: Command = {
  name: 'registry gc',
  summary: 'Delete what nobody can pull any more from the embedded registry of a server.',
  operands: '',
  arity: [0, 0],
  description: `
The server does this by itself once an hour, and pushes may go on meanwhile. What was pushed, mounted or asked for within the last hour
stays, as a manifest that names it may be on its way.`,
  options: {
    'dry-run': { type: 'boolean', description: 'Only tell what would be deleted.' },
    ...outputOptions,
    ...serverOptions,
  },
  examples: ['imagewright registry gc --dry-run', 'imagewright registry gc'],
  async run({ options }, context) {
    const format = outputFrom(options);
    const client = await openServer(options, context);
    const value = await client.call(collectRegistryGarbage, { body: { isDryRun: options.boolean('dry-run') } });
    const table = ({ isDryRun, blobs, bytes }: typeof value) =>
      `${count(blobs, 'blob')} of ${formatBytes(bytes)} ${isDryRun ? 'would be deleted' : 'deleted'}`;
    await printAnswer(context.stdout, format, { value, table });
  },
};
