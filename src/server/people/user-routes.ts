import type { Hono } from 'hono';
import type { z } from 'zod';
import * as api from '../../api/people.ts';
import { BuilderError } from '../../errors.ts';
import { say } from '../../sentence.ts';
import { recordAudit } from '../../store/audit.ts';
import type { Database } from '../../store/database.ts';
import { deleteSessionsOf } from '../../store/people/sessions.ts';
import { createSignInLink } from '../../store/people/sign-in-links.ts';
import {
  builtInAdministrator,
  deleteUser,
  findUser,
  insertUser,
  listUsers,
  type StoredUser,
  updateUser,
} from '../../store/people/users.ts';
import type { Actor } from '../actor.ts';
import { mustBeAllowed } from '../rights.ts';
import { type ApiEnv, serveEndpoint } from '../serve-endpoint.ts';

export interface UserRoutesContext {
  readonly database: Database;
  /** Where sign-in links lead: `https://images.example.com`. */
  readonly publicUrl: () => string;
}

/** Answers who there is, to administrators. */
export function userRoutes(app: Hono<ApiEnv>, { database, publicUrl }: UserRoutesContext): void {
  const find = async (actor: Actor, name: string): Promise<StoredUser> => {
    mustBeAllowed(actor, 'users.manage', {});
    const user = await findUser(database, name);
    if (user === undefined) throw notFound(name);
    return user;
  };

  serveEndpoint(app, api.listUsers, async ({ actor, query: { q, ...query } }) => {
    mustBeAllowed(actor, 'users.manage', {});
    const { items, total } = await listUsers(database, { ...query, search: q });
    return { items: items.map(presentUser), total, page: query.page, pageSize: query.pageSize };
  });

  serveEndpoint(app, api.createUser, async ({ actor, body }) => {
    mustBeAllowed(actor, 'users.manage', {});
    const user = await database.transaction(async (tx) => {
      await recordAudit(tx, {
        actor: actor.name,
        action: 'user.create',
        target: body.name,
        detail: { isAdmin: body.isAdmin },
      });
      return insertUser(tx, body);
    });
    return presentUser(user);
  });

  serveEndpoint(app, api.getUser, async ({ actor, params }) => presentUser(await find(actor, params.name)));

  serveEndpoint(app, api.editUser, async ({ actor, params: { name }, body }) => {
    await find(actor, name);
    if (name === builtInAdministrator && (body.isAdmin === false || body.isDisabled === true)) throw isBuiltIn();
    const user = await database.transaction(async (tx) => {
      if (body.isDisabled) await deleteSessionsOf(tx, name);
      const { isAdmin, isDisabled } = body;
      const detail = { fields: Object.keys(body), isAdmin, isDisabled };
      await recordAudit(tx, { actor: actor.name, action: 'user.edit', target: name, detail });
      return updateUser(tx, name, body);
    });
    if (user === undefined) throw notFound(name);
    return presentUser(user);
  });

  serveEndpoint(app, api.deleteUser, async ({ actor, params: { name } }) => {
    await find(actor, name);
    if (name === builtInAdministrator) throw isBuiltIn();
    await database.transaction(async (tx) => {
      if (!(await deleteUser(tx, name))) throw notFound(name);
      await recordAudit(tx, { actor: actor.name, action: 'user.delete', target: name });
    });
  });

  serveEndpoint(app, api.createUserSignInLink, async ({ actor, params: { name } }) => {
    const { disabledAt } = await find(actor, name);
    if (disabledAt !== null) {
      throw new BuilderError('conflict', say`The user "${name}" is disabled`, { hint: say`Enable the user first.` });
    }
    const url = await database.transaction(async (tx) => {
      await recordAudit(tx, { actor: actor.name, action: 'user.sign-in-link', target: name });
      return createSignInLink(tx, { userName: name, publicUrl: publicUrl() });
    });
    return { url };
  });
}

function presentUser(user: StoredUser): z.output<typeof api.userSchema> {
  const { name, displayName, email, isAdmin, groups, oidcIssuer, disabledAt, createdAt, lastSeenAt } = user;
  return {
    ...{ name, displayName, email, isAdmin, groups: { ...groups }, issuer: oidcIssuer },
    isDisabled: disabledAt !== null,
    createdAt: createdAt.toISOString(),
    lastSeenAt: lastSeenAt?.toISOString() ?? null,
  };
}

function notFound(name: string): BuilderError {
  return new BuilderError('not-found', say`There is no user called "${name}"`);
}

function isBuiltIn(): BuilderError {
  return new BuilderError('conflict', say`The user "${builtInAdministrator}" is built in and stays an administrator`, {
    hint: say`To keep others out, change the administrator token and end its sessions.`,
  });
}
