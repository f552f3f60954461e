import type { z } from 'zod';
import type { ApiClient } from '../api/create-client.ts';
import { getImage, listImageJobs } from '../api/images.ts';
import { getJob, type jobSchema } from '../api/jobs.ts';
import { BuilderError } from '../errors.ts';
import { say } from '../sentence.ts';

export type Job = z.output<typeof jobSchema>;

/** How people call a job: `research#3`. */
export function jobName({ image, number }: Pick<Job, 'image' | 'number'>): string {
  return `${image}#${number}`;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const pageSize = 200;

/** Finds a job by its id, as `research#3`, or as `research`, which is the latest of that image. Throws `not-found`. */
export async function findJob(client: ApiClient, typed: string): Promise<Job> {
  if (uuid.test(typed)) return client.call(getJob, { params: { id: typed } });
  const numbered = /^(.+)#(\d{1,9})$/.exec(typed);
  if (numbered !== null) return findByNumber(client, numbered[1]!, Number(numbered[2]));
  if (typed.includes('#')) {
    throw new BuilderError('command-invalid', say`"${typed}" is no job`, {
      hint: say`Write it as NAME#NUMBER, NAME (its latest job) or by its id.`,
    });
  }
  const { latestJobId } = await client.call(getImage, { params: { name: typed } });
  if (latestJobId !== null) return client.call(getJob, { params: { id: latestJobId } });
  throw new BuilderError('not-found', say`The image "${typed}" has no job`);
}

async function findByNumber(client: ApiClient, name: string, number: number): Promise<Job> {
  for (let page = 1; ; page++) {
    const { items } = await client.call(listImageJobs, { params: { name }, query: { page, pageSize } });
    const found = items.find((job) => job.number === number);
    if (found !== undefined) return found;
    // The newest come first.
    const isPast = items.some((job) => job.number < number);
    if (items.length === pageSize && !isPast) continue;
    throw new BuilderError('not-found', say`The image "${name}" has no job number ${number}`, {
      hint: say`"imagewright jobs list ${name}" shows those it has.`,
    });
  }
}
