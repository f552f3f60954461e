import { BuilderError, isBuilderError, type Problem } from '../../errors.ts';
import { formatRepository, parseReference } from '../../oci/reference.ts';
import type { Credential } from '../../registry/client/credentials.ts';
import type { Sentence } from '../../sentence.ts';
import { say } from '../../sentence.ts';
import type { Queries } from '../database.ts';
import { credentialOf } from '../secrets/docker-config.ts';
import { parseRegistryHost } from '../secrets/registry-host.ts';
import type { SecretBox } from '../secrets/secret-box.ts';
import { deleteSetting, readSetting, type StoredSetting, settingAbout, writeSetting } from './settings.ts';

/** Where images are pushed to, as an administrator has set it; the password stands apart, sealed. */
export interface RegistrySettings {
  /** `registry.example.com:5000` or `https://registry.example.com`; may be left out when the push repository or prefix names the host. */
  readonly endpoint: string | null;
  readonly username: string | null;
  /** `registry.example.com/team/images` gives `registry.example.com/team/images:<name>-<revision>`; wins over the prefix. */
  readonly pushRepo: string | null;
  /** `registry.example.com/team` gives `registry.example.com/team/<name>:<revision>`. */
  readonly pushRepoPrefix: string | null;
  /** Takes any certificate. */
  readonly insecureSkipVerify: boolean;
  readonly plainHttp: boolean;
  /** Of settings without a registry: false when images may not go to the embedded one either. */
  readonly embedded: boolean;
}

/** A registry that images are pushed to. */
export interface RegistryInForce {
  readonly source: 'stored' | 'embedded';
  /** `registry.example.com:5000` */
  readonly registryHost: string;
  /** As `parseTarget` reads it: `registry.example.com/team/`. */
  readonly target: string;
  readonly credential?: Credential;
  readonly plainHttp: boolean;
  readonly insecureSkipVerify: boolean;
}

const key = 'registry';

/**
 * The registry that an administrator has set, else the embedded one, by the URL at which others reach it (`http://127.0.0.1:8080`);
 * `undefined` when there is none of the first and the second is turned off.
 */
export async function effectiveRegistry(
  queries: Queries,
  box: SecretBox,
  { embeddedUrl }: { readonly embeddedUrl: string },
): Promise<RegistryInForce | undefined> {
  const stored = await readRegistrySettings(queries);
  return registryOf(stored?.value, { embeddedUrl, password: stored && openPassword(box, stored) });
}

/** The registry that settings mean, with that password; see `effectiveRegistry`. */
export function registryOf(
  settings: RegistrySettings | undefined,
  { embeddedUrl, password }: { readonly embeddedUrl: string; readonly password: string | undefined },
): RegistryInForce | undefined {
  const registryHost = settings && registryHostOf(settings);
  if (settings === undefined || registryHost === undefined) {
    if (settings?.embedded === false) return undefined;
    const { host: registryHost, protocol } = new URL(embeddedUrl);
    const plainHttp = protocol === 'http:';
    return { source: 'embedded', registryHost, target: `${registryHost}/`, plainHttp, insecureSkipVerify: false };
  }
  const { username, insecureSkipVerify, endpoint } = settings;
  return {
    source: 'stored',
    registryHost,
    target: pushTargetOf(settings),
    ...(username !== null && password !== undefined && { credential: credentialOf({ username, password }) }),
    plainHttp: settings.plainHttp || /^http:/i.test(endpoint ?? ''),
    insecureSkipVerify,
  };
}

/** What `parseTarget` takes: `registry.example.com/team/images`, or `registry.example.com/team/` of a prefix. */
export function pushTargetOf(settings: RegistrySettings): string {
  const { pushRepo, pushRepoPrefix } = settings;
  const host = registryHostOf(settings);
  if (host === undefined) throw new Error('these settings name no registry');
  if (pushRepo !== null) return withHost(pushRepo, host);
  return pushRepoPrefix === null ? `${host}/` : `${withHost(pushRepoPrefix, host)}/`;
}

/** `undefined` when the settings name no registry. */
export function registryHostOf({ endpoint, pushRepo, pushRepoPrefix }: RegistrySettings): string | undefined {
  if (endpoint !== null) return parseRegistryHost(endpoint, 'endpoint');
  const host = hostIn(pushRepo ?? pushRepoPrefix ?? '');
  return host === undefined ? undefined : parseRegistryHost(host, pushRepo === null ? 'pushRepoPrefix' : 'pushRepo');
}

function withHost(path: string, host: string): string {
  const bare = bareOf(path);
  const written = hostIn(path);
  const rest = written === undefined ? bare : bare.slice(written.length + 1);
  return rest === '' ? host : `${host}/${rest}`;
}

function bareOf(path: string): string {
  return path.replace(/^https?:\/\//i, '').replace(/\/+$/, '');
}

/** The first part of a path, where that is a host as references have it. */
function hostIn(path: string): string | undefined {
  const first = bareOf(path).split('/')[0]!;
  return /[.:]/.test(first) || first === 'localhost' ? first : undefined;
}

export function readRegistrySettings(queries: Queries): Promise<StoredSetting<RegistrySettings> | undefined> {
  return readSetting<RegistrySettings>(queries, key);
}

/** `undefined` when there is none. */
export function openPassword(box: SecretBox, { sealed }: StoredSetting<RegistrySettings>): string | undefined {
  return sealed === null ? undefined : box.open(sealed, settingAbout(key));
}

export interface RegistryChange {
  readonly settings: RegistrySettings;
  /** `undefined` keeps the one that stands, `null` removes it. */
  readonly password: string | null | undefined;
  readonly by: string;
  readonly version: number | undefined;
}

/** Throws `request-invalid` with all problems, and `conflict` when the settings were changed since that version. */
export async function saveRegistrySettings(
  queries: Queries,
  box: SecretBox,
  { settings, password, by, version }: RegistryChange,
): Promise<StoredSetting<RegistrySettings>> {
  const stored = await readRegistrySettings(queries);
  const problems = registryProblems(settings, { stored, password });
  if (problems.length > 0) {
    throw new BuilderError('request-invalid', say`These registry settings cannot work`, { problems });
  }
  const kept = password === undefined ? (stored?.sealed ?? null) : null;
  const sealed = typeof password === 'string' ? box.seal(password, settingAbout(key)) : kept;
  // A password that is kept must be the one that was looked at.
  const from = password === undefined ? (version ?? stored?.version ?? 0) : version;
  return writeSetting(queries, { key, value: settings, sealed, by, version: from });
}

/** Back to the embedded registry. True when there was something to forget. */
export function forgetRegistrySettings(queries: Queries): Promise<boolean> {
  return deleteSetting(queries, key);
}

/** What is wrong with settings, beside the password that stands now. */
export function registryProblems(
  settings: RegistrySettings,
  given: { readonly stored: StoredSetting<RegistrySettings> | undefined; readonly password: string | null | undefined },
): Problem[] {
  return [...placeProblems(settings), ...credentialProblems(settings, given)];
}

function placeProblems(settings: RegistrySettings): Problem[] {
  const paths = (['pushRepo', 'pushRepoPrefix'] as const).flatMap((field) => {
    const path = settings[field];
    return path === null ? [] : [{ field, path }];
  });
  const hidden = paths
    .filter(({ path }) => path.includes('@'))
    .map(({ field }) => notARepository(field, say`it holds "@"`));
  if (hidden.length > 0) return hidden;
  let host: string | undefined;
  try {
    host = registryHostOf(settings);
  } catch (error) {
    if (isBuilderError(error, 'request-invalid')) return [...error.problems];
    throw error;
  }
  if (host === undefined) {
    return paths.map(({ field }) => notARepository(field, say`it names no registry`, say`Give the endpoint as well.`));
  }
  const problems = paths.flatMap(({ field, path }) => pathProblems(field, path, host));
  if (host === 'docker.io' && paths.length === 0) {
    const message = say`Docker Hub has images only below the name of an account`;
    problems.push({
      field: 'pushRepoPrefix',
      code: 'prefix-needed',
      message,
      hint: say`Give that name as the prefix.`,
    });
  }
  return problems;
}

function pathProblems(field: 'pushRepo' | 'pushRepoPrefix', path: string, host: string): Problem[] {
  const full = withHost(path, host);
  const written = hostIn(path);
  if (written !== undefined && hostOf(written, field) !== host) {
    return [
      notARepository(
        field,
        say`it is at another registry than ${host}`,
        say`Leave the host out, or change the endpoint.`,
      ),
    ];
  }
  // A prefix may be the host alone; a name is put behind it.
  const tried = field === 'pushRepo' ? full : `${full}/x`;
  try {
    const { repository } = parseReference(tried);
    const isWhole = formatRepository(repository) === tried;
    return isWhole
      ? []
      : [notARepository(field, say`it is not written in full, or has a tag`, say`Tags are made here.`)];
  } catch (error) {
    if (isBuilderError(error, 'reference-invalid')) return [notARepository(field, error.message)];
    throw error;
  }
}

function hostOf(written: string, field: string): string | undefined {
  try {
    return parseRegistryHost(written, field);
  } catch (error) {
    if (isBuilderError(error, 'request-invalid')) return undefined;
    throw error;
  }
}

function notARepository(field: string, why: Sentence, hint?: Sentence): Problem {
  const code = 'push-repository-invalid';
  return { field, code, message: say`Nothing can be pushed there: ${why}`, ...(hint !== undefined && { hint }) };
}

function credentialProblems(
  settings: RegistrySettings,
  { stored, password }: Parameters<typeof registryProblems>[1],
): Problem[] {
  const hasStored = stored !== undefined && stored.sealed !== null;
  const isKept = password === undefined && hasStored;
  const hasPassword = typeof password === 'string' || isKept;
  if (settings.username !== null && !hasPassword) {
    return [{ field: 'password', code: 'password-needed', message: say`There is a user name, but no password` }];
  }
  if (settings.username === null && hasPassword) {
    const hint = say`Give the user name, or null as the password.`;
    return [{ field: 'username', code: 'username-needed', message: say`There is a password, but no user name`, hint }];
  }
  if (isKept && !isSameRegistry(settings, stored.value)) {
    const message = say`The password that is stored is for another registry only`;
    return [{ field: 'password', code: 'password-needed', message, hint: say`Give the password for this one.` }];
  }
  return [];
}

/** True when a password that was given for the one may be shown to the other. */
export function isSameRegistry(a: RegistrySettings, b: RegistrySettings): boolean {
  try {
    return registryHostOf(a) === registryHostOf(b);
  } catch (error) {
    if (isBuilderError(error, 'request-invalid')) return false;
    throw error;
  }
}
