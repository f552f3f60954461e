import type { Hono } from 'hono';
import type { z } from 'zod';
import * as api from '../../api/people.ts';
import { BuilderError } from '../../errors.ts';
import { say } from '../../sentence.ts';
import { recordAudit } from '../../store/audit.ts';
import type { Database } from '../../store/database.ts';
import { createToken, findToken, listTokens, revokeToken, type StoredToken } from '../../store/people/tokens.ts';
import { mustBeAllowed } from '../rights.ts';
import { type ApiEnv, serveEndpoint } from '../serve-endpoint.ts';

const dayMs = 24 * 3_600_000;

/** Answers the API tokens of the person who asks. */
export function tokenRoutes(app: Hono<ApiEnv>, { database }: { readonly database: Database }): void {
  serveEndpoint(app, api.listTokens, async ({ actor, query: { user = actor.name, page, pageSize } }) => {
    mustBeAllowed(actor, user === actor.name ? 'token.view' : 'users.manage', {});
    const { items, total } = await listTokens(database, { user, page, pageSize });
    return { items: items.map(presentToken), total, page, pageSize };
  });

  serveEndpoint(app, api.createToken, async ({ actor, body: { name, expiresInDays, ...body } }) => {
    mustBeAllowed(actor, 'token.manage', {});
    const scopes = [...new Set(body.scopes)];
    const expiresAt = expiresInDays === null ? null : new Date(Date.now() + expiresInDays * dayMs);
    return database.transaction(async (tx) => {
      const { token, text } = await createToken(tx, { user: actor.name, name, scopes, expiresAt });
      const detail = { id: token.id, name, scopes, expiresAt: token.expiresAt };
      await recordAudit(tx, { actor: actor.name, action: 'token.create', target: actor.name, detail });
      return { ...presentToken(token), token: text };
    });
  });

  serveEndpoint(app, api.revokeToken, async ({ actor, params: { id } }) => {
    const token = await findToken(database, id);
    if (token === undefined || (token.user !== actor.name && !actor.isAdmin)) throw notFound(id);
    mustBeAllowed(actor, token.user === actor.name ? 'token.manage' : 'users.manage', {});
    await database.transaction(async (tx) => {
      if (!(await revokeToken(tx, id))) throw notFound(id);
      const detail = { id, name: token.name };
      await recordAudit(tx, { actor: actor.name, action: 'token.revoke', target: token.user, detail });
    });
  });
}

function presentToken(token: StoredToken): z.output<typeof api.tokenSchema> {
  const { id, user, name, prefix, scopes, createdAt, expiresAt, lastUsedAt } = token;
  return {
    ...{ id, user, name, prefix, scopes: [...scopes] },
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  };
}

function notFound(id: string): BuilderError {
  return new BuilderError('not-found', say`There is no token ${id}`);
}
