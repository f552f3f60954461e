import { listRevisions } from '../api/images.ts';
import type { Command } from './command.ts';
import { limitOption, serverOptions } from './common-options.ts';
import { fetchPages } from './fetch-pages.ts';
import { revisionTable } from './image-text.ts';
import { outputFrom, outputOptions, printAnswer } from './output-format.ts';
import { openServer } from './server-connection.ts';

export const imagesRevisionsCommand: Command = {
  name: 'images revisions',
  summary: 'List all that was built of an image, the newest first.',
  operands: 'NAME',
  arity: [1, 1],
  description: 'Every revision stays as it was built and can be pulled; "images rollback" puts one in force again.',
  options: { ...limitOption, ...outputOptions, ...serverOptions },
  examples: ['imagewright images revisions research-notebook'],
  async run({ positionals, options }, context) {
    const { stdout, stderr } = context;
    const format = outputFrom(options);
    const client = await openServer(options, context);
    const params = { name: positionals[0]! };
    const revisions = await fetchPages((query) => client.call(listRevisions, { params, query }), {
      keyOf: ({ revision }) => revision,
      options,
      stderr,
    });
    await printAnswer(stdout, format, { value: revisions, table: revisionTable });
  },
};
