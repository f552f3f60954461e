import { createImage } from '../api/images.ts';
import type { Command, CommandArguments, CommandContext } from './command.ts';
import { serverOptions, waitOption } from './common-options.ts';
import { imageOptions, saidFields } from './image-options.ts';
import { outputFrom, outputOptions } from './output-format.ts';
import { pointIntoFile, readSpecText } from './read-spec-text.ts';
import { reportChange } from './report-change.ts';
import { openServer } from './server-connection.ts';

export const imagesCreateCommand: Command = {
  name: 'images create',
  summary: 'Make an image on a server and build it, or list one that exists.',
  operands: 'SPEC.yaml|NAME',
  arity: [1, 1],
  description: `
Takes the same file as "imagewright build": the server builds it at once, and builds it again whenever what is built changes. Lines and
comments of the package lists are kept as typed. With --url nothing is built: NAME then lists an image that exists already.
Without --group and --global only administrators see it.

With --wait the log is shown, standard output has the URL of the image, and the exit code is that of the build.`,
  options: { ...imageOptions, ...waitOption, ...outputOptions, ...serverOptions },
  examples: [
    'imagewright images create SPEC.yaml --group research --wait',
    'imagewright images create SPEC.yaml --global --pull-secret our-registry',
    'imagewright images create pytorch --url registry.example.com/pytorch:2.5 --type gpu --global',
  ],
  run: runCreate,
};

async function runCreate({ positionals, options }: CommandArguments, context: CommandContext): Promise<void> {
  outputFrom(options);
  const [operand] = positionals as [string];
  const isExisting = options.string('url') !== undefined;
  const file = isExisting ? undefined : await readSpecText(operand, context.stdin);
  const fields = saidFields(options, file);
  const client = await openServer(options, context);
  const name = file?.name ?? operand;
  const kind = isExisting ? 'existing' : 'custom';
  const made = await client.call(createImage, { body: { name, kind, ...fields } }).catch(pointIntoFile);
  await reportChange(client, { ...made, done: `Created ${name}` }, { options, context });
}
