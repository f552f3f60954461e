import { rollBackImage } from '../api/images.ts';
import type { Command } from './command.ts';
import { serverOptions, waitOption } from './common-options.ts';
import { outputFrom, outputOptions } from './output-format.ts';
import { reportChange } from './report-change.ts';
import { openServer } from './server-connection.ts';

export const imagesRollbackCommand: Command = {
  name: 'images rollback',
  summary: 'Put an earlier revision of an image in force again, and its spec with it.',
  operands: 'NAME REVISION',
  arity: [2, 2],
  description: 'A job sees to it that the registry still has the revision: exactly what was locked then.',
  options: { ...waitOption, ...outputOptions, ...serverOptions },
  examples: [
    'imagewright images revisions research-notebook',
    'imagewright images rollback research-notebook 1a2b3c4d --wait',
  ],
  async run({ positionals, options }, context) {
    outputFrom(options);
    const [name, revision] = positionals as [string, string];
    const client = await openServer(options, context);
    const changed = await client.call(rollBackImage, { params: { name }, body: { revision } });
    await reportChange(client, { ...changed, done: `Rolling ${name} back to ${revision}` }, { options, context });
  },
};
