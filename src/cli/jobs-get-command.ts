import type { Command } from './command.ts';
import { serverOptions } from './common-options.ts';
import { findJob } from './find-job.ts';
import { jobText } from './job-text.ts';
import { outputFrom, outputOptions, printAnswer } from './output-format.ts';
import { openServer } from './server-connection.ts';

export const jobsGetCommand: Command = {
  name: 'jobs get',
  summary: 'Show one job: its state, the cause if it failed, and what it was to build.',
  operands: 'JOB',
  arity: [1, 1],
  description: 'JOB is IMAGE#NUMBER, IMAGE for its latest job, or an id.',
  options: { ...outputOptions, ...serverOptions },
  examples: ['imagewright jobs get research-notebook#3', 'imagewright jobs get research-notebook -o yaml'],
  async run({ positionals, options }, context) {
    const format = outputFrom(options);
    const client = await openServer(options, context);
    const job = await findJob(client, positionals[0]!);
    await printAnswer(context.stdout, format, { value: job, table: jobText });
  },
};
