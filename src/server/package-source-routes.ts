import type { Hono } from 'hono';
import type { z } from 'zod';
import * as api from '../api/package-sources.ts';
import { BuilderError, type Problem } from '../errors.ts';
import { say } from '../sentence.ts';
import { recordAudit } from '../store/audit.ts';
import type { Database } from '../store/database.ts';
import type { SecretBox } from '../store/secrets/secret-box.ts';
import {
  credentialsOfSource,
  deleteSource,
  findSource,
  insertSource,
  listSources,
  type SourceChange,
  type StoredSource,
  updateSource,
} from '../store/settings/package-sources.ts';
import { sourceProblems } from '../store/settings/source-problems.ts';
import { hasHiddenToken, type SourceCredentials, splitSourceUrl } from '../store/settings/source-url.ts';
import { type ApiEnv, serveEndpoint } from './serve-endpoint.ts';
import { mustBeSettingsAdministrator } from './settings-rights.ts';

export interface PackageSourceRoutesContext {
  readonly database: Database;
  readonly box: SecretBox;
}

/** Answers all that is about the places that packages come from; their credentials never come back. */
export function packageSourceRoutes(app: Hono<ApiEnv>, { database, box }: PackageSourceRoutesContext): void {
  const existing = async (name: string) => {
    const source = await findSource(database, name);
    if (source === undefined) throw notFound(name);
    return source;
  };

  serveEndpoint(app, api.listPackageSources, async ({ actor, query }) => {
    mustBeSettingsAdministrator(actor);
    return { items: (await listSources(database, query.kind)).map(presentSource) };
  });

  serveEndpoint(app, api.createPackageSource, async ({ actor, body }) => {
    mustBeSettingsAdministrator(actor);
    const { kind, name, position, options } = body;
    checkSource(sourceProblems(kind, body));
    const split = body.url === null ? { url: null, credentials: {} } : splitSourceUrl(body.url, kind);
    const credentials = { ...split.credentials, ...given(body) };
    checkSource(credentialProblems(split.url, credentials));
    const made = await database.transaction(async (tx) => {
      const source = { kind, name, url: split.url, position, options, credentials, createdBy: actor.name };
      const detail = { kind, url: split.url };
      await recordAudit(tx, { actor: actor.name, action: 'package-source.create', target: name, detail });
      return insertSource(tx, box, source);
    });
    return presentSource(made);
  });

  serveEndpoint(app, api.getPackageSource, async ({ actor, params }) => {
    mustBeSettingsAdministrator(actor);
    return presentSource(await existing(params.name));
  });

  serveEndpoint(app, api.editPackageSource, async ({ actor, params, body }) => {
    mustBeSettingsAdministrator(actor);
    const source = await existing(params.name);
    const standing = needsStanding(body) ? await credentialsOfSource(database, box, source) : {};
    const change = changeOf(source, { body, standing });
    const changed = await database.transaction(async (tx) => {
      const detail = { fields: Object.keys(body) };
      await recordAudit(tx, { actor: actor.name, action: 'package-source.edit', target: source.name, detail });
      return updateSource(tx, box, { source, change });
    });
    return presentSource(changed);
  });

  serveEndpoint(app, api.deletePackageSource, async ({ actor, params: { name } }) => {
    mustBeSettingsAdministrator(actor);
    await database.transaction(async (tx) => {
      if (!(await deleteSource(tx, name))) throw notFound(name);
      await recordAudit(tx, { actor: actor.name, action: 'package-source.delete', target: name });
    });
  });
}

type Patch = z.output<typeof api.packageSourcePatchSchema>;

/** Those that are given anew as a whole may stand in place of some whose key is lost. */
function needsStanding({ url, username, password }: Patch): boolean {
  if (username === null || (username && password)) return false;
  return url !== undefined || username !== undefined || password !== undefined;
}

/** Credentials stay where they were given for: a new host needs them anew. Throws `request-invalid`. */
function changeOf(
  source: StoredSource,
  { body, standing }: { readonly body: Patch; readonly standing: SourceCredentials },
): SourceChange {
  const { position, options } = body;
  const next = { url: body.url === undefined ? source.url : body.url, options: options ?? source.options };
  checkSource(sourceProblems(source.kind, next));
  const split = body.url ? splitSourceUrl(body.url, source.kind) : { url: next.url, credentials: {} };
  const written = { ...split.credentials, ...given(body) };
  const isElsewhere = originOf(split.url) !== originOf(source.url);
  const isGiven = Object.keys(written).length > 0 || body.username === null || body.password === null;
  if (isElsewhere && source.hasCredentials && !isGiven) {
    const message = say`The credentials that are stored are for the host that stands there now`;
    const hint = say`Give those for the new host, or null as the user name.`;
    throw refusal([{ field: 'password', code: 'credentials-needed', message, hint }]);
  }
  const kept = isElsewhere ? {} : standing;
  const credentials = { ...keptOf(kept, body, split.url), ...written };
  if (body.url !== undefined || isGiven) checkSource(credentialProblems(split.url, credentials));
  return {
    ...(body.url !== undefined && { url: split.url }),
    ...(position !== undefined && { position }),
    ...(options !== undefined && { options }),
    ...((body.url !== undefined || isGiven) && { credentials }),
  };
}

function keptOf({ username, password, token }: SourceCredentials, body: Patch, url: string | null): SourceCredentials {
  return {
    ...(username !== undefined && body.username !== null && { username }),
    ...(password !== undefined && body.username !== null && body.password !== null && { password }),
    ...(token !== undefined && url !== null && hasHiddenToken(url) && { token }),
  };
}

function given({ username, password }: Pick<Patch, 'username' | 'password'>): SourceCredentials {
  return { ...(username && { username }), ...(password && { password }) };
}

function credentialProblems(url: string | null, { username, password, token }: SourceCredentials): Problem[] {
  if (url === null && (username !== undefined || password !== undefined)) {
    return [
      { field: 'password', code: 'credentials-not-used', message: say`Without a URL there is nothing to sign in to` },
    ];
  }
  if (password !== undefined && username === undefined) {
    return [{ field: 'username', code: 'username-needed', message: say`There is a password, but no user name` }];
  }
  if (url !== null && hasHiddenToken(url) && token === undefined) {
    const message = say`The URL has "***" in place of a token`;
    return [
      { field: 'url', code: 'token-needed', message, hint: say`Write the token itself; it is kept out of sight.` },
    ];
  }
  return [];
}

function originOf(url: string | null): string | null {
  return url === null ? null : new URL(url).origin;
}

function checkSource(problems: readonly Problem[]): void {
  if (problems.length > 0) throw refusal(problems);
}

function refusal(problems: readonly Problem[]): BuilderError {
  return new BuilderError('request-invalid', say`This cannot be a package source`, { problems });
}

function notFound(name: string): BuilderError {
  return new BuilderError('not-found', say`There is no package source called "${name}"`);
}

function presentSource(source: StoredSource): z.output<typeof api.packageSourceSchema> {
  const { name, kind, url, hasCredentials, position, options, createdBy, createdAt, updatedAt } = source;
  const { components, noProxy, ...others } = options;
  return {
    ...{ name, kind, url, hasCredentials, position, createdBy },
    options: {
      ...others,
      ...(components && { components: [...components] }),
      ...(noProxy && { noProxy: [...noProxy] }),
    },
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
