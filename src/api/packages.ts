import { z } from 'zod';
import { endpoint } from './endpoint.ts';

const ecosystem = z.enum(['apt', 'conda', 'pip']);

/** All of it goes into the line of a request, which servers keep short. */
const word = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^[\x21-\x7e]+$/);

/** What the package is for: by that the service knows where to look. */
const placeShape = {
  base: word(500).optional().meta({
    description: 'Of apt: reference of the base image, whose sources are asked.',
    example: 'docker.io/library/python:3.12',
  }),
  pullSecret: word(253).optional().meta({ description: 'Opens the base image.' }),
  ownerGroup: word(63)
    .optional()
    .meta({ description: 'The group that the image will belong to: its pull secrets may be used.' }),
  channel: word(500).optional().meta({
    description: 'Of conda: the channel that the line takes its package from, as in `pytorch::`.',
  }),
  channels: word(1000)
    .optional()
    .meta({ description: 'Of conda: what lines ask before the channels that are set up, separated by commas.' }),
};

/** Where a package is looked for, as it is asked. */
export type PackagePlace = z.output<z.ZodObject<typeof placeShape>>;

export const listPackageNames = endpoint({
  id: 'listPackageNames',
  method: 'GET',
  path: '/package-names/{ecosystem}',
  tag: 'packages',
  summary:
    'Packages whose names begin as written: at most twenty, the best first, from what the service knows at once.',
  params: z.object({ ecosystem }),
  query: z.object({ ...placeShape, written: word(200).meta({ example: 'num' }) }),
  status: 200,
  answer: z
    .object({
      names: z.array(
        z.object({ name: z.string(), summary: z.string().optional().meta({ description: 'In one line, of apt.' }) }),
      ),
      isAll: z.boolean().meta({ description: 'No others begin so.' }),
      isComing: z.boolean().meta({
        description: 'A list of names is being fetched that is not there yet: ask again in a second.',
      }),
    })
    .meta({ id: 'PackageNames' }),
  errors: ['forbidden', 'not-found'],
});

export const listPackageVersions = endpoint({
  id: 'listPackageVersions',
  method: 'GET',
  path: '/package-versions/{ecosystem}/{name}',
  tag: 'packages',
  summary: 'The versions of a package, the newest first; none where there is no such package, or it is not known yet.',
  params: z.object({
    ecosystem,
    name: z
      .string()
      .max(200)
      .regex(/^[a-z0-9_]([a-z0-9._+-]*[a-z0-9_+])?$/i),
  }),
  query: z.object(placeShape),
  status: 200,
  answer: z.object({ versions: z.array(z.string()) }),
  errors: ['forbidden', 'not-found'],
});
