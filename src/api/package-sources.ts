import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { plainLines, plainText, secretText } from './plain-text.ts';

const kindSchema = z.enum(['pip', 'conda', 'apt', 'ca-bundle', 'proxy']);

const nameSchema = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9._]*[a-z0-9])?$/, {
    error: 'lower case alphanumeric characters, "-", "_" or ".", and must start and end with an alphanumeric character',
  })
  .meta({ example: 'internal-pypi' });

const host = plainText({ min: 1, max: 300 });
const optionsSchema = z
  .strictObject({
    isDefault: z
      .boolean()
      .optional()
      .meta({ description: 'Of a pip index: it stands in place of the public one and is asked last.' }),
    suite: plainText({ min: 1, max: 100 })
      .optional()
      .meta({ description: 'Of an apt source that is asked besides those of the base.', example: 'bookworm' }),
    components: z
      .array(plainText({ min: 1, max: 100 }))
      .max(20)
      .optional()
      .meta({ description: 'Of such a source.', example: ['main'] }),
    signedBy: plainLines({ max: 100_000 }).optional().meta({
      description:
        'Of such a source: the OpenPGP keys that may sign it, armoured; those that the base trusts unless given.',
    }),
    mirrorOf: plainText({ min: 1, max: 2000 }).optional().meta({
      description: 'Of an apt mirror: sources of bases that begin with this are asked at the URL instead.',
      example: 'http://archive.example.com',
    }),
    certificates: plainLines({ max: 1_000_000 })
      .optional()
      .meta({ description: 'Of a bundle: certificates of authorities in PEM format.' }),
    noProxy: z.array(host).max(200).optional().meta({ description: 'Of a proxy: hosts that are asked without it.' }),
  })
  .meta({ id: 'PackageSourceOptions' });

export const packageSourceSchema = z
  .object({
    name: nameSchema,
    kind: kindSchema,
    url: z.string().nullable().meta({ description: 'Without credentials; *** stands for a token.' }),
    hasCredentials: z.boolean(),
    position: z.number().int(),
    options: optionsSchema,
    createdBy: z.string(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: 'PackageSource' });

const shape = {
  url: plainText({ min: 1, max: 2000 }).nullable().meta({
    description:
      'May hold credentials, which are taken out and never shown: user name, password, token of a conda channel.',
    example: 'https://pypi.example.com/simple',
  }),
  username: plainText({ min: 1, max: 500 }).nullable().meta({ writeOnly: true }),
  password: secretText.nullable(),
  position: z
    .number()
    .int()
    .min(0)
    .max(1_000_000)
    .meta({ description: 'Those of a kind are asked from the lowest on.' }),
  options: optionsSchema,
};

export const newPackageSourceSchema = z
  .strictObject({
    kind: kindSchema,
    name: nameSchema,
    url: shape.url.default(null),
    username: shape.username.optional(),
    password: shape.password.optional(),
    position: shape.position.default(0),
    options: shape.options.default({}),
  })
  .meta({ id: 'NewPackageSource' });

export const packageSourcePatchSchema = z
  .strictObject({
    url: shape.url.optional(),
    username: shape.username.optional().meta({ description: 'null removes user name and password.' }),
    password: shape.password.optional(),
    position: shape.position.optional(),
    options: shape.options.optional(),
  })
  .meta({ id: 'PackageSourcePatch' });

const byName = z.object({ name: nameSchema });

export const listPackageSources = endpoint({
  id: 'listPackageSources',
  method: 'GET',
  path: '/package-sources',
  tag: 'settings',
  summary: 'Where packages come from: pip indexes, conda channels, apt mirrors, certificates and proxies.',
  query: z.object({ kind: kindSchema.optional() }),
  status: 200,
  answer: z.object({ items: z.array(packageSourceSchema) }),
  errors: ['forbidden'],
});

export const createPackageSource = endpoint({
  id: 'createPackageSource',
  method: 'POST',
  path: '/package-sources',
  tag: 'settings',
  summary: 'Add a source of packages.',
  body: newPackageSourceSchema,
  status: 201,
  answer: packageSourceSchema,
  errors: ['conflict', 'forbidden'],
});

export const getPackageSource = endpoint({
  id: 'getPackageSource',
  method: 'GET',
  path: '/package-sources/{name}',
  tag: 'settings',
  summary: 'A source of packages, without its credentials.',
  params: byName,
  status: 200,
  answer: packageSourceSchema,
  errors: ['not-found', 'forbidden'],
});

export const editPackageSource = endpoint({
  id: 'editPackageSource',
  method: 'PATCH',
  path: '/package-sources/{name}',
  tag: 'settings',
  summary: 'Change a source of packages: only what is named changes.',
  params: byName,
  body: packageSourcePatchSchema,
  status: 200,
  answer: packageSourceSchema,
  errors: ['not-found', 'conflict', 'forbidden'],
});

export const deletePackageSource = endpoint({
  id: 'deletePackageSource',
  method: 'DELETE',
  path: '/package-sources/{name}',
  tag: 'settings',
  summary: 'Remove a source of packages.',
  params: byName,
  status: 204,
  errors: ['not-found', 'forbidden'],
});
