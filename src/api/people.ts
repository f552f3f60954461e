import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { pageOf, pagingShape } from './paging.ts';

const nameRule = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/** Name of a user or group. */
export const personNameSchema = z
  .string()
  .regex(nameRule, {
    error: '1 to 63 lower case letters, digits, ".", "_" or "-", of which the first is a letter or digit',
  })
  .meta({ example: 'alice' });

/** One line for people to read. */
const lineOfText = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[^\u0000-\u001f\u007f]*$/, { error: 'one line of text without control characters' });

const roleSchema = z.enum(['admin', 'member']);
const searchShape = { ...pagingShape, q: lineOfText(200).optional().meta({ description: 'Part of a name.' }) };
const byName = z.object({ name: personNameSchema });
const groupsOf = z
  .record(z.string(), roleSchema)
  .meta({ description: 'The role in each of the groups.', example: { research: 'admin' } });

export const getMe = endpoint({
  id: 'getMe',
  method: 'GET',
  path: '/me',
  tag: 'people',
  summary: 'Who you are.',
  status: 200,
  answer: z
    .object({ name: z.string(), displayName: z.string(), isAdmin: z.boolean(), groups: groupsOf })
    .meta({ id: 'Me' }),
});

export const signOut = endpoint({
  id: 'signOut',
  method: 'POST',
  path: '/sign-out',
  tag: 'people',
  summary: 'End the session of this browser.',
  status: 204,
});

export const userSchema = z
  .object({
    name: z.string(),
    displayName: z.string(),
    email: z.string().meta({ description: 'Empty when it is not known.' }),
    isAdmin: z.boolean(),
    groups: groupsOf,
    issuer: z.string().nullable().meta({ description: 'The identity provider that the person comes from.' }),
    isDisabled: z.boolean(),
    createdAt: z.string(),
    lastSeenAt: z.string().nullable(),
  })
  .meta({ id: 'User' });

const userShape = { displayName: lineOfText(200), email: lineOfText(320), isAdmin: z.boolean() };

export const listUsers = endpoint({
  id: 'listUsers',
  method: 'GET',
  path: '/users',
  tag: 'people',
  summary: 'All users.',
  query: z.object({ ...searchShape, group: personNameSchema.optional() }),
  status: 200,
  answer: pageOf(userSchema),
  errors: ['forbidden'],
});

export const createUser = endpoint({
  id: 'createUser',
  method: 'POST',
  path: '/users',
  tag: 'people',
  summary: 'Make a user.',
  body: z
    .strictObject({
      name: personNameSchema,
      displayName: userShape.displayName.default(''),
      email: userShape.email.default(''),
      isAdmin: userShape.isAdmin.default(false),
    })
    .meta({ id: 'NewUser' }),
  status: 201,
  answer: userSchema,
  errors: ['forbidden', 'conflict'],
});

export const getUser = endpoint({
  id: 'getUser',
  method: 'GET',
  path: '/users/{name}',
  tag: 'people',
  summary: 'One user.',
  params: byName,
  status: 200,
  answer: userSchema,
  errors: ['forbidden', 'not-found'],
});

export const editUser = endpoint({
  id: 'editUser',
  method: 'PATCH',
  path: '/users/{name}',
  tag: 'people',
  summary: 'Change a user; one that is disabled can do nothing.',
  params: byName,
  body: z
    .strictObject({ ...userShape, isDisabled: z.boolean() })
    .partial()
    .meta({ id: 'UserPatch' }),
  status: 200,
  answer: userSchema,
  errors: ['forbidden', 'not-found', 'conflict'],
});

export const deleteUser = endpoint({
  id: 'deleteUser',
  method: 'DELETE',
  path: '/users/{name}',
  tag: 'people',
  summary: 'Delete a user, with tokens and sessions; images and jobs stay.',
  params: byName,
  status: 204,
  errors: ['forbidden', 'not-found', 'conflict'],
});

export const createUserSignInLink = endpoint({
  id: 'createUserSignInLink',
  method: 'POST',
  path: '/users/{name}/sign-in-link',
  tag: 'people',
  summary: 'Make a link by which the user can sign in once, within a day.',
  params: byName,
  status: 201,
  answer: z.object({ url: z.string().meta({ description: 'Shown this once.' }) }).meta({ id: 'SignInLink' }),
  errors: ['forbidden', 'not-found', 'conflict'],
});

const most = (max: number, description: string) => z.number().int().min(1).max(max).optional().meta({ description });

/** What the builds of a group may use; what is absent is as the platform allows. */
export const groupLimitsSchema = z
  .strictObject({
    maxRunningJobs: most(1000, 'Builds at once.'),
    timeoutMinutes: most(100_000, 'Longest time for one build.'),
    memoryMiB: most(100_000_000, 'Memory of one build.'),
    diskMiB: most(100_000_000, 'Disk of one build.'),
  })
  .meta({ id: 'GroupLimits' });

export const groupSchema = z
  .object({
    name: z.string(),
    displayName: z.string(),
    limits: groupLimitsSchema,
    memberCount: z.number().int(),
    createdAt: z.string(),
  })
  .meta({ id: 'Group' });

const memberSchema = z.object({ user: z.string(), displayName: z.string(), role: roleSchema }).meta({ id: 'Member' });

/** A group with all its members. */
export const groupDetailsSchema = z
  .object({ ...groupSchema.shape, members: z.array(memberSchema) })
  .meta({ id: 'GroupDetails' });

const groupShape = { displayName: lineOfText(200), limits: groupLimitsSchema };

export const listGroups = endpoint({
  id: 'listGroups',
  method: 'GET',
  path: '/groups',
  tag: 'people',
  summary: 'Your groups; all of them for administrators.',
  query: z.object(searchShape),
  status: 200,
  answer: pageOf(groupSchema),
});

export const createGroup = endpoint({
  id: 'createGroup',
  method: 'POST',
  path: '/groups',
  tag: 'people',
  summary: 'Make a group.',
  body: z
    .strictObject({
      name: personNameSchema,
      displayName: groupShape.displayName.default(''),
      limits: groupShape.limits.default({}),
    })
    .meta({ id: 'NewGroup' }),
  status: 201,
  answer: groupDetailsSchema,
  errors: ['forbidden', 'conflict'],
});

export const getGroup = endpoint({
  id: 'getGroup',
  method: 'GET',
  path: '/groups/{name}',
  tag: 'people',
  summary: 'One group with its members.',
  params: byName,
  status: 200,
  answer: groupDetailsSchema,
  errors: ['not-found'],
});

export const editGroup = endpoint({
  id: 'editGroup',
  method: 'PATCH',
  path: '/groups/{name}',
  tag: 'people',
  summary: 'Change a group; limits are set as a whole.',
  params: byName,
  body: z.strictObject(groupShape).partial().meta({ id: 'GroupPatch' }),
  status: 200,
  answer: groupDetailsSchema,
  errors: ['forbidden', 'not-found'],
});

export const deleteGroup = endpoint({
  id: 'deleteGroup',
  method: 'DELETE',
  path: '/groups/{name}',
  tag: 'people',
  summary: 'Delete a group that no image belongs to.',
  params: byName,
  status: 204,
  errors: ['forbidden', 'not-found', 'conflict'],
});

const memberParams = z.object({ name: personNameSchema, user: personNameSchema });

export const setGroupMember = endpoint({
  id: 'setGroupMember',
  method: 'PUT',
  path: '/groups/{name}/members/{user}',
  tag: 'people',
  summary: 'Put a user into a group, or change the role there.',
  params: memberParams,
  body: z.strictObject({ role: roleSchema.default('member') }).prefault({}),
  status: 200,
  answer: groupDetailsSchema,
  errors: ['forbidden', 'not-found'],
});

export const removeGroupMember = endpoint({
  id: 'removeGroupMember',
  method: 'DELETE',
  path: '/groups/{name}/members/{user}',
  tag: 'people',
  summary: 'Take a user out of a group.',
  params: memberParams,
  status: 204,
  errors: ['forbidden', 'not-found'],
});

const scopesSchema = z
  .array(z.enum(['read', 'write', 'admin']))
  .min(1)
  .max(3)
  .meta({ description: 'read: change nothing; write: all but administration; admin: all that the owner may.' });

const tokenShape = {
  id: z.string(),
  user: z.string(),
  name: z.string(),
  prefix: z.string().meta({ description: 'The first characters of the token.', example: 'iw_Ab3xYz' }),
  scopes: scopesSchema,
  createdAt: z.string(),
  expiresAt: z.string().nullable(),
  lastUsedAt: z.string().nullable(),
};

export const tokenSchema = z.object(tokenShape).meta({ id: 'Token' });

export const listTokens = endpoint({
  id: 'listTokens',
  method: 'GET',
  path: '/tokens',
  tag: 'people',
  summary: 'Your API tokens that are not revoked, the newest first.',
  query: z.object({
    ...pagingShape,
    user: personNameSchema.optional().meta({ description: 'Those of another user, for administrators.' }),
  }),
  status: 200,
  answer: pageOf(tokenSchema),
  errors: ['forbidden'],
});

export const createToken = endpoint({
  id: 'createToken',
  method: 'POST',
  path: '/tokens',
  tag: 'people',
  summary: 'Make an API token of your own.',
  body: z
    .strictObject({
      name: lineOfText(100).min(1),
      scopes: scopesSchema.default(['write']),
      expiresInDays: z
        .number()
        .int()
        .min(1)
        .max(3650)
        .nullable()
        .default(90)
        .meta({ description: 'null: it never expires.' }),
    })
    .meta({ id: 'NewToken' }),
  status: 201,
  answer: z
    .object({ ...tokenShape, token: z.string().meta({ description: 'The token itself, shown this once.' }) })
    .meta({ id: 'CreatedToken' }),
  errors: ['forbidden'],
});

export const revokeToken = endpoint({
  id: 'revokeToken',
  method: 'DELETE',
  path: '/tokens/{id}',
  tag: 'people',
  summary: 'Revoke an API token of yours; administrators may revoke any.',
  params: z.object({ id: z.uuid() }),
  status: 204,
  errors: ['forbidden', 'not-found'],
});
