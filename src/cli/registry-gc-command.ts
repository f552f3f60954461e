import { collectRegistryGarbage } from '../api/registry-collections.ts';
import { BuilderError } from '../errors.ts';
import { say } from '../sentence.ts';
import type { Command, OptionValues } from './command.ts';
import { integerFrom, serverOptions } from './common-options.ts';
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
stays, as a manifest that names it may be on its way.

With --keep-last and --keep-days, old revisions of images go first: all but the last ones of each image, those that were tagged or pulled
within so many days, and the one that is in force. Nothing else makes a revision go. What only they need is deleted once it is an hour old.

Nothing is deleted while the blobs belong to another database than the server's, as all of them would seem to be garbage then.`,
  options: {
    'dry-run': { type: 'boolean', description: 'Only tell what would be deleted.' },
    force: { type: 'boolean', description: 'Also when the blobs belong to another database, which is gone for good.' },
    'keep-last': { type: 'string', value: 'N', description: 'Revisions of each image that stay (with --keep-days).' },
    'keep-days': {
      type: 'string',
      value: 'DAYS',
      description: 'Time for which every revision stays (with --keep-last).',
    },
    ...outputOptions,
    ...serverOptions,
  },
  examples: ['imagewright registry gc --dry-run', 'imagewright registry gc --keep-last 10 --keep-days 90'],
  async run({ options }, context) {
    const format = outputFrom(options);
    const retention = retentionFrom(options);
    const client = await openServer(options, context);
    const value = await client.call(collectRegistryGarbage, {
      body: {
        isDryRun: options.boolean('dry-run'),
        isForced: options.boolean('force'),
        ...(retention && { retention }),
      },
    });
    const table = ({ isDryRun, revisions, blobs, bytes }: typeof value) =>
      `${count(revisions, 'revision')} and ${count(blobs, 'blob')} of ${formatBytes(bytes)} ${isDryRun ? 'would be deleted' : 'deleted'}`;
    await printAnswer(context.stdout, format, { value, table });
  },
};

function retentionFrom(options: OptionValues): { readonly keepLast: number; readonly keepDays: number } | undefined {
  const keepLast = integerFrom(options, 'keep-last', { most: 1_000_000 });
  const keepDays = integerFrom(options, 'keep-days', { most: 36_500 });
  if (keepLast === undefined && keepDays === undefined) return undefined;
  if (keepLast !== undefined && keepDays !== undefined) return { keepLast, keepDays };
  throw new BuilderError('command-invalid', say`--keep-last and --keep-days go together`);
}
