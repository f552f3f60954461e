import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Repository } from '../../oci/reference.ts';
import { type AuthFile, matchingEntry, parseAuthFile, readAuthFile } from './auth-file.ts';
import { askCredentialHelper } from './credential-helper.ts';

/** What proves to a registry who asks. */
export type Credential =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  | { readonly kind: 'identity-token'; readonly token: string };

/** Port: the credentials there are. */
export interface Credentials {
  /** Those for a repository; `undefined` to ask without. */
  lookup(repository: Repository): Promise<Credential | undefined>;
}

/** Nobody. */
export const noCredentials: Credentials = { lookup: async () => undefined };

export interface LoadCredentialsOptions {
  /** The one file to read, which must be there. */
  readonly authFile?: string | undefined;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * The credentials that docker and podman would use: of `authFile` or else `REGISTRY_AUTH_FILE` alone when given, else of
 * `$DOCKER_CONFIG/config.json` (`~/.docker/config.json`), then of `$XDG_RUNTIME_DIR/containers/auth.json`. Files are read and helpers
 * run when first asked for. The look-up throws `command-invalid` for a file that cannot be used, `tool-missing` and `unauthorized`
 * for a helper that is missing or fails.
 */
export function loadCredentials({ authFile, env = process.env }: LoadCredentialsOptions = {}): Credentials {
  const explicit = authFile ?? (env.REGISTRY_AUTH_FILE || undefined);
  const files = explicit === undefined ? defaultFiles(env) : [explicit];
  let read: Promise<AuthFile[]> | undefined;
  const known = new Map<string, Promise<Credential | undefined>>();
  const find = async (repository: Repository) => {
    read ??= readAll(files, explicit !== undefined);
    for (const file of await read) {
      const credential = await credentialOf(file, repository, env);
      if (credential) return credential;
    }
    return undefined;
  };
  return {
    lookup(repository) {
      const key = `${repository.registry}/${repository.name}`;
      const found = known.get(key) ?? find(repository);
      known.set(key, found);
      return found;
    },
  };
}

/**
 * The credentials in the text of an auth file that somebody else wrote, such as a pull secret (`.dockerconfigjson`). Credential helpers
 * in it are not run. Throws `command-invalid`; `name` says in the message which text it is.
 */
export function credentialsFromText(text: string, name: string): Credentials {
  const { auths } = parseAuthFile(text, name);
  return { lookup: async (repository) => matchingEntry(auths, repository) };
}

function defaultFiles(env: NodeJS.ProcessEnv): string[] {
  const docker = env.DOCKER_CONFIG || join(env.HOME || homedir(), '.docker');
  const runtime = env.XDG_RUNTIME_DIR;
  return [join(docker, 'config.json'), ...(runtime ? [join(runtime, 'containers', 'auth.json')] : [])];
}

async function readAll(paths: readonly string[], mustExist: boolean): Promise<AuthFile[]> {
  const files = await Promise.all(paths.map((path) => readAuthFile(path, mustExist)));
  return files.filter((file) => file !== undefined);
}

/** A helper for the very host first, then what stands in the file, then the helper for all hosts. */
async function credentialOf(file: AuthFile, repository: Repository, env: NodeJS.ProcessEnv) {
  const helper = matchingEntry(file.credHelpers, repository);
  if (helper !== undefined) return askCredentialHelper(helper, repository.registry, env);
  const written = matchingEntry(file.auths, repository);
  if (written !== undefined || file.credsStore === undefined) return written;
  return askCredentialHelper(file.credsStore, repository.registry, env);
}
