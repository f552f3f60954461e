import { cancelJob } from '../api/jobs.ts';
import type { Command } from './command.ts';
import { serverOptions } from './common-options.ts';
import { findJob, jobName } from './find-job.ts';
import { jobText } from './job-text.ts';
import { outputFrom, outputOptions, printAnswer } from './output-format.ts';
import { openServer } from './server-connection.ts';

export const jobsCancelCommand: Command = {
  name: 'jobs cancel',
  summary: 'Cancel a job, waiting or running; its log and history stay.',
  operands: 'JOB',
  arity: [1, 1],
  description: 'JOB is IMAGE#NUMBER, IMAGE for its latest job, or an id.',
  options: { ...outputOptions, ...serverOptions },
  examples: ['imagewright jobs cancel research-notebook#3'],
  async run({ positionals, options }, context) {
    const format = outputFrom(options);
    const client = await openServer(options, context);
    const { id } = await findJob(client, positionals[0]!);
    const job = await client.call(cancelJob, { params: { id } });
    context.stderr.write(`Cancelled ${jobName(job)}\n`);
    if (format !== 'table') await printAnswer(context.stdout, format, { value: job, table: jobText });
  },
};
