import { readFile } from 'node:fs/promises';
import { BuilderError, messageOf } from '../../errors.ts';
import { isObject } from '../../oci/manifest.ts';
import { dockerHub, formatRepository, type Repository } from '../../oci/reference.ts';
import { say } from '../../sentence.ts';
import type { Credential } from './credentials.ts';

/** What a `config.json` of docker or `auth.json` of podman says; keys are `host`, or `host/path` for the repositories below it. */
export interface AuthFile {
  readonly auths: ReadonlyMap<string, Credential>;
  /** Names of helpers: `ecr-login` for `docker-credential-ecr-login`. */
  readonly credHelpers: ReadonlyMap<string, string>;
  readonly credsStore: string | undefined;
}

/** Reads a file; `undefined` when it is missing and need not be there. Throws `command-invalid`. */
export async function readAuthFile(path: string, mustExist: boolean): Promise<AuthFile | undefined> {
  try {
    return parseAuthFile(await readFile(path, 'utf8'), path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof BuilderError) throw error;
    if (!mustExist && (code === 'ENOENT' || code === 'ENOTDIR')) return undefined;
    throw new BuilderError('command-invalid', say`The file of credentials cannot be read: ${messageOf(error)}`, {
      hint: say`Check --auth-file and REGISTRY_AUTH_FILE, or DOCKER_CONFIG.`,
    });
  }
}

/** Reads the text of a file; what it says stays out of all messages. Throws `command-invalid`. */
export function parseAuthFile(text: string, name: string): AuthFile {
  const json = parseJson(text);
  if (!isObject(json)) {
    throw new BuilderError('command-invalid', say`The file of credentials ${name} does not hold a JSON object`, {
      hint: say`"docker login" and "podman login" write such files.`,
    });
  }
  return {
    auths: mapEntries(json.auths, parseCredential),
    credHelpers: mapEntries(json.credHelpers, nonEmpty),
    credsStore: nonEmpty(json.credsStore),
  };
}

/** The entry of the longest key that the repository is at or below, as podman chooses. */
export function matchingEntry<T>(entries: ReadonlyMap<string, T>, repository: Repository): T | undefined {
  for (let key = formatRepository(repository); ; key = key.slice(0, key.lastIndexOf('/'))) {
    const entry = entries.get(key);
    if (entry !== undefined || !key.includes('/')) return entry;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Without the cause, which quotes the text.
  }
}

function mapEntries<T>(value: unknown, parse: (entry: unknown) => T | undefined): Map<string, T> {
  const map = new Map<string, T>();
  if (!isObject(value)) return map;
  for (const [key, entry] of Object.entries(value)) {
    const parsed = parse(entry);
    if (parsed !== undefined) map.set(normalKey(key), parsed);
  }
  return map;
}

/** `https://index.docker.io/v1/` → `docker.io`, `https://registry.example.com/v2/` → `registry.example.com` */
function normalKey(key: string): string {
  const bare = key
    .replace(/^https?:\/\//i, '')
    .replace(/\/+$/, '')
    .replace(/\/v[12]$/, '');
  const slash = bare.indexOf('/');
  const host = (slash < 0 ? bare : bare.slice(0, slash)).toLowerCase();
  const isHub = ['index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com'].includes(host);
  return `${isHub ? dockerHub : host}${slash < 0 ? '' : bare.slice(slash)}`;
}

function parseCredential(entry: unknown): Credential | undefined {
  if (!isObject(entry)) return undefined;
  const token = nonEmpty(entry.identitytoken);
  if (token !== undefined) return { kind: 'identity-token', token };
  const auth = nonEmpty(entry.auth);
  if (auth === undefined) return passwordCredential(nonEmpty(entry.username), nonEmpty(entry.password));
  if (!/^[A-Za-z0-9+/\r\n]+={0,2}[\r\n]*$/.test(auth)) return undefined;
  const pair = Buffer.from(auth, 'base64').toString();
  const colon = pair.indexOf(':');
  // Docker pads the password with zero bytes at its end.
  return colon < 0 ? undefined : passwordCredential(pair.slice(0, colon), pair.slice(colon + 1).replace(/\0+$/, ''));
}

function passwordCredential(username: string | undefined, password: string | undefined): Credential | undefined {
  return username === undefined || password === undefined ? undefined : { kind: 'password', username, password };
}

function nonEmpty(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
