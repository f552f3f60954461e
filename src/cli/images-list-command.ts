import type { z } from 'zod';
import { listImages } from '../api/images.ts';
import { BuilderError } from '../errors.ts';
import { say } from '../sentence.ts';
import type { Command, CommandArguments, CommandContext, OptionValues } from './command.ts';
import { limitOption, serverOptions } from './common-options.ts';
import { fetchPages } from './fetch-pages.ts';
import { imageTable } from './image-text.ts';
import { outputFrom, outputOptions, printAnswer } from './output-format.ts';
import { openServer } from './server-connection.ts';

export const imagesListCommand: Command = {
  name: 'images list',
  summary: 'List the images of a server that you may see.',
  operands: '[TEXT]',
  arity: [0, 1],
  description: `
With TEXT only those whose name or display name has it. STATUS is the state of the latest job, IMAGE what can be pulled now: of a custom
image the latest build that succeeded.`,
  options: {
    type: { type: 'string', value: 'TYPE', description: 'Only cpu, gpu or universal ones.' },
    kind: { type: 'string', value: 'KIND', description: 'Only custom (built) or existing ones.' },
    status: { type: 'string', value: 'STATE', description: 'Only those whose latest job is in that state: Failed.' },
    group: { type: 'string', value: 'GROUP', description: 'Only those of that group.' },
    mine: { type: 'boolean', description: 'Only those that you made.' },
    sort: {
      type: 'string',
      value: 'FIELD',
      description: 'name (default), displayName, type, state or updatedAt (latest first).',
    },
    ...limitOption,
    ...outputOptions,
    ...serverOptions,
  },
  examples: [
    'imagewright images list',
    'imagewright images list notebook --type gpu',
    'imagewright images list --status Failed -o json',
  ],
  run: runList,
};

async function runList({ positionals, options }: CommandArguments, context: CommandContext): Promise<void> {
  const { stdout, stderr } = context;
  const format = outputFrom(options);
  const query = queryFrom(options, positionals[0]);
  const client = await openServer(options, context);
  const images = await fetchPages((paging) => client.call(listImages, { query: { ...query, ...paging } }), {
    keyOf: ({ name }) => name,
    options,
    stderr,
  });
  await printAnswer(stdout, format, { value: images, table: imageTable });
}

type Query = z.input<(typeof listImages)['query']>;

/** Throws `command-invalid` for what the server would not know. */
function queryFrom(options: OptionValues, q: string | undefined): Query {
  const sort = options.string('sort') ?? 'name';
  const said = {
    q,
    ...Object.fromEntries(['type', 'kind', 'status', 'group'].map((name) => [name, options.string(name)])),
    mine: options.boolean('mine') ? 'true' : undefined,
    sort,
    order: sort === 'updatedAt' ? 'desc' : 'asc',
  };
  const parsed = listImages.query.safeParse(said);
  if (parsed.success) return said as Query;
  const { path, message } = parsed.error.issues[0]!;
  throw new BuilderError('command-invalid', say`--${path.join('.')}: ${message}`, {
    hint: say`See: imagewright images list --help`,
  });
}
