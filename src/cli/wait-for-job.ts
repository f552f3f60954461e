import type { ApiClient } from '../api/create-client.ts';
import { getJob } from '../api/jobs.ts';
import { BuilderError, type ErrorCode, errorTable } from '../errors.ts';
import { quoted, say } from '../sentence.ts';
import type { CommandContext } from './command.ts';
import { type Job, jobName } from './find-job.ts';
import { followJobLog } from './follow-job-log.ts';
import { logLine } from './job-text.ts';
import { writeText } from './write-text.ts';

/**
 * Shows the log of a job on standard error until it has ended. Gives the job that succeeded; throws the failure of one that did not,
 * and `cancelled` when it or the waiting is cancelled.
 */
export async function waitForJob(
  client: ApiClient,
  job: Job,
  { stderr, signal }: Pick<CommandContext, 'stderr' | 'signal'>,
): Promise<Job> {
  const onDrop = () => tellOfDrop(stderr);
  try {
    for await (const lines of followJobLog(client, job.id, { from: 0, signal, onDrop })) {
      await writeText(stderr, lines.map((line) => `${logLine(line, stderr)}\n`).join(''));
    }
  } catch (error) {
    throw signal.aborted ? stoppedWaiting(job) : error;
  }
  const ended = await client.call(getJob, { params: { id: job.id } });
  if (ended.state === 'Succeeded') return ended;
  throw outcomeError(ended);
}

/** Says that the log stands still for a while. */
export function tellOfDrop(stderr: CommandContext['stderr']): void {
  stderr.write('note: the connection was lost; the log goes on when the server is back\n');
}

/** Why the user sees no more of a job that goes on. */
export function stoppedWaiting(job: Job): BuilderError {
  const name = jobName(job);
  return new BuilderError('cancelled', say`Stopped following ${name}, which goes on`, {
    hint: say`"imagewright jobs logs -f ${name}" follows it again, "imagewright jobs cancel ${name}" cancels it.`,
  });
}

/** The error that a job ended with, as if it had happened here. */
function outcomeError(job: Job): BuilderError {
  const { failure, state } = job;
  if (state === 'Cancelled') return new BuilderError('cancelled', say`${jobName(job)} was cancelled`);
  if (failure === null)
    return new BuilderError('server-error', say`${jobName(job)} has ended as ${state}, without a cause`);
  const code = failure.code in errorTable ? (failure.code as ErrorCode) : 'server-error';
  const where = failure.step === undefined ? '' : ` in step ${failure.step}`;
  return new BuilderError(code, say`${jobName(job)} failed${where}: ${failure.message}`, {
    hint: failure.hint === undefined ? undefined : quoted(failure.hint),
    problems: failure.problems.map(({ field, line, text, code, message, hint }) => ({
      ...{ field, code, message: quoted(message) },
      ...(line !== undefined && { line }),
      ...(text !== undefined && { text }),
      ...(hint !== undefined && { hint: quoted(hint) }),
    })),
  });
}
