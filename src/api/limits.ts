import { z } from 'zod';
import { endpoint } from './endpoint.ts';

const jobLimitsShape = {
  timeoutMinutes: z.number().meta({ description: 'Longest time for one build.' }),
  memoryMiB: z.number().meta({ description: 'Memory of the programs that a build runs in the sandbox.' }),
  diskMiB: z.number().meta({ description: 'Packages as downloaded and layers as made, together.' }),
};

export const jobLimitsSchema = z.object(jobLimitsShape).meta({ id: 'JobLimits' });

export const getLimits = endpoint({
  id: 'getLimits',
  method: 'GET',
  path: '/limits',
  tag: 'jobs',
  summary: 'What a build may use, and how many are under way.',
  query: z.object({
    group: z.string().min(1).max(63).optional().meta({ description: 'The group that owns the image.' }),
  }),
  status: 200,
  answer: z
    .object({
      ...jobLimitsShape,
      maxRunningJobs: z.number().int().meta({ description: 'Builds at once, of all.' }),
      maxRunningJobsPerGroup: z.number().int().meta({ description: 'Builds at once of the group, or of any one.' }),
      running: z.number().int().meta({ description: 'Builds under way, of all.' }),
      runningOfGroup: z.number().int().nullable(),
      waiting: z.number().int(),
    })
    .meta({ id: 'Limits' }),
  errors: ['not-found'],
});
