import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { jobProgressSchema, jobSchema, jobStateSchema } from './jobs.ts';
import { pageOf, pagingShape } from './paging.ts';

const packageText = z
  .string()
  .max(1_000_000)
  .default('')
  .meta({ description: 'One package a line; comments begin with #.' });

/** What is built, as typed. */
export const specTextSchema = z
  .object({
    base: z
      .string()
      .min(1)
      .max(1000)
      .meta({ description: 'Reference of the base image.', example: 'docker.io/library/python:3.12' }),
    cuda: z.string().max(20).optional().meta({
      description: 'The version of CUDA that the machines have, for conda packages that need it.',
      example: '12.4',
    }),
    packages: z
      .object({ apt: packageText, conda: packageText, pip: packageText })
      .default({ apt: '', conda: '', pip: '' }),
    compileBytecode: z.boolean().optional().meta({
      description: 'Lay the modules of pip packages down compiled as well: larger images, and quicker first imports.',
    }),
  })
  .meta({ id: 'SpecText' });

export const imageTypeSchema = z.enum(['cpu', 'gpu', 'universal']);
const imageKindSchema = z.enum(['custom', 'existing']);
const groupName = z.string().min(1).max(63);
const reference = z.string().min(1).max(1000);

/** Name of an image: as the spec file has it. */
export const imageNameSchema = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/, {
    error: 'lower case alphanumeric characters, "-" or ".", and must start and end with an alphanumeric character',
  })
  .meta({ example: 'research-notebook' });

export const imageSchema = z
  .object({
    name: imageNameSchema,
    kind: imageKindSchema,
    displayName: z.string(),
    description: z.string(),
    type: imageTypeSchema,
    isGlobal: z.boolean(),
    groups: z.array(z.string()),
    ownerGroup: z.string().nullable(),
    spec: specTextSchema.nullable().meta({ description: 'Of a custom image: what is built.' }),
    url: z.string().nullable().meta({
      description: 'What can be pulled: of an existing image as given, else of the latest build that succeeded.',
    }),
    gpuUrl: z.string().nullable(),
    pullSecret: z.string().nullable(),
    version: z.number().int().meta({ description: 'Counts changes; an edit names the one that it was made from.' }),
    revision: z.string().nullable().meta({ description: 'The revision in force.', example: '1a2b3c4d' }),
    isReady: z.boolean().meta({ description: 'There is something to pull.' }),
    status: jobStateSchema.nullable().meta({ description: 'State of the latest job.' }),
    progress: jobProgressSchema.nullable().meta({ description: 'How far the latest job is, while it runs.' }),
    latestJobId: z.string().nullable(),
    createdBy: z.string(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: 'Image' });

const fieldsShape = {
  displayName: z.string().max(200),
  description: z.string().max(10_000),
  type: imageTypeSchema,
  isGlobal: z.boolean(),
  groups: z.array(groupName).max(1000),
  ownerGroup: groupName.nullable(),
  spec: specTextSchema,
  url: reference,
  gpuUrl: reference.nullable(),
  pullSecret: z.string().min(1).max(253).nullable(),
};

/** What a new image is made of: `spec` for a custom one, `url` for an existing one. */
export const newImageSchema = z
  .strictObject({
    name: imageNameSchema,
    kind: imageKindSchema.default('custom'),
    displayName: fieldsShape.displayName.default(''),
    description: fieldsShape.description.default(''),
    type: fieldsShape.type.default('universal'),
    isGlobal: fieldsShape.isGlobal.default(false),
    groups: fieldsShape.groups.default([]),
    ownerGroup: fieldsShape.ownerGroup.default(null),
    spec: fieldsShape.spec.optional(),
    url: fieldsShape.url.optional(),
    gpuUrl: fieldsShape.gpuUrl.default(null),
    pullSecret: fieldsShape.pullSecret.default(null),
  })
  .meta({ id: 'NewImage' });

/** A change: only what is named changes. */
export const imagePatchSchema = z
  .strictObject({ version: z.number().int().min(1), ...z.object(fieldsShape).partial().shape })
  .meta({ id: 'ImagePatch' });

const byName = z.object({ name: z.string() });
const withJob = z.object({
  image: imageSchema,
  job: jobSchema.nullable().meta({ description: 'The job that was started, if what is built has changed.' }),
});

export const listImages = endpoint({
  id: 'listImages',
  method: 'GET',
  path: '/images',
  tag: 'images',
  summary: 'The images that you may see.',
  query: z.object({
    ...pagingShape,
    q: z.string().max(200).optional().meta({ description: 'Part of a name or display name.' }),
    type: imageTypeSchema.optional(),
    kind: imageKindSchema.optional(),
    status: jobStateSchema.optional(),
    group: groupName.optional(),
    mine: z.stringbool().optional().meta({ description: 'Only those that you made.' }),
    sort: z.enum(['name', 'displayName', 'type', 'state', 'updatedAt']).default('updatedAt'),
    order: z.enum(['asc', 'desc']).default('desc'),
  }),
  status: 200,
  answer: pageOf(imageSchema),
});

export const createImage = endpoint({
  id: 'createImage',
  method: 'POST',
  path: '/images',
  tag: 'images',
  summary: 'Make an image; of a custom one the first job starts.',
  body: newImageSchema,
  status: 201,
  answer: withJob,
  errors: ['spec-invalid', 'conflict', 'registry-not-set', 'forbidden'],
});

export const getImage = endpoint({
  id: 'getImage',
  method: 'GET',
  path: '/images/{name}',
  tag: 'images',
  summary: 'One image.',
  params: byName,
  status: 200,
  answer: imageSchema,
  errors: ['not-found'],
});

export const checkImageName = endpoint({
  id: 'checkImageName',
  method: 'GET',
  path: '/image-names/{name}',
  tag: 'images',
  summary: 'Whether a new image may have the name.',
  params: z.object({ name: imageNameSchema }),
  status: 200,
  answer: z.object({ name: z.string(), isFree: z.boolean() }),
  errors: ['forbidden'],
});

export const editImage = endpoint({
  id: 'editImage',
  method: 'PATCH',
  path: '/images/{name}',
  tag: 'images',
  summary: 'Change an image; a job starts when what is built changes.',
  params: byName,
  body: imagePatchSchema,
  status: 200,
  answer: withJob,
  errors: ['not-found', 'spec-invalid', 'conflict', 'registry-not-set', 'forbidden'],
});

export const deleteImage = endpoint({
  id: 'deleteImage',
  method: 'DELETE',
  path: '/images/{name}',
  tag: 'images',
  summary: 'Delete an image; its jobs and their logs stay readable, its name is free again.',
  params: byName,
  status: 204,
  errors: ['not-found', 'forbidden'],
});

export const rebuildImage = endpoint({
  id: 'rebuildImage',
  method: 'POST',
  path: '/images/{name}/rebuild',
  tag: 'images',
  summary: 'Build the image again with what the package indexes have now.',
  params: byName,
  body: z.strictObject({ noCache: z.boolean().default(false) }).prefault({}),
  status: 202,
  answer: jobSchema,
  errors: ['not-found', 'conflict', 'registry-not-set', 'forbidden'],
});

export const listImageJobs = endpoint({
  id: 'listImageJobs',
  method: 'GET',
  path: '/images/{name}/jobs',
  tag: 'images',
  summary: 'All jobs of an image, the newest first.',
  params: byName,
  query: z.object(pagingShape),
  status: 200,
  answer: pageOf(jobSchema),
  errors: ['not-found'],
});

export const lockedPackageSchema = z
  .object({
    ecosystem: z.enum(['apt', 'conda', 'pip']),
    name: z.string(),
    version: z.string(),
    sizeBytes: z.number().int(),
    requestedBy: z.array(z.string()).meta({ description: 'Lines that ask for it.' }),
    requiredBy: z.array(z.string()).meta({ description: 'Packages that need it.' }),
    isBuilt: z.boolean().meta({ description: 'Comes as source, and is built in the sandbox.' }),
  })
  .meta({ id: 'LockedPackage' });

export const revisionSchema = z
  .object({
    revision: z.string(),
    number: z.number().int(),
    jobId: z.string(),
    spec: specTextSchema,
    imageUrl: z.string(),
    digest: z.string(),
    lockDigest: z.string(),
    packages: z.array(lockedPackageSchema),
    isInForce: z.boolean(),
    createdAt: z.string(),
  })
  .meta({ id: 'Revision' });

export const listRevisions = endpoint({
  id: 'listRevisions',
  method: 'GET',
  path: '/images/{name}/revisions',
  tag: 'images',
  summary: 'All that was built of an image, the newest first.',
  params: byName,
  query: z.object(pagingShape),
  status: 200,
  answer: pageOf(revisionSchema),
  errors: ['not-found'],
});

export const getRevisionContents = endpoint({
  id: 'getRevisionContents',
  method: 'GET',
  path: '/images/{name}/revisions/{revision}/contents',
  tag: 'images',
  summary: 'What a revision lays down above its base, package by package, and in which layer.',
  params: z.object({ name: z.string(), revision: z.string() }),
  status: 200,
  answer: z
    .object({
      revision: z.string(),
      base: z.object({ reference: z.string(), digest: z.string(), platform: z.string(), layers: z.number().int() }),
      python: z.string().nullable(),
      layers: z.number().int().meta({ description: 'Layers above those of the base.' }),
      packages: z.array(
        lockedPackageSchema.extend({
          source: z.string().meta({ description: 'Where it was fetched from.' }),
          layer: z.number().int().meta({ description: 'Counts from 1, above the base.' }),
        }),
      ),
    })
    .meta({ id: 'RevisionContents' }),
  errors: ['not-found'],
});

const changedPackage = z.object({ from: lockedPackageSchema, to: lockedPackageSchema });

export const diffRevisions = endpoint({
  id: 'diffRevisions',
  method: 'GET',
  path: '/images/{name}/revisions/{from}/diff/{to}',
  tag: 'images',
  summary: 'What two revisions differ in.',
  params: z.object({ name: z.string(), from: z.string(), to: z.string() }),
  status: 200,
  answer: z
    .object({
      base: z
        .object({ from: z.string(), to: z.string() })
        .nullable()
        .meta({ description: 'The bases, where they differ.' }),
      added: z.array(lockedPackageSchema),
      removed: z.array(lockedPackageSchema),
      changed: z.array(changedPackage),
    })
    .meta({ id: 'RevisionDifference' }),
  errors: ['not-found'],
});

export const rollBackImage = endpoint({
  id: 'rollBackImage',
  method: 'POST',
  path: '/images/{name}/rollback',
  tag: 'images',
  summary: 'Put an earlier revision in force again, and its spec with it.',
  params: byName,
  body: z.strictObject({ revision: z.string().min(1) }),
  status: 202,
  answer: withJob,
  errors: ['not-found', 'registry-not-set', 'forbidden'],
});

export const preflightSpec = endpoint({
  id: 'preflightSpec',
  method: 'POST',
  path: '/preflight',
  tag: 'images',
  summary: 'Work out what a spec means, without building it: a summary of the lock, or every problem at its line.',
  body: z.strictObject({
    name: imageNameSchema.default('preflight'),
    spec: specTextSchema,
    pullSecret: fieldsShape.pullSecret.default(null),
    ownerGroup: fieldsShape.ownerGroup
      .optional()
      .meta({ description: 'The group that the image will belong to; that of `compareWith` when left out.' }),
    compareWith: z
      .string()
      .optional()
      .meta({ description: 'Name of an image: tells what would change against its revision in force.' }),
  }),
  status: 200,
  answer: z
    .object({
      revision: z.string(),
      lockDigest: z.string(),
      base: z.object({ digest: z.string(), layers: z.number().int(), sizeBytes: z.number().int() }),
      python: z.string().nullable(),
      packages: z.array(lockedPackageSchema),
      layers: z.number().int().meta({ description: 'Layers that would be added.' }),
      downloadBytes: z.number().int(),
      notices: z.array(z.string()),
      changes: z
        .object({
          added: z.array(lockedPackageSchema),
          removed: z.array(lockedPackageSchema),
          changed: z.array(changedPackage),
        })
        .nullable(),
    })
    .meta({ id: 'Preflight' }),
  errors: ['spec-invalid', 'packages-unresolvable', 'base-not-found', 'base-unsupported', 'not-found'],
});
