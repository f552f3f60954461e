import type { ApiClient } from '../api/create-client.ts';
import { getJobLog } from '../api/job-log.ts';
import { getJob } from '../api/jobs.ts';
import type { Command, CommandArguments, CommandContext } from './command.ts';
import { integerFrom, serverOptions } from './common-options.ts';
import { findJob, type Job, jobName } from './find-job.ts';
import { followJobLog } from './follow-job-log.ts';
import { logLine } from './job-text.ts';
import { openServer } from './server-connection.ts';
import { stoppedWaiting, tellOfDrop } from './wait-for-job.ts';
import { writeText } from './write-text.ts';

/** More lines than that are a matter of the whole log. */
const mostTailLines = 10_000;

export const jobsLogsCommand: Command = {
  name: 'jobs logs',
  summary: 'Print the log of a job, or follow it.',
  operands: 'JOB',
  arity: [1, 1],
  description: `
JOB is IMAGE#NUMBER, IMAGE for its latest job, or an id. With -f lines come as they are written, until the job has ended; a lost connection
is made anew, and no line is missing or comes twice. Logs are kept when a job fails, is cancelled, or its image is deleted.`,
  options: {
    follow: { type: 'boolean', short: 'f', description: 'Go on until the job has ended.' },
    tail: { type: 'string', value: 'N', description: `Only the last N lines (at most ${mostTailLines}).` },
    ...serverOptions,
  },
  examples: [
    'imagewright jobs logs research-notebook#3',
    'imagewright jobs logs -f research-notebook',
    'imagewright jobs logs research-notebook --tail 100',
  ],
  run: runLogs,
};

async function runLogs({ positionals, options }: CommandArguments, context: CommandContext): Promise<void> {
  const tail = integerFrom(options, 'tail', { most: mostTailLines });
  const client = await openServer(options, context);
  const job = await findJob(client, positionals[0]!);
  const from = tail === undefined ? 0 : await printTail(client, { job, tail }, context);
  if (options.boolean('follow')) await printFollowed(client, { job, from }, context);
  else if (tail === undefined) await printWhole(client, job, context);
}

/** Gives the byte after the last line. */
async function printTail(
  client: ApiClient,
  { job, tail }: { readonly job: Job; readonly tail: number },
  { stdout }: CommandContext,
): Promise<number> {
  const { lines, to } = await client.call(getJobLog, { params: { id: job.id }, query: { tail } });
  await printLines(lines, stdout);
  return to;
}

async function printFollowed(
  client: ApiClient,
  { job, from }: { readonly job: Job; readonly from: number },
  { stdout, stderr, signal }: CommandContext,
): Promise<void> {
  const onDrop = () => tellOfDrop(stderr);
  try {
    for await (const lines of followJobLog(client, job.id, { from, signal, onDrop })) await printLines(lines, stdout);
  } catch (error) {
    throw signal.aborted ? stoppedWaiting(job) : error;
  }
  const { state } = await client.call(getJob, { params: { id: job.id } });
  stderr.write(`${jobName(job)} has ended: ${state}\n`);
}

async function printWhole(client: ApiClient, { id }: Job, { stdout }: CommandContext): Promise<void> {
  const { body } = await client.open(`/api/v1/jobs/${encodeURIComponent(id)}/log/download`);
  const decoder = new TextDecoder();
  let begun = '';
  for await (const chunk of body ?? []) {
    const lines = (begun + decoder.decode(chunk, { stream: true })).split('\n');
    begun = lines.pop()!;
    await printLines(lines, stdout);
  }
  if (begun !== '') await printLines([begun], stdout);
}

function printLines(lines: readonly string[], stdout: CommandContext['stdout']): Promise<void> {
  return writeText(stdout, lines.map((line) => `${logLine(line, stdout)}\n`).join(''));
}
