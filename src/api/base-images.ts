import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { pageOf, pagingShape } from './paging.ts';
import { plainLines, plainText } from './plain-text.ts';

const typeSchema = z.enum(['cpu', 'gpu', 'universal']);

const baseShape = {
  reference: z.string().meta({ example: 'registry.example.com/python:3.12' }),
  name: z.string(),
  description: z.string(),
  type: typeSchema,
  pullSecret: z.string().nullable().meta({ description: 'Name of the pull secret that it needs.' }),
};

export const baseImageSchema = z
  .object({ id: z.string(), ...baseShape, createdBy: z.string(), createdAt: z.string(), updatedAt: z.string() })
  .meta({ id: 'BaseImage' });

export const baseChoiceSchema = z
  .object({
    id: z.string().nullable().meta({ description: 'Of a registered base.' }),
    source: z
      .enum(['registered', 'image'])
      .meta({ description: 'A base that was registered, or an image that is ready.' }),
    ...baseShape,
    ownerGroup: z.string().nullable().meta({ description: "Of a group's image: that group." }),
  })
  .meta({ id: 'BaseChoice' });

const shape = {
  reference: plainText({ min: 1, max: 1000 }).meta({ example: 'registry.example.com/python:3.12' }),
  name: plainText({ min: 1, max: 200 }),
  description: plainLines({ max: 10_000 }),
  type: typeSchema,
  pullSecret: plainText({ min: 1, max: 253 }).nullable(),
};

export const newBaseImageSchema = z
  .strictObject({
    reference: shape.reference,
    name: shape.name.optional().meta({ description: 'The reference, when left out.' }),
    description: shape.description.default(''),
    type: shape.type.default('universal'),
    pullSecret: shape.pullSecret.default(null),
  })
  .meta({ id: 'NewBaseImage' });

export const baseImagePatchSchema = z.strictObject(z.object(shape).partial().shape).meta({ id: 'BaseImagePatch' });

const byId = z.object({ id: z.uuid() });

export const listBaseImages = endpoint({
  id: 'listBaseImages',
  method: 'GET',
  path: '/base-images',
  tag: 'base images',
  summary: 'What can be built upon: registered bases, then the images that are ready and that you may see.',
  query: z.object({
    ...pagingShape,
    q: plainText({ max: 200 }).optional().meta({ description: 'Part of a name, reference or description.' }),
    type: typeSchema.optional(),
    source: z.enum(['registered', 'image']).optional(),
  }),
  status: 200,
  answer: pageOf(baseChoiceSchema),
});

export const inspectBase = endpoint({
  id: 'inspectBase',
  method: 'POST',
  path: '/base-images/inspect',
  tag: 'base images',
  summary: 'What an image holds that somebody thinks of building upon, registered or not.',
  body: z.strictObject({
    reference: shape.reference,
    pullSecret: shape.pullSecret.default(null),
    ownerGroup: z
      .string()
      .min(1)
      .max(63)
      .nullable()
      .default(null)
      .meta({ description: 'The group that the image will belong to: its pull secrets may be used.' }),
  }),
  status: 200,
  answer: z
    .object({
      digest: z.string(),
      platform: z.string().meta({ example: 'linux/amd64' }),
      os: z.string().nullable().meta({ example: 'Debian GNU/Linux 12 (bookworm)' }),
      python: z
        .object({
          version: z.string().meta({ example: '3.11.2' }),
          packages: z.number().int().meta({ description: 'Distributions that it has installed.' }),
        })
        .nullable()
        .meta({ description: 'What the PATH of the image starts, if pip packages can be laid down for it.' }),
      layers: z.number().int(),
      sizeBytes: z.number().int().meta({ description: 'As it is downloaded.' }),
    })
    .meta({ id: 'BaseContents' }),
  errors: ['reference-invalid', 'base-not-found', 'base-unsupported', 'platform-unavailable', 'not-found'],
});

export const createBaseImage = endpoint({
  id: 'createBaseImage',
  method: 'POST',
  path: '/base-images',
  tag: 'base images',
  summary: 'Offer a base to everybody.',
  body: newBaseImageSchema,
  status: 201,
  answer: baseImageSchema,
  errors: ['conflict', 'forbidden', 'reference-invalid'],
});

export const getBaseImage = endpoint({
  id: 'getBaseImage',
  method: 'GET',
  path: '/base-images/{id}',
  tag: 'base images',
  summary: 'A registered base.',
  params: byId,
  status: 200,
  answer: baseImageSchema,
  errors: ['not-found'],
});

export const editBaseImage = endpoint({
  id: 'editBaseImage',
  method: 'PATCH',
  path: '/base-images/{id}',
  tag: 'base images',
  summary: 'Change a registered base: only what is named changes.',
  params: byId,
  body: baseImagePatchSchema,
  status: 200,
  answer: baseImageSchema,
  errors: ['not-found', 'conflict', 'forbidden', 'reference-invalid'],
});

export const deleteBaseImage = endpoint({
  id: 'deleteBaseImage',
  method: 'DELETE',
  path: '/base-images/{id}',
  tag: 'base images',
  summary: 'Offer a base no longer; images built upon it stay.',
  params: byId,
  status: 204,
  errors: ['not-found', 'forbidden'],
});
