import { BuilderError } from '../../errors.ts';
import { cancelled } from '../../http/connection-error.ts';
import type { HttpClient } from '../../http/http-client.ts';
import { redactUrl } from '../../http/redact-url.ts';
import type { Repository } from '../../oci/reference.ts';
import { say } from '../../sentence.ts';
import { type AccessToken, basicHeader, fetchAccessToken } from './access-tokens.ts';
import { type Challenge, parseChallenges } from './challenge.ts';
import type { Credentials } from './credentials.ts';
import { accessHint } from './registry-error.ts';
import type { RegistryUrls } from './registry-urls.ts';

/** What a request is about: on whose behalf credentials are chosen, and what for. */
export interface Access {
  readonly repository: Repository;
  /** `repository:team/python:pull,push`; none to ask only who is there. */
  readonly scopes: readonly string[];
  readonly signal: AbortSignal | undefined;
}

/** What a registry wants to see with each request. */
export interface Authenticator {
  /** The `authorization` header by what the registry has said before; `undefined` when it has said nothing yet. */
  headerFor(access: Access): Promise<string | undefined>;
  /** A header that answers the 401 that `refused` met, newer than that. Throws `unauthorized` when there is nothing to answer with. */
  answer(challengeHeader: string, refused: string | undefined, access: Access): Promise<string>;
}

export interface AuthenticatorOptions {
  readonly http: HttpClient;
  readonly credentials: Credentials;
  readonly urls: RegistryUrls;
}

/** Remembers how each registry authenticates, and the tokens it gave by registry and scope for as long as they are good. */
export function createAuthenticator({ http, credentials, urls }: AuthenticatorOptions): Authenticator {
  const learnt = new Map<string, Challenge>();
  const tokens = new Map<string, AccessToken>();
  /** Tokens on their way, each for all who wait for it, so that none of them can cancel it. */
  const pending = new Map<string, Promise<AccessToken>>();

  async function header(challenge: Challenge, refused: string | undefined, access: Access): Promise<string> {
    if (challenge.scheme === 'bearer') return bearer(await token(challenge, refused, access));
    const credential = await credentials.lookup(access.repository);
    if (credential?.kind === 'password') return basicHeader(credential);
    const { registry } = access.repository;
    throw new BuilderError('unauthorized', say`${registry} wants a user name and a password`, {
      hint: accessHint(registry, false),
    });
  }

  /** Looks before it first waits, so that requests at the same time see one another. */
  function token(challenge: Challenge, refused: string | undefined, access: Access): Promise<AccessToken> {
    const key = keyOf(access);
    const coming = pending.get(key);
    if (coming) return coming;
    const held = tokens.get(key);
    if (held && held.usableUntil > Date.now() && bearer(held) !== refused) return Promise.resolve(held);
    const fetched = fetchToken(challenge, access)
      .then((fresh) => {
        tokens.set(key, fresh);
        return fresh;
      })
      .finally(() => pending.delete(key));
    pending.set(key, fetched);
    return fetched;
  }

  async function fetchToken({ parameters }: Challenge, { repository, scopes }: Access): Promise<AccessToken> {
    const { registry } = repository;
    const realm = realmOf(parameters.realm, registry, urls);
    const credential = mayReceive(realm, registry, urls) ? await credentials.lookup(repository) : undefined;
    const asked = parameters.scope?.split(' ').filter((scope) => scope !== '') ?? [];
    return fetchAccessToken(http, {
      registry,
      realm,
      service: parameters.service,
      scopes: scopes.length > 0 ? scopes : asked,
      credential,
    });
  }

  return {
    async headerFor(access) {
      const challenge = learnt.get(access.repository.registry);
      return challenge && unlessAborted(header(challenge, undefined, access), access.signal);
    },
    async answer(challengeHeader, refused, access) {
      const challenge = chooseChallenge(challengeHeader, access.repository.registry);
      learnt.set(access.repository.registry, challenge);
      return unlessAborted(header(challenge, refused, access), access.signal);
    },
  };
}

function bearer({ value }: AccessToken): string {
  return `Bearer ${value}`;
}

async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(cancelled(signal));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function keyOf({ repository, scopes }: Access): string {
  return JSON.stringify([repository.registry, repository.name, scopes]);
}

function chooseChallenge(header: string, registry: string): Challenge {
  const challenges = parseChallenges(header);
  const chosen = ['bearer', 'basic'].map((scheme) => challenges.find((challenge) => challenge.scheme === scheme));
  const challenge = chosen.find((candidate) => candidate !== undefined);
  if (challenge) return challenge;
  throw new BuilderError(
    'unauthorized',
    say`${registry} wants a way of authentication that is neither Bearer nor Basic`,
  );
}

/** The token service, which the registry names and which therefore is not trusted: only TLS, or where plain HTTP was allowed. */
function realmOf(text: string | undefined, registry: string, urls: RegistryUrls): URL {
  const realm = URL.parse(text ?? '');
  if (realm && urls.mayLeadTo(realm, registry)) return realm;
  const shown = realm ? redactUrl(realm) : 'no URL';
  throw new BuilderError('registry-invalid-response', say`${registry} names ${shown} as its token service`, {
    hint: say`A token service must be reached over HTTPS, or be listed as an insecure registry.`,
  });
}

/** Credentials go to the registry's own host, and over TLS to the host that it names. */
function mayReceive(realm: URL, registry: string, urls: RegistryUrls): boolean {
  return realm.protocol === 'https:' || realm.hostname === urls.base(registry).hostname;
}
