import type { Hono } from 'hono';
import type { z } from 'zod';
import * as api from '../api/base-images.ts';
import { BuilderError, type Problem } from '../errors.ts';
import { formatReference, parseReference } from '../oci/reference.ts';
import type { Sentence } from '../sentence.ts';
import { say } from '../sentence.ts';
import { recordAudit } from '../store/audit.ts';
import type { Database } from '../store/database.ts';
import { findPullSecret } from '../store/secrets/pull-secrets.ts';
import {
  deleteBaseImage,
  findBaseImage,
  insertBaseImage,
  listBaseChoices,
  type StoredBaseImage,
  updateBaseImage,
} from '../store/settings/base-images.ts';
import { type ApiEnv, serveEndpoint } from './serve-endpoint.ts';
import { mustBeSettingsAdministrator } from './settings-rights.ts';

/** Answers all that is about what can be built upon. */
export function baseImageRoutes(app: Hono<ApiEnv>, { database }: { readonly database: Database }): void {
  const existing = async (id: string) => {
    const base = await findBaseImage(database, id);
    if (base === undefined) throw notFound(id);
    return base;
  };
  /** Everybody is offered the base, so everybody must be able to use its secret. */
  const checkSecret = async (name: string | null, reference: string) => {
    if (name === null) return;
    const secret = await findPullSecret(database, name);
    const { registry } = parseReference(reference).repository;
    if (secret === undefined) throw refusal('pull-secret-unknown', say`There is no pull secret called "${name}"`);
    if (secret.registryHost !== registry) {
      throw refusal('pull-secret-elsewhere', say`"${name}" is for ${secret.registryHost}, not for ${registry}`);
    }
    if (secret.ownerGroup !== null) {
      throw refusal('pull-secret-of-group', say`"${name}" is for the group "${secret.ownerGroup}" alone`);
    }
  };

  serveEndpoint(app, api.listBaseImages, async ({ actor, query: { q, ...query } }) => {
    const viewer = actor.isAdmin ? 'all' : { groups: Object.keys(actor.groups) };
    const { items, total } = await listBaseChoices(database, viewer, { ...query, search: q });
    return { items: [...items], total, page: query.page, pageSize: query.pageSize };
  });

  serveEndpoint(app, api.createBaseImage, async ({ actor, body }) => {
    mustBeSettingsAdministrator(actor);
    const reference = formatReference(parseReference(body.reference));
    await checkSecret(body.pullSecret, reference);
    const base = { ...body, reference, name: body.name ?? body.reference, createdBy: actor.name };
    const made = await database.transaction(async (tx) => {
      await recordAudit(tx, { actor: actor.name, action: 'base-image.create', target: reference });
      return insertBaseImage(tx, base);
    });
    return presentBase(made);
  });

  serveEndpoint(app, api.getBaseImage, async ({ params }) => presentBase(await existing(params.id)));

  serveEndpoint(app, api.editBaseImage, async ({ actor, params, body }) => {
    mustBeSettingsAdministrator(actor);
    const base = await existing(params.id);
    const { name = base.name, description = base.description, type = base.type } = body;
    const reference = body.reference === undefined ? base.reference : formatReference(parseReference(body.reference));
    const pullSecret = body.pullSecret === undefined ? base.pullSecret : body.pullSecret;
    if (body.reference !== undefined || body.pullSecret !== undefined) await checkSecret(pullSecret, reference);
    const changed = await database.transaction(async (tx) => {
      const detail = { fields: Object.keys(body) };
      await recordAudit(tx, { actor: actor.name, action: 'base-image.edit', target: reference, detail });
      return updateBaseImage(tx, base, { reference, name, description, type, pullSecret });
    });
    return presentBase(changed);
  });

  serveEndpoint(app, api.deleteBaseImage, async ({ actor, params: { id } }) => {
    mustBeSettingsAdministrator(actor);
    const { reference } = await existing(id);
    await database.transaction(async (tx) => {
      if (!(await deleteBaseImage(tx, id))) throw notFound(id);
      await recordAudit(tx, { actor: actor.name, action: 'base-image.delete', target: reference });
    });
  });
}

function presentBase({ createdAt, updatedAt, ...base }: StoredBaseImage): z.output<typeof api.baseImageSchema> {
  return { ...base, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}

function notFound(id: string): BuilderError {
  return new BuilderError('not-found', say`There is no base image ${id}`);
}

function refusal(code: string, message: Sentence): BuilderError {
  const problem: Problem = { field: 'pullSecret', code, message };
  return new BuilderError('request-invalid', message, {
    hint: say`Choose a pull secret of the platform's for this registry, or none.`,
    problems: [problem],
  });
}
