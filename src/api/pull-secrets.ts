import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { pageOf, pagingShape } from './paging.ts';
import { plainText, secretText } from './plain-text.ts';

/** Name of a pull secret. */
export const pullSecretNameSchema = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, {
    error: 'lower case alphanumeric characters, "-" or ".", and must start and end with an alphanumeric character',
  })
  .meta({ example: 'team-registry' });

export const pullSecretSchema = z
  .object({
    name: pullSecretNameSchema,
    registryHost: z
      .string()
      .meta({ description: 'The registry that it is for, and no other.', example: 'registry.example.com:5000' }),
    username: z.string().nullable().meta({ description: 'Shown only to those who may change it.' }),
    ownerGroup: z.string().nullable().meta({ description: 'The group that it belongs to; null: the platform.' }),
    createdBy: z.string(),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: 'PullSecret' });

const registryHost = plainText({ min: 1, max: 300 }).meta({ example: 'registry.example.com:5000' });
const username = plainText({ min: 1, max: 500 })
  .refine((name) => !name.includes(':'), { error: 'must not hold a colon' })
  .meta({ description: '"<token>" where the password is an identity token.' });
const ownerGroup = plainText({ min: 1, max: 63 }).nullable();

/** One registry with user name and password, or a docker configuration. */
export const newPullSecretSchema = z
  .strictObject({
    name: pullSecretNameSchema,
    registryHost: registryHost.optional(),
    username: username.optional(),
    password: secretText.optional(),
    dockerConfigJson: z
      .union([z.string().max(1_000_000), z.record(z.string(), z.unknown())])
      .optional()
      .meta({
        description:
          'In place of the three: {"auths": {…}}, or its text, or its base64 as in a Kubernetes secret. Of several registries each becomes a secret of its own, called <name>-<host>.',
        writeOnly: true,
      }),
    ownerGroup: ownerGroup.default(null),
  })
  .meta({ id: 'NewPullSecret' });

export const pullSecretPatchSchema = z
  .strictObject({
    registryHost: registryHost.optional().meta({ description: 'Needs the password anew.' }),
    username: username.optional(),
    password: secretText.optional(),
    ownerGroup: ownerGroup.optional(),
  })
  .meta({ id: 'PullSecretPatch' });

const byName = z.object({ name: pullSecretNameSchema });

export const listPullSecrets = endpoint({
  id: 'listPullSecrets',
  method: 'GET',
  path: '/pull-secrets',
  tag: 'secrets',
  summary: "The pull secrets that you may use: the platform's and your groups'.",
  query: z.object({
    ...pagingShape,
    q: plainText({ max: 200 }).optional().meta({ description: 'Part of a name or host.' }),
  }),
  status: 200,
  answer: pageOf(pullSecretSchema),
});

export const createPullSecrets = endpoint({
  id: 'createPullSecrets',
  method: 'POST',
  path: '/pull-secrets',
  tag: 'secrets',
  summary: 'Keep what a registry is signed in with; one secret for each registry.',
  body: newPullSecretSchema,
  status: 201,
  answer: z.object({ items: z.array(pullSecretSchema) }),
  errors: ['conflict', 'forbidden'],
});

export const getPullSecret = endpoint({
  id: 'getPullSecret',
  method: 'GET',
  path: '/pull-secrets/{name}',
  tag: 'secrets',
  summary: 'A pull secret, without its password.',
  params: byName,
  status: 200,
  answer: pullSecretSchema,
  errors: ['not-found'],
});

export const editPullSecret = endpoint({
  id: 'editPullSecret',
  method: 'PATCH',
  path: '/pull-secrets/{name}',
  tag: 'secrets',
  summary: 'Change a pull secret: only what is named changes.',
  params: byName,
  body: pullSecretPatchSchema,
  status: 200,
  answer: pullSecretSchema,
  errors: ['not-found', 'conflict', 'forbidden'],
});

export const deletePullSecret = endpoint({
  id: 'deletePullSecret',
  method: 'DELETE',
  path: '/pull-secrets/{name}',
  tag: 'secrets',
  summary: 'Delete a pull secret that no image uses.',
  params: byName,
  status: 204,
  errors: ['not-found', 'conflict', 'forbidden'],
});
