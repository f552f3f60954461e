import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { plainText, secretText } from './plain-text.ts';

const shown = {
  endpoint: z.string().nullable(),
  username: z.string().nullable(),
  pushRepo: z.string().nullable(),
  pushRepoPrefix: z.string().nullable(),
  insecureSkipVerify: z.boolean(),
  plainHttp: z.boolean(),
  embedded: z.boolean(),
};

export const registrySettingsSchema = z
  .object({
    ...shown,
    hasPassword: z.boolean(),
    source: z
      .enum(['stored', 'embedded', 'none'])
      .meta({ description: 'Where images go: a registry that was set, the embedded one, or nowhere.' }),
    exampleImage: z.string().nullable().meta({
      description: 'What an image called "example" becomes.',
      example: 'registry.example.com/team/example:1a2b3c4d',
    }),
    version: z.number().int().meta({ description: 'Counts changes; 0 when nothing was ever set.' }),
    updatedBy: z.string().nullable(),
    updatedAt: z.string().nullable(),
  })
  .meta({ id: 'RegistrySettings' });

const place = plainText({ min: 1, max: 500 }).nullable().default(null);
const inputShape = {
  endpoint: place.meta({ description: 'Host, or URL of a host.', example: 'https://registry.example.com' }),
  username: plainText({ min: 1, max: 500 })
    .refine((name) => !name.includes(':'), { error: 'must not hold a colon' })
    .nullable()
    .default(null)
    .meta({ description: '"_json_key" with a key file of Google as the password.' }),
  password: secretText.nullable().optional().meta({
    description: 'Left out to keep the one that stands; null removes it. Never shown again.',
    writeOnly: true,
  }),
  pushRepo: place.meta({ description: 'Gives <repo>:<name>-<revision>; wins over the prefix.' }),
  pushRepoPrefix: place.meta({ description: 'Gives <prefix>/<name>:<revision>.' }),
  insecureSkipVerify: z.boolean().default(false).meta({ description: 'Take any certificate.' }),
  plainHttp: z.boolean().default(false),
  embedded: z
    .boolean()
    .default(true)
    .meta({ description: 'Where no registry is named: push to the embedded one. False refuses custom images.' }),
};

export const registryInputSchema = z
  .strictObject({
    ...inputShape,
    version: z.number().int().min(0).max(2_147_483_647).optional().meta({
      description: 'The version that the change was made from; left out to write over whatever stands there.',
    }),
  })
  .meta({ id: 'NewRegistrySettings' });

const checkSchema = z
  .object({
    check: z.enum(['reachable', 'signed-in', 'may-push']),
    result: z.enum(['ok', 'failed', 'skipped']),
    message: z.string(),
    hint: z.string().optional(),
  })
  .meta({ id: 'RegistryCheck' });

export const getRegistry = endpoint({
  id: 'getRegistry',
  method: 'GET',
  path: '/registry',
  tag: 'settings',
  summary: 'Where images are pushed to.',
  status: 200,
  answer: registrySettingsSchema,
  errors: ['forbidden'],
});

export const setRegistry = endpoint({
  id: 'setRegistry',
  method: 'PUT',
  path: '/registry',
  tag: 'settings',
  summary: 'Say where images are pushed to.',
  body: registryInputSchema,
  status: 200,
  answer: registrySettingsSchema,
  errors: ['conflict', 'forbidden'],
});

export const deleteRegistry = endpoint({
  id: 'deleteRegistry',
  method: 'DELETE',
  path: '/registry',
  tag: 'settings',
  summary: 'Forget the registry: images go to the embedded one again.',
  status: 204,
  errors: ['forbidden'],
});

export const testRegistry = endpoint({
  id: 'testRegistry',
  method: 'POST',
  path: '/registry/test',
  tag: 'settings',
  summary: 'Try a registry out: can it be reached, does it take the credentials, may images be pushed.',
  body: z.strictObject({
    settings: z
      .strictObject(inputShape)
      .optional()
      .meta({ description: 'What to try, before it is saved; left out for what is in force.' }),
  }),
  status: 200,
  answer: z
    .object({
      isOk: z.boolean(),
      registryHost: z.string(),
      exampleImage: z.string(),
      checks: z.array(checkSchema),
    })
    .meta({ id: 'RegistryTest' }),
  errors: ['registry-not-set', 'forbidden'],
});

export const getRegistryStatus = endpoint({
  id: 'getRegistryStatus',
  method: 'GET',
  path: '/registry/status',
  tag: 'settings',
  summary: 'Whether custom images have a registry to go to.',
  status: 200,
  answer: z.object({ isSet: z.boolean() }).meta({ id: 'RegistryStatus' }),
});
