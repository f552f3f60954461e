import { z } from 'zod';
import { endpoint } from './endpoint.ts';

export const collectionSchema = z
  .object({
    isDryRun: z.boolean(),
    revisions: z.number().int().meta({ description: 'Revisions of images that no rule keeps.' }),
    links: z.number().int().meta({ description: 'Blobs of repositories that no manifest there names.' }),
    blobs: z.number().int().meta({ description: 'Blobs that no repository has.' }),
    bytes: z.number().int().meta({ description: 'Their size together.' }),
  })
  .meta({ id: 'RegistryCollection' });

export const collectRegistryGarbage = endpoint({
  id: 'collectRegistryGarbage',
  method: 'POST',
  path: '/registry/collections',
  tag: 'settings',
  summary: 'Delete what nobody can pull any more from the embedded registry, while it is in use.',
  body: z
    .object({
      isDryRun: z.boolean().default(false).meta({ description: 'Only tell what would be deleted.' }),
      isForced: z.boolean().default(false).meta({
        description: 'Also when the blobs belong to another database; they belong to this one from then on.',
      }),
      retention: z
        .object({
          keepLast: z.number().int().min(1).max(1_000_000),
          keepDays: z.number().int().min(1).max(36_500),
        })
        .optional()
        .meta({
          description:
            'Let old revisions of images expire: all but the last ones, those tagged or pulled within so many days, and those in force.',
        }),
    })
    .meta({ id: 'RegistryCollectionRequest' }),
  status: 200,
  answer: collectionSchema,
  errors: ['forbidden', 'conflict'],
});
