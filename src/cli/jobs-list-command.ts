import { listImageJobs } from '../api/images.ts';
import { jobStateSchema, listJobs } from '../api/jobs.ts';
import { BuilderError } from '../errors.ts';
import { say } from '../sentence.ts';
import type { Command, CommandArguments, CommandContext, OptionValues } from './command.ts';
import { limitOption, serverOptions } from './common-options.ts';
import { fetchPages } from './fetch-pages.ts';
import { jobTable } from './job-text.ts';
import { outputFrom, outputOptions, printAnswer } from './output-format.ts';
import { openServer } from './server-connection.ts';

export const jobsListCommand: Command = {
  name: 'jobs list',
  summary: 'List jobs, the newest first: all that you may see, or those of one image.',
  operands: '[IMAGE]',
  arity: [0, 1],
  description: 'A job is one attempt to build an image. Jobs are kept, whatever became of them.',
  options: {
    state: {
      type: 'string',
      value: 'STATE',
      description: `Only those in that state: ${jobStateSchema.options.join(', ')}. Not with IMAGE.`,
    },
    ...limitOption,
    ...outputOptions,
    ...serverOptions,
  },
  examples: [
    'imagewright jobs list',
    'imagewright jobs list research-notebook',
    'imagewright jobs list --state Running',
  ],
  run: runList,
};

async function runList({ positionals, options }: CommandArguments, context: CommandContext): Promise<void> {
  const { stdout, stderr } = context;
  const [name] = positionals;
  const format = outputFrom(options);
  const state = stateFrom(options, name);
  const client = await openServer(options, context);
  const jobs = await fetchPages(
    (paging) =>
      name === undefined
        ? client.call(listJobs, { query: { ...paging, state } })
        : client.call(listImageJobs, { params: { name }, query: paging }),
    { keyOf: ({ id }) => id, options, stderr },
  );
  await printAnswer(stdout, format, { value: jobs, table: jobTable });
}

function stateFrom(options: OptionValues, name: string | undefined) {
  const state = options.string('state');
  if (state === undefined) return undefined;
  if (name !== undefined) throw new BuilderError('command-invalid', say`--state is for the jobs of all images`);
  const parsed = jobStateSchema.safeParse(state);
  if (parsed.success) return parsed.data;
  const known = jobStateSchema.options.join(', ');
  throw new BuilderError('command-invalid', say`"${state}" is no state of a job`, {
    hint: say`The states are ${known}.`,
  });
}
