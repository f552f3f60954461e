import type { Hono } from 'hono';
import { getMe } from '../../api/people.ts';
import { type ApiEnv, serveEndpoint } from '../serve-endpoint.ts';

/** Answers who asks. */
export function meRoutes(app: Hono<ApiEnv>): void {
  serveEndpoint(app, getMe, async ({ actor: { name, isAdmin, groups } }) => ({
    ...{ name, displayName: '', isAdmin },
    groups: { ...groups },
  }));
}
