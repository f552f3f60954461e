import type { z } from 'zod';
import { jobSchema } from './jobs.ts';

/**
 * What `GET /api/v1/events` tells, as Server-Sent Events: `event: job` with a `JobChange` whenever a job of an image that one may see has
 * changed, and `event: reset` when changes may have been missed, so that everything is to be asked anew. Who comes back with
 * `Last-Event-ID` is told only what has changed since.
 */
export const jobChangeSchema = jobSchema.pick({
  id: true,
  image: true,
  number: true,
  state: true,
  steps: true,
  progress: true,
});
export type JobChange = z.output<typeof jobChangeSchema>;

/** Parses the data of an `event: job`. */
export function parseJobChange(data: string): JobChange {
  return jobChangeSchema.parse(JSON.parse(data));
}
