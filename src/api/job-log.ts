import { z } from 'zod';
import { endpoint } from './endpoint.ts';

/** Lines that the page and the command line show at first. */
export const defaultTailLines = 2000;

const jobLogQuerySchema = z
  .object({
    tail: z.coerce
      .number()
      .int()
      .min(1)
      .max(10_000)
      .optional()
      .meta({
        description: `So many lines from the end; ${defaultTailLines} when neither this nor \`from\` is given.`,
      }),
    from: z.coerce
      .number()
      .int()
      .min(0)
      .optional()
      .meta({ description: 'From this byte on: the `to` of an earlier answer, or 0.' }),
  })
  .refine(({ tail, from }) => tail === undefined || from === undefined, {
    path: ['from'],
    message: '"tail" and "from" exclude each other: ask for the last lines, or for those from a place on',
  });

/** A part of a job's log, in whole lines. */
export const jobLogSchema = z
  .object({
    lines: z.array(z.string()).meta({ description: 'Without their line ends; may have ANSI colours.' }),
    from: z.number().int().meta({ description: 'Byte of the log at which the first line begins.' }),
    to: z.number().int().meta({ description: 'Byte after the last line: go on from here.' }),
    isComplete: z.boolean().meta({ description: 'The job has ended, and these lines are its last.' }),
  })
  .meta({ id: 'JobLog' });

export type JobLog = z.output<typeof jobLogSchema>;
export type JobLogQuery = z.output<typeof jobLogQuerySchema>;

/** The last lines of a log, or about a megabyte of it from a byte on. */
export const getJobLog = endpoint({
  id: 'getJobLog',
  method: 'GET',
  path: '/jobs/{id}/log',
  tag: 'jobs',
  summary: 'Lines of the log of a job',
  params: z.object({ id: z.uuid() }),
  query: jobLogQuerySchema,
  status: 200,
  answer: jobLogSchema,
  errors: ['not-found'],
});
