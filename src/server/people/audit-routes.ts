import type { Hono } from 'hono';
import * as api from '../../api/audit.ts';
import { listAudit } from '../../store/audit.ts';
import type { Database } from '../../store/database.ts';
import { mustBeAllowed } from '../rights.ts';
import { type ApiEnv, serveEndpoint } from '../serve-endpoint.ts';

/** Answers what was changed by whom. */
export function auditRoutes(app: Hono<ApiEnv>, { database }: { readonly database: Database }): void {
  serveEndpoint(app, api.listAudit, async ({ actor, query }) => {
    mustBeAllowed(actor, 'audit.view', {});
    const { items, total } = await listAudit(database, query);
    return {
      items: items.map(({ at, detail, ...rest }) => ({ ...rest, at: at.toISOString(), detail: { ...detail } })),
      total,
      page: query.page,
      pageSize: query.pageSize,
    };
  });
}
