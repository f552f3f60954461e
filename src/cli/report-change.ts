import type { ApiClient } from '../api/create-client.ts';
import { getImage } from '../api/images.ts';
import type { CommandContext, OptionValues } from './command.ts';
import { type Job, jobName } from './find-job.ts';
import type { Image } from './image-text.ts';
import { outputFrom, printAnswer } from './output-format.ts';
import { waitForJob } from './wait-for-job.ts';

export interface Change {
  readonly image: Image;
  /** The job that the change has started, if any. */
  readonly job: Job | null;
  /** `Created research` */
  readonly done: string;
}

/**
 * Tells what was done to an image, and with `--wait` how its job ends. On standard output stands what can be gone on with: the image's URL
 * if there is one to pull, else the job. Throws the failure of the job that was waited for.
 */
export async function reportChange(
  client: ApiClient,
  { image, job, done }: Change,
  { options, context }: { readonly options: OptionValues; readonly context: CommandContext },
): Promise<void> {
  const { stdout, stderr } = context;
  const format = outputFrom(options);
  const hasToWait = job !== null && options.boolean('wait');
  stderr.write(`${done}${job === null ? '' : nextText(job, hasToWait)}\n`);
  const ended = hasToWait ? await waitForJob(client, job, context) : job;
  if (format !== 'table') {
    const value = {
      image: hasToWait ? await client.call(getImage, { params: { name: image.name } }) : image,
      job: ended,
    };
    return printAnswer(stdout, format, { value, table: () => '' });
  }
  const next = hasToWait ? ended?.imageUrl : job === null ? image.url : jobName(job);
  if (next) stdout.write(`${next}\n`);
}

function nextText(job: Job, hasToWait: boolean): string {
  return `; ${jobName(job)} builds it${hasToWait ? '' : ` ("imagewright jobs logs -f ${jobName(job)}" follows it)`}`;
}
