import type { Hono } from 'hono';
import * as api from '../api/base-images.ts';
import { inspectBase } from '../runners/inspect-base.ts';
import { findPullSecret } from '../store/secrets/pull-secrets.ts';
import type { ImageRoutesContext } from './image-routes.ts';
import { mustBeAllowed } from './rights.ts';
import { type ApiEnv, serveEndpoint } from './serve-endpoint.ts';
import { mustBeUsable } from './settings-rights.ts';

/** Answers what an image holds that somebody thinks of building upon. */
export function baseContentsRoutes(app: Hono<ApiEnv>, { database, tools, settings }: ImageRoutesContext): void {
  serveEndpoint(app, api.inspectBase, async ({ actor, body, signal }) => {
    mustBeAllowed(actor, 'spec.preflight', {});
    const { ownerGroup, pullSecret } = body;
    if (ownerGroup !== null) mustBeAllowed(actor, 'group.view', { ownerGroup });
    if (pullSecret !== null) mustBeUsable(actor, pullSecret, await findPullSecret(database, pullSecret));
    const groups = actor.isAdmin ? ('all' as const) : Object.keys(actor.groups);
    const { os = null, python = null, ...rest } = await inspectBase({ ...body, groups, signal }, tools, settings);
    return { ...rest, os, python };
  });
}
