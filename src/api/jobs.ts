import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { jobLimitsSchema } from './limits.ts';
import { pageOf, pagingShape } from './paging.ts';
import { problemSchema } from './problem-details.ts';

export const jobStateSchema = z
  .enum(['Pending', 'Preparing', 'Running', 'Succeeded', 'Failed', 'Cancelled'])
  .meta({ id: 'JobState' });

const failureSchema = z
  .object({
    class: z.string().meta({ description: 'Kind of the cause.', example: 'package-not-found' }),
    step: z.string().optional(),
    code: z.string(),
    message: z.string(),
    hint: z.string().optional(),
    problems: z.array(problemSchema),
  })
  .meta({ id: 'JobFailure' });

export const jobProgressSchema = z.object({
  step: z.string(),
  message: z.string(),
  done: z.number(),
  total: z.number(),
});

export const jobTotalsSchema = z
  .object({
    layers: z.object({ base: z.number(), added: z.number(), pushed: z.number(), mounted: z.number() }),
    bytesPushed: z.number(),
    upToDate: z.boolean().meta({ description: 'The registry had the image already.' }),
  })
  .meta({ id: 'JobTotals' });

export const jobSchema = z
  .object({
    id: z.string(),
    image: z.string().meta({ description: 'Name of the image.' }),
    number: z.number().int().meta({ description: 'Counts the jobs of the image.' }),
    state: jobStateSchema,
    reason: z.enum(['create', 'edit', 'rebuild', 'rollback']),
    requestedBy: z.string(),
    spec: z.object({
      base: z.string(),
      cuda: z.string().optional(),
      packages: z.object({ apt: z.string(), conda: z.string(), pip: z.string() }),
      pullSecret: z.string().nullable(),
    }),
    noCache: z.boolean(),
    revision: z.string().nullable(),
    imageUrl: z.string().nullable(),
    digest: z.string().nullable(),
    steps: z.array(z.object({ step: z.string(), startedAt: z.string(), seconds: z.number().optional() })),
    progress: jobProgressSchema.nullable().meta({ description: 'How far it is, while it runs.' }),
    totals: jobTotalsSchema.nullable().meta({ description: 'What was moved, once it has succeeded.' }),
    failure: failureSchema.nullable(),
    limits: jobLimitsSchema.nullable().meta({ description: 'What it may use; told once it has begun.' }),
    attempt: z.number().int(),
    createdAt: z.string(),
    startedAt: z.string().nullable(),
    endedAt: z.string().nullable(),
  })
  .meta({ id: 'Job' });

const byId = z.object({ id: z.uuid() });

export const listJobs = endpoint({
  id: 'listJobs',
  method: 'GET',
  path: '/jobs',
  tag: 'jobs',
  summary: 'Jobs of all images that you may see, the newest first.',
  query: z.object({
    ...pagingShape,
    state: jobStateSchema.optional(),
    mine: z.stringbool().optional().meta({ description: 'Only those that you asked for.' }),
  }),
  status: 200,
  answer: pageOf(jobSchema),
});

export const getJob = endpoint({
  id: 'getJob',
  method: 'GET',
  path: '/jobs/{id}',
  tag: 'jobs',
  summary: 'One job.',
  params: byId,
  status: 200,
  answer: jobSchema,
  errors: ['not-found'],
});

export const cancelJob = endpoint({
  id: 'cancelJob',
  method: 'POST',
  path: '/jobs/{id}/cancel',
  tag: 'jobs',
  summary: 'Cancel a job, in whatever state it is; its log and history stay.',
  params: byId,
  status: 200,
  answer: jobSchema,
  errors: ['not-found', 'conflict', 'forbidden'],
});

export const getJobLock = endpoint({
  id: 'getJobLock',
  method: 'GET',
  path: '/jobs/{id}/lock',
  tag: 'jobs',
  summary: 'The lock that a job was built from, as `imagewright build --from-lock` takes it.',
  params: byId,
  status: 200,
  answer: z.looseObject({ lockVersion: z.number() }),
  errors: ['not-found'],
});
