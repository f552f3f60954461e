import { getImage, rebuildImage } from '../api/images.ts';
import type { Command } from './command.ts';
import { serverOptions, waitOption } from './common-options.ts';
import { outputFrom, outputOptions } from './output-format.ts';
import { reportChange } from './report-change.ts';
import { openServer } from './server-connection.ts';

export const imagesRebuildCommand: Command = {
  name: 'images rebuild',
  summary: 'Build an image again with what the package indexes have now.',
  operands: 'NAME',
  arity: [1, 1],
  description: 'When nothing new is found, the same revision is in force after it.',
  options: {
    'no-cache': { type: 'boolean', description: 'Make every layer again and push, even if nothing changed.' },
    ...waitOption,
    ...outputOptions,
    ...serverOptions,
  },
  examples: ['imagewright images rebuild research-notebook --wait'],
  async run({ positionals, options }, context) {
    outputFrom(options);
    const client = await openServer(options, context);
    const params = { name: positionals[0]! };
    const job = await client.call(rebuildImage, { params, body: { noCache: options.boolean('no-cache') } });
    const image = await client.call(getImage, { params });
    await reportChange(client, { image, job, done: `Rebuilding ${image.name}` }, { options, context });
  },
};
