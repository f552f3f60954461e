import { type BuilderError, isBuilderError } from '../errors.ts';
import { discardBody } from '../http/discard-body.ts';
import type { HttpClient } from '../http/http-client.ts';
import { parseReference, type Repository } from '../oci/reference.ts';
import { createAuthenticator } from '../registry/client/authenticator.ts';
import { cancelUpload } from '../registry/client/blob-presence.ts';
import type { Credential } from '../registry/client/credentials.ts';
import { mintEcrPassword, needsEcrToken } from '../registry/client/ecr.ts';
import { ping } from '../registry/client/ping.ts';
import { createRegistrySession, type RegistrySession } from '../registry/client/registry-session.ts';
import { registryUrls } from '../registry/client/registry-urls.ts';
import { uploadLocation } from '../registry/client/upload-location.ts';
import type { Sentence } from '../sentence.ts';
import { say } from '../sentence.ts';
import type { RegistryInForce } from '../store/settings/registry-settings.ts';

export interface RegistryCheck {
  readonly check: 'reachable' | 'signed-in' | 'may-push';
  readonly result: 'ok' | 'failed' | 'skipped';
  readonly message: Sentence;
  readonly hint?: Sentence;
}

const timeoutMs = 20_000;

/** Tries a registry out, up to an upload that is opened and given up again. What it says never holds the credentials. */
export async function checkRegistry(
  registry: RegistryInForce,
  { http, signal }: { readonly http: HttpClient; readonly signal: AbortSignal },
): Promise<readonly RegistryCheck[]> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const either = AbortSignal.any([signal, timeout]);
  const { registryHost, credential } = registry;
  if (!needsEcrToken(registryHost, credential)) return check(registry, { http, signal: either }, timeout);
  try {
    const minted = await mintEcrPassword({ http, registry: registryHost, key: credential, signal: either });
    const limited = { http, signal: either, makesRepositories: true };
    const checks = await check({ ...registry, credential: minted }, limited, timeout);
    return checks.map((each) => withoutSecrets(each, credential));
  } catch (error) {
    if (!isBuilderError(error)) throw error;
    const failure = failed('signed-in', error, timeout);
    return [failure, skipped('may-push', say`Not tried`)].map((each) => withoutSecrets(each, credential));
  }
}

interface CheckOptions {
  readonly http: HttpClient;
  readonly signal: AbortSignal;
  /** True where a build makes the repository that it pushes to, so that none has to be there. */
  readonly makesRepositories?: boolean;
}

async function check(
  registry: RegistryInForce,
  { http, signal, makesRepositories = false }: CheckOptions,
  timeout: AbortSignal,
): Promise<readonly RegistryCheck[]> {
  const limited = { session: sessionFor(registry, http), signal, makesRepositories };
  const checks = [...(await signInChecks(registry, limited, timeout))];
  const isThere = checks.every(({ result }) => result !== 'failed');
  checks.push(isThere ? await pushCheck(registry, limited, timeout) : skipped('may-push', say`Not tried`));
  return checks.map((each) => withoutSecrets(each, registry.credential));
}

interface Limited {
  readonly session: RegistrySession;
  readonly signal: AbortSignal;
  readonly makesRepositories: boolean;
}

function sessionFor({ registryHost, credential, plainHttp }: RegistryInForce, http: HttpClient): RegistrySession {
  const urls = registryUrls(plainHttp ? [registryHost] : []);
  const credentials = {
    lookup: async ({ registry }: Repository) => (registry === registryHost ? credential : undefined),
  };
  return createRegistrySession({
    http,
    credentials,
    urls,
    authenticator: createAuthenticator({ http, credentials, urls }),
  });
}

async function signInChecks(
  { registryHost, credential }: RegistryInForce,
  { session, signal }: Limited,
  timeout: AbortSignal,
): Promise<readonly RegistryCheck[]> {
  const reachable: RegistryCheck = { check: 'reachable', result: 'ok', message: say`${registryHost} answers` };
  try {
    await ping(session, registryHost, { signal });
  } catch (error) {
    if (!isBuilderError(error)) throw error;
    const isRefusal = error.code === 'unauthorized';
    if (!isRefusal) return [failed('reachable', error, timeout), skipped('signed-in', say`Not tried`)];
    return [reachable, failed('signed-in', error, timeout, signInHint(credential))];
  }
  if (credential === undefined) return [reachable, skipped('signed-in', say`There is no user name and no password`)];
  return [
    reachable,
    { check: 'signed-in', result: 'ok', message: say`${registryHost} does not refuse the credentials` },
  ];
}

async function pushCheck(
  { registryHost, target, credential }: RegistryInForce,
  { session, signal, makesRepositories }: Limited,
  timeout: AbortSignal,
): Promise<RegistryCheck> {
  const { repository } = parseReference(target.endsWith('/') ? `${target}imagewright-connection-test` : target);
  const where = `${registryHost}/${repository.name}`;
  const actions = 'pull,push';
  try {
    const url = session.urls.of(repository, 'blobs/uploads/');
    const response = await session.send({ repository, method: 'POST', url, actions, signal, attempts: 2 });
    if (response.status !== 202) throw await session.refusal(response, 'open an upload to', repository);
    discardBody(response);
    await cancelUpload(session, repository, uploadLocation(session, repository, response));
    return { check: 'may-push', result: 'ok', message: say`An upload to ${where} was opened and given up again` };
  } catch (error) {
    if (!isBuilderError(error)) throw error;
    if (makesRepositories && error.code === 'not-found') {
      return skipped('may-push', say`Repositories are made with their first image`);
    }
    return failed('may-push', error, timeout, pushHint(error, credential));
  }
}

function signInHint(credential: Credential | undefined): Sentence {
  return credential === undefined
    ? say`The registry wants credentials: give a user name and a password.`
    : say`Check the user name and the password; some registries want an access token in its place.`;
}

function pushHint({ code, hint }: BuilderError, credential: Credential | undefined): Sentence | undefined {
  if (code === 'unauthorized' && credential === undefined) return signInHint(credential);
  if (code === 'unauthorized' || code === 'forbidden') {
    return say`Give the account the right to push there, or choose another repository or prefix.`;
  }
  if (code === 'not-found') return say`Make the project or repository at the registry first, or choose another one.`;
  return hint;
}

function failed(
  check: RegistryCheck['check'],
  error: BuilderError,
  timeout: AbortSignal,
  hint: Sentence | undefined = error.hint,
): RegistryCheck {
  const isLate = error.code === 'cancelled' && timeout.aborted;
  const message = isLate ? say`The registry did not answer within ${timeoutMs / 1000} s` : error.message;
  return { check, result: 'failed', message, ...(hint !== undefined && { hint }) };
}

function skipped(check: RegistryCheck['check'], message: Sentence): RegistryCheck {
  return { check, result: 'skipped', message };
}

/** A registry may answer with what it was sent. */
function withoutSecrets<C extends RegistryCheck>(check: C, credential: Credential | undefined): C {
  if (credential === undefined) return check;
  const secret = credential.kind === 'password' ? credential.password : credential.token;
  const pairs = credential.kind === 'password' ? [`${credential.username}:${secret}`] : [];
  const forms = [...pairs, secret].flatMap((text) => [
    Buffer.from(text).toString('base64'),
    Buffer.from(text).toString('base64url'),
    encodeURIComponent(text),
    new URLSearchParams({ text }).toString().slice('text='.length),
    text,
  ]);
  const hide = (text: string) => forms.reduce((shown, form) => shown.replaceAll(form, '***'), text);
  return { ...check, message: hide(check.message), ...(check.hint !== undefined && { hint: hide(check.hint) }) };
}
