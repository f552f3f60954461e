import type { Hono } from 'hono';
import type { z } from 'zod';
import * as api from '../../api/people.ts';
import { BuilderError } from '../../errors.ts';
import { say } from '../../sentence.ts';
import { recordAudit } from '../../store/audit.ts';
import type { Database, Queries } from '../../store/database.ts';
import {
  deleteGroup,
  findGroup,
  insertGroup,
  listGroups,
  listMembers,
  removeMember,
  type StoredGroup,
  setMember,
  updateGroup,
} from '../../store/people/groups.ts';
import type { Actor } from '../actor.ts';
import { isAllowed, mustBeAllowed, type Right } from '../rights.ts';
import { type ApiEnv, serveEndpoint } from '../serve-endpoint.ts';

/** Answers which groups there are and who is in them. */
export function groupRoutes(app: Hono<ApiEnv>, { database }: { readonly database: Database }): void {
  const find = async (actor: Actor, name: string, right: Right = 'group.view'): Promise<StoredGroup> => {
    const group = await findGroup(database, name);
    if (group === undefined || !isAllowed(actor, 'group.view', { ownerGroup: name })) throw notFound(name);
    mustBeAllowed(actor, right, { ownerGroup: name });
    return group;
  };

  serveEndpoint(app, api.listGroups, async ({ actor, query: { q, page, pageSize } }) => {
    const ofUser = actor.isAdmin ? undefined : actor.name;
    const { items, total } = await listGroups(database, { ofUser, search: q, page, pageSize });
    return { items: items.map(presentGroup), total, page, pageSize };
  });

  serveEndpoint(app, api.createGroup, async ({ actor, body }) => {
    mustBeAllowed(actor, 'groups.manage', {});
    const { name, limits } = body;
    return database.transaction(async (tx) => {
      const group = await insertGroup(tx, body);
      await recordAudit(tx, { actor: actor.name, action: 'group.create', target: name, detail: { limits } });
      return presentDetails(tx, group);
    });
  });

  serveEndpoint(app, api.getGroup, async ({ actor, params }) =>
    presentDetails(database, await find(actor, params.name)),
  );

  serveEndpoint(app, api.editGroup, async ({ actor, params: { name }, body }) => {
    await find(actor, name, 'groups.manage');
    return database.transaction(async (tx) => {
      const group = await updateGroup(tx, name, body);
      if (group === undefined) throw notFound(name);
      await recordAudit(tx, { actor: actor.name, action: 'group.edit', target: name, detail: body });
      return presentDetails(tx, group);
    });
  });

  serveEndpoint(app, api.deleteGroup, async ({ actor, params: { name } }) => {
    await find(actor, name, 'groups.manage');
    await database.transaction(async (tx) => {
      if (!(await deleteGroup(tx, name))) throw notFound(name);
      await recordAudit(tx, { actor: actor.name, action: 'group.delete', target: name });
    });
  });

  serveEndpoint(app, api.setGroupMember, async ({ actor, params: { name, user }, body: { role } }) => {
    const group = await find(actor, name, 'group.members.manage');
    return database.transaction(async (tx) => {
      await setMember(tx, { user, group: name, role });
      const detail = { user, role };
      await recordAudit(tx, { actor: actor.name, action: 'group.member.set', target: name, detail });
      return presentDetails(tx, (await findGroup(tx, name)) ?? group);
    });
  });

  serveEndpoint(app, api.removeGroupMember, async ({ actor, params: { name, user } }) => {
    await find(actor, name, 'group.members.manage');
    await database.transaction(async (tx) => {
      if (!(await removeMember(tx, user, name))) {
        throw new BuilderError('not-found', say`"${user}" is not in the group "${name}"`);
      }
      await recordAudit(tx, { actor: actor.name, action: 'group.member.remove', target: name, detail: { user } });
    });
  });
}

function presentGroup(group: StoredGroup): z.output<typeof api.groupSchema> {
  const { name, displayName, limits, memberCount, createdAt } = group;
  return { name, displayName, limits: { ...limits }, memberCount, createdAt: createdAt.toISOString() };
}

async function presentDetails(queries: Queries, group: StoredGroup): Promise<z.output<typeof api.groupDetailsSchema>> {
  return { ...presentGroup(group), members: [...(await listMembers(queries, group.name))] };
}

function notFound(name: string): BuilderError {
  return new BuilderError('not-found', say`There is no group called "${name}"`);
}
