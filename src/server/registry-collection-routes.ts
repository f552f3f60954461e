import type { Hono } from 'hono';
import * as api from '../api/registry-collections.ts';
import { recordAudit } from '../store/audit.ts';
import type { Database } from '../store/database.ts';
import { listRevisionsInForce } from '../store/images.ts';
import type { EmbeddedRegistry } from './open-registry.ts';
import { type ApiEnv, serveEndpoint } from './serve-endpoint.ts';
import { mustBeSettingsAdministrator } from './settings-rights.ts';

export interface RegistryCollectionRoutesContext {
  readonly database: Database;
  readonly registry: EmbeddedRegistry;
}

/** Lets administrators collect the garbage of the embedded registry now. */
export function registryCollectionRoutes(
  app: Hono<ApiEnv>,
  { database, registry }: RegistryCollectionRoutesContext,
): void {
  serveEndpoint(app, api.collectRegistryGarbage, async ({ actor, body: { isDryRun, isForced, retention } }) => {
    mustBeSettingsAdministrator(actor);
    let revisions = 0;
    if (retention !== undefined) {
      for (const { name, revision } of await listRevisionsInForce(database)) {
        revisions += await registry.expire(name, {
          rules: retention,
          current: revision ?? undefined,
          isDryRun,
          isForced,
        });
      }
    }
    const collection = await registry.collect({ isDryRun, isForced });
    const { blobs, bytes } = collection;
    const entry = {
      actor: actor.name,
      action: 'registry.collect',
      target: 'registry',
      detail: { revisions, blobs, bytes },
    };
    if (!isDryRun) await recordAudit(database, entry);
    return { ...collection, revisions };
  });
}
