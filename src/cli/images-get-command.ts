import { getImage } from '../api/images.ts';
import type { Command } from './command.ts';
import { serverOptions } from './common-options.ts';
import { imageText } from './image-text.ts';
import { outputFrom, outputOptions, printAnswer } from './output-format.ts';
import { openServer } from './server-connection.ts';

export const imagesGetCommand: Command = {
  name: 'images get',
  summary: 'Show one image: what it is made of, who sees it, what can be pulled.',
  operands: 'NAME',
  arity: [1, 1],
  description: '',
  options: { ...outputOptions, ...serverOptions },
  examples: [
    'imagewright images get research-notebook',
    "imagewright images get research-notebook -o json | jq -r '.url'",
  ],
  async run({ positionals, options }, context) {
    const format = outputFrom(options);
    const client = await openServer(options, context);
    const image = await client.call(getImage, { params: { name: positionals[0]! } });
    await printAnswer(context.stdout, format, { value: image, table: imageText });
  },
};
