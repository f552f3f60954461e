import { deleteImage, getImage } from '../api/images.ts';
import type { Command } from './command.ts';
import { serverOptions } from './common-options.ts';
import { confirm, yesOption } from './confirm.ts';
import { openServer } from './server-connection.ts';

export const imagesDeleteCommand: Command = {
  name: 'images delete',
  summary: 'Delete an image; its jobs and their logs stay readable.',
  operands: 'NAME',
  arity: [1, 1],
  description: `
A running job of the image is cancelled. What was pushed stays in the registry, and the name is free again. On a terminal you are asked first;
elsewhere --yes is needed.`,
  options: { ...yesOption, ...serverOptions },
  examples: ['imagewright images delete research-notebook', 'imagewright images delete research-notebook --yes'],
  async run({ positionals, options }, context) {
    const client = await openServer(options, context);
    const { name } = await client.call(getImage, { params: { name: positionals[0]! } });
    await confirm(`Delete the image ${name}?`, options, context);
    await client.call(deleteImage, { params: { name } });
    context.stderr.write(`Deleted ${name}\n`);
  },
};
