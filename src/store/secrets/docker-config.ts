import { BuilderError, isBuilderError, type Problem } from '../../errors.ts';
import { isObject } from '../../oci/manifest.ts';
import { parseAuthFile } from '../../registry/client/auth-file.ts';
import type { Credential } from '../../registry/client/credentials.ts';
import type { Sentence } from '../../sentence.ts';
import { say } from '../../sentence.ts';
import { parseRegistryHost } from './registry-host.ts';

/** What one host of a docker configuration is signed in with. */
export interface HostCredential {
  /** `registry.example.com:5000` */
  readonly registryHost: string;
  readonly username: string;
  readonly password: string;
}

const field = 'dockerConfigJson';

/**
 * Reads a docker configuration, `{"auths": {…}}` as an object, as text, or as the base64 that Kubernetes shows of a `.dockerconfigjson`.
 * Throws `request-invalid` with all problems; nothing of it is dropped, and no secret of it is quoted.
 */
export function readDockerConfig(given: unknown): readonly HostCredential[] {
  const config = typeof given === 'string' ? parseText(given) : given;
  if (!isObject(config)) throw refusal([problem(field, say`It is not a JSON object`)]);
  const problems: Problem[] = [];
  for (const key of ['credsStore', 'credHelpers']) {
    if (config[key] !== undefined) {
      problems.push(
        problem(`${field}.${key}`, say`Credential helpers are programs of your machine, which cannot be run here`),
      );
    }
  }
  const auths = isObject(config.auths) ? Object.entries(config.auths) : [];
  if (auths.length === 0) problems.push(problem(`${field}.auths`, say`It has no registry`));
  const found = new Map<string, HostCredential>();
  for (const [key, entry] of auths) {
    // A key may be a URL with a password before its host.
    const where = `${field}.auths.${key.slice(key.lastIndexOf('@') + 1)}`;
    const read = readEntry(key, entry, where);
    if ('message' in read) problems.push(read);
    else if (found.has(read.registryHost)) problems.push(problem(where, say`${read.registryHost} stands there twice`));
    else found.set(read.registryHost, read);
  }
  if (problems.length > 0) throw refusal(problems);
  return [...found.values()];
}

/** How docker's credential helpers name who signs in with a token. */
export const tokenUsername = '<token>';

/** What a registry is shown for a user name and password. */
export function credentialOf({ username, password }: Omit<HostCredential, 'registryHost'>): Credential {
  if (username === tokenUsername) return { kind: 'identity-token', token: password };
  return { kind: 'password', username, password };
}

function readEntry(key: string, entry: unknown, where: string): HostCredential | Problem {
  const { auths } = parseAuthFile(JSON.stringify({ auths: { [key]: entry } }), field);
  const [[host, credential] = []] = auths;
  if (host === undefined || credential === undefined) {
    return problem(where, say`It has neither "auth", nor "username" and "password", nor "identitytoken"`);
  }
  try {
    const registryHost = parseRegistryHost(host, where);
    if (credential.kind === 'identity-token') {
      return { registryHost, username: tokenUsername, password: credential.token };
    }
    const { username, password } = credential;
    if (/[\x00-\x1f\x7f:]/.test(username))
      return problem(where, say`Its user name holds a colon or a control character`);
    if (!username.isWellFormed()) return problem(where, say`Its user name is not well-formed Unicode`);
    return { registryHost, username, password };
  } catch (error) {
    if (!isBuilderError(error, 'request-invalid')) throw error;
    return error.problems[0]!;
  }
}

function parseText(text: string): unknown {
  const json = text.trimStart().startsWith('{') ? text : Buffer.from(text, 'base64').toString();
  try {
    return JSON.parse(json);
  } catch {
    return undefined; // Without the cause, which quotes the text.
  }
}

function problem(where: string, message: Sentence): Problem {
  return { field: where, code: 'docker-config-invalid', message };
}

function refusal(problems: readonly Problem[]): BuilderError {
  return new BuilderError('request-invalid', say`The docker configuration cannot be taken over as it is`, {
    hint: say`Give one registry with "auths", or registryHost, username and password by themselves.`,
    problems,
  });
}
