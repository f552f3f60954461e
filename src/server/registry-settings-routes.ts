import type { Hono } from 'hono';
import type { z } from 'zod';
import * as api from '../api/registry-settings.ts';
import { parseTarget } from '../build/image-target.ts';
import { BuilderError, isBuilderError } from '../errors.ts';
import type { HttpClient } from '../http/http-client.ts';
import { formatRepository } from '../oci/reference.ts';
import { say } from '../sentence.ts';
import { recordAudit } from '../store/audit.ts';
import type { Database, Queries } from '../store/database.ts';
import type { SecretBox } from '../store/secrets/secret-box.ts';
import {
  effectiveRegistry,
  forgetRegistrySettings,
  isSameRegistry,
  openPassword,
  type RegistryInForce,
  type RegistrySettings,
  readRegistrySettings,
  registryOf,
  registryProblems,
  saveRegistrySettings,
} from '../store/settings/registry-settings.ts';
import type { StoredSetting } from '../store/settings/settings.ts';
import { checkRegistry, type RegistryCheck } from './check-registry.ts';
import { type ApiEnv, serveEndpoint } from './serve-endpoint.ts';
import { mustBeSettingsAdministrator } from './settings-rights.ts';

export interface RegistrySettingsRoutesContext {
  readonly database: Database;
  readonly box: SecretBox;
  /** Where others reach the embedded registry, once the server listens: `http://127.0.0.1:8080`. */
  readonly embeddedUrl: () => string;
  /** What a registry is reached by. */
  readonly registryHttp: (
    registry: Pick<RegistryInForce, 'registryHost' | 'insecureSkipVerify'>,
  ) => Promise<HttpClient>;
}

/** Answers all that is about the registry that images are pushed to; its password never comes back. */
export function registrySettingsRoutes(app: Hono<ApiEnv>, context: RegistrySettingsRoutesContext): void {
  const { database, box, embeddedUrl, registryHttp } = context;
  const present = (stored: StoredSetting<RegistrySettings> | undefined) =>
    presentRegistry(stored, registryOf(stored?.value, { embeddedUrl: embeddedUrl(), password: undefined }));

  serveEndpoint(app, api.getRegistry, async ({ actor }) => {
    mustBeSettingsAdministrator(actor);
    return present(await readRegistrySettings(database));
  });

  serveEndpoint(app, api.getRegistryStatus, async () => {
    const stored = await readRegistrySettings(database);
    return { isSet: present(stored).source !== 'none' };
  });

  serveEndpoint(app, api.setRegistry, async ({ actor, body }) => {
    mustBeSettingsAdministrator(actor);
    const { password, version, ...settings } = body;
    const change = { settings, password, version, by: actor.name };
    const save = async (tx: Queries) => {
      const saved = await saveRegistrySettings(tx, box, change);
      const detail = { ...settings, password: passwordWord(password) };
      await recordAudit(tx, { actor: actor.name, action: 'registry.set', target: 'registry', detail });
      return saved;
    };
    return present(await database.transaction(save).catch((error) => showCurrent(error)));
  });

  const showCurrent = async (error: unknown): Promise<never> => {
    if (!isBuilderError(error, 'conflict')) throw error;
    const { message, hint } = error;
    throw new BuilderError('conflict', message, { hint, current: present(await readRegistrySettings(database)) });
  };

  serveEndpoint(app, api.deleteRegistry, async ({ actor }) => {
    mustBeSettingsAdministrator(actor);
    await database.transaction(async (tx) => {
      if (!(await forgetRegistrySettings(tx))) return;
      await recordAudit(tx, { actor: actor.name, action: 'registry.delete', target: 'registry' });
    });
  });

  serveEndpoint(app, api.testRegistry, async ({ actor, body, signal }) => {
    mustBeSettingsAdministrator(actor);
    const registry =
      body.settings === undefined
        ? await effectiveRegistry(database, box, { embeddedUrl: embeddedUrl() })
        : await unsaved(body.settings);
    if (registry === undefined) throw noRegistry();
    const checks =
      registry.source === 'embedded'
        ? checksOfEmbedded
        : await checkRegistry(registry, { http: await registryHttp(registry), signal });
    return {
      isOk: checks.every(({ result }) => result !== 'failed'),
      registryHost: registry.registryHost,
      exampleImage: exampleOf(registry),
      checks: checks.map(({ check, result, message, hint }) => ({ check, result, message, ...(hint && { hint }) })),
    };
  });

  /** The stored password is tried only where it belongs. */
  const unsaved = async ({ password, ...settings }: RegistrySettings & { password?: string | null | undefined }) => {
    const stored = await readRegistrySettings(database);
    const problems = registryProblems(settings, { stored, password });
    if (problems.length > 0) {
      throw new BuilderError('request-invalid', say`These registry settings cannot work`, { problems });
    }
    const isKept = password === undefined && stored !== undefined && isSameRegistry(settings, stored.value);
    const used = isKept ? openPassword(box, stored) : (password ?? undefined);
    return registryOf(settings, { embeddedUrl: embeddedUrl(), password: used });
  };
}

/** Builds write into it within the process. */
const checksOfEmbedded: readonly RegistryCheck[] = [
  { check: 'reachable', result: 'ok', message: say`The registry is part of this service` },
  { check: 'signed-in', result: 'skipped', message: say`Builds need no password for it` },
  { check: 'may-push', result: 'ok', message: say`Builds write into it without a network` },
];

/** The error of an image that would have nowhere to go. */
export function noRegistry(): BuilderError {
  return new BuilderError(
    'registry-not-set',
    say`Image registry not found: no registry is set, and the embedded one is off`,
    {
      hint: say`An administrator sets one in the registry settings, or turns the embedded one on.`,
    },
  );
}

function presentRegistry(
  stored: StoredSetting<RegistrySettings> | undefined,
  inForce: RegistryInForce | undefined,
): z.output<typeof api.registrySettingsSchema> {
  const { endpoint, username, pushRepo, pushRepoPrefix, insecureSkipVerify, plainHttp, embedded } =
    stored?.value ?? nothingSet;
  return {
    ...{ endpoint, username, pushRepo, pushRepoPrefix, insecureSkipVerify, plainHttp, embedded },
    hasPassword: stored !== undefined && stored.sealed !== null,
    source: inForce?.source ?? 'none',
    exampleImage: inForce === undefined ? null : exampleOf(inForce),
    version: stored?.version ?? 0,
    updatedBy: stored?.updatedBy ?? null,
    updatedAt: stored?.updatedAt.toISOString() ?? null,
  };
}

const nothingSet: RegistrySettings = {
  endpoint: null,
  username: null,
  pushRepo: null,
  pushRepoPrefix: null,
  insecureSkipVerify: false,
  plainHttp: false,
  embedded: true,
};

function exampleOf({ target }: RegistryInForce): string {
  const { repository, tagOf } = parseTarget(target, 'example');
  return `${formatRepository(repository)}:${tagOf('1a2b3c4d')}`;
}

function passwordWord(password: string | null | undefined): 'kept' | 'removed' | 'changed' {
  if (password === undefined) return 'kept';
  return password === null ? 'removed' : 'changed';
}
