import type { Hono } from 'hono';
import type { z } from 'zod';
import * as api from '../api/pull-secrets.ts';
import { BuilderError, type Problem } from '../errors.ts';
import type { Sentence } from '../sentence.ts';
import { say } from '../sentence.ts';
import { recordAudit } from '../store/audit.ts';
import type { Database } from '../store/database.ts';
import { type HostCredential, readDockerConfig } from '../store/secrets/docker-config.ts';
import {
  deletePullSecret,
  findPullSecret,
  insertPullSecret,
  listPullSecrets,
  type StoredPullSecret,
  updatePullSecret,
} from '../store/secrets/pull-secrets.ts';
import { parseRegistryHost } from '../store/secrets/registry-host.ts';
import type { SecretBox } from '../store/secrets/secret-box.ts';
import type { Actor } from './actor.ts';
import { type ApiEnv, serveEndpoint } from './serve-endpoint.ts';
import { mustBeUsable, mustManagePullSecret } from './settings-rights.ts';

export interface PullSecretRoutesContext {
  readonly database: Database;
  readonly box: SecretBox;
}

/** Answers all that is about pull secrets; their passwords never come back. */
export function pullSecretRoutes(app: Hono<ApiEnv>, { database, box }: PullSecretRoutesContext): void {
  const visible = async (actor: Actor, name: string) => mustBeUsable(actor, name, await findPullSecret(database, name));
  const manageable = async (actor: Actor, name: string) => {
    const secret = await visible(actor, name);
    mustManagePullSecret(actor, secret);
    return secret;
  };

  serveEndpoint(app, api.listPullSecrets, async ({ actor, query: { q, page, pageSize } }) => {
    const viewer = actor.isAdmin ? 'all' : { groups: Object.keys(actor.groups) };
    const { items, total } = await listPullSecrets(database, viewer, { search: q, page, pageSize });
    return { items: items.map((secret) => presentPullSecret(secret, actor)), total, page, pageSize };
  });

  serveEndpoint(app, api.createPullSecrets, async ({ actor, body }) => {
    const { ownerGroup } = body;
    mustManagePullSecret(actor, { ownerGroup });
    const secrets = await database.transaction(async (tx) => {
      const made: StoredPullSecret[] = [];
      for (const { name, ...host } of secretsOf(body)) {
        made.push(await insertPullSecret(tx, box, { name, ...host, ownerGroup, createdBy: actor.name }));
        const detail = { registryHost: host.registryHost, ownerGroup };
        await recordAudit(tx, { actor: actor.name, action: 'pull-secret.create', target: name, detail });
      }
      return made;
    });
    return { items: secrets.map((secret) => presentPullSecret(secret, actor)) };
  });

  serveEndpoint(app, api.getPullSecret, async ({ actor, params }) =>
    presentPullSecret(await visible(actor, params.name), actor),
  );

  serveEndpoint(app, api.editPullSecret, async ({ actor, params, body }) => {
    const secret = await manageable(actor, params.name);
    const { registryHost, username, password, ownerGroup } = body;
    if (ownerGroup !== undefined) mustManagePullSecret(actor, { ownerGroup });
    const change = {
      ...(registryHost !== undefined && { registryHost: parseRegistryHost(registryHost, 'registryHost') }),
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      ...(ownerGroup !== undefined && { ownerGroup }),
    };
    const changed = await database.transaction(async (tx) => {
      const detail = { fields: Object.keys(change) };
      await recordAudit(tx, { actor: actor.name, action: 'pull-secret.edit', target: secret.name, detail });
      return updatePullSecret(tx, box, { secret, change });
    });
    return presentPullSecret(changed, actor);
  });

  serveEndpoint(app, api.deletePullSecret, async ({ actor, params }) => {
    const secret = await manageable(actor, params.name);
    await database.transaction(async (tx) => {
      await deletePullSecret(tx, secret);
      await recordAudit(tx, { actor: actor.name, action: 'pull-secret.delete', target: secret.name });
    });
  });
}

function presentPullSecret(secret: StoredPullSecret, actor: Actor): z.output<typeof api.pullSecretSchema> {
  const { name, registryHost, ownerGroup, createdBy } = secret;
  const mayChange = actor.isAdmin || (ownerGroup !== null && actor.groups[ownerGroup] === 'admin');
  return {
    ...{ name, registryHost, username: mayChange ? secret.username : null, ownerGroup, createdBy },
    createdAt: secret.createdAt.toISOString(),
    updatedAt: secret.updatedAt.toISOString(),
  };
}

/** What is to be kept, by name. Throws `request-invalid`. */
function secretsOf(body: z.output<typeof api.newPullSecretSchema>): readonly (HostCredential & { name: string })[] {
  const { name, registryHost, username, password, dockerConfigJson } = body;
  if (dockerConfigJson !== undefined) {
    const own = { registryHost, username, password };
    const given = Object.entries(own).filter(([, value]) => value !== undefined);
    if (given.length > 0)
      throw refusal(given.map(([field]) => problem(field, say`It stands in the docker configuration`)));
    const hosts = readDockerConfig(dockerConfigJson);
    return hosts.map((host) => ({ ...host, name: hosts.length === 1 ? name : nameFor(name, host) }));
  }
  const missing = Object.entries({ registryHost, username, password }).filter(([, value]) => value === undefined);
  if (missing.length > 0) throw refusal(missing.map(([field]) => problem(field, say`It is missing`)));
  return [
    { name, registryHost: parseRegistryHost(registryHost!, 'registryHost'), username: username!, password: password! },
  ];
}

/** `hub-registry-example-com-5000` */
function nameFor(name: string, { registryHost }: HostCredential): string {
  const full = `${name}-${registryHost.replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '')}`;
  if (full.length <= 253) return full;
  throw refusal([problem('name', say`"${full}" is too long for the name of a secret`)]);
}

function problem(field: string, message: Sentence): Problem {
  return { field, code: 'pull-secret-incomplete', message };
}

function refusal(problems: readonly Problem[]): BuilderError {
  return new BuilderError('request-invalid', say`This does not make a pull secret`, {
    hint: say`Give registryHost, username and password, or dockerConfigJson in their place.`,
    problems,
  });
}
