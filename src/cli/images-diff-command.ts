import { diffRevisions } from '../api/images.ts';
import type { Command } from './command.ts';
import { serverOptions } from './common-options.ts';
import { differenceText } from './image-text.ts';
import { outputFrom, outputOptions, printAnswer } from './output-format.ts';
import { openServer } from './server-connection.ts';

export const imagesDiffCommand: Command = {
  name: 'images diff',
  summary: 'Show what two revisions of an image differ in.',
  operands: 'NAME FROM TO',
  arity: [3, 3],
  description: 'A line a package: + is added, - is removed, ~ is another version.',
  options: { ...outputOptions, ...serverOptions },
  examples: ['imagewright images diff research-notebook 1a2b3c4d 5e6f7a8b'],
  async run({ positionals, options }, context) {
    const format = outputFrom(options);
    const [name, from, to] = positionals as [string, string, string];
    const client = await openServer(options, context);
    const difference = await client.call(diffRevisions, { params: { name, from, to } });
    await printAnswer(context.stdout, format, { value: difference, table: differenceText });
  },
};
