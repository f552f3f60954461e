import { discardBody } from '../../http/discard-body.ts';
import type { HttpClient, HttpRequest, HttpResponse } from '../../http/http-client.ts';
import type { Repository } from '../../oci/reference.ts';
import type { Authenticator } from './authenticator.ts';
import type { Credentials } from './credentials.ts';
import { type Asked, registryError } from './registry-error.ts';
import type { RegistryUrls } from './registry-urls.ts';

/** A request to a registry, before credentials. */
export interface RegistryRequest extends Omit<HttpRequest, 'signal'> {
  readonly repository: Repository;
  readonly url: URL;
  /** What may be done with `repository`; `pull` unless told, none to ask for nothing but an answer. */
  readonly actions?: 'none' | 'pull' | 'pull,push';
  /** Another repository of the same registry that is read from. */
  readonly alsoPull?: Repository;
  readonly signal?: AbortSignal | undefined;
}

/** Sends requests with the credentials that the registry asks for. */
export interface RegistrySession {
  readonly urls: RegistryUrls;
  /** Any status is an answer, 401 only after credentials were tried. Throws what `HttpClient` throws, and `unauthorized`. */
  send(request: RegistryRequest): Promise<HttpResponse>;
  /** The error for an answer that cannot be used; `what` completes "Cannot … <repository>". */
  refusal(response: HttpResponse, what: string, repository: Repository): Promise<Error>;
}

export interface RegistrySessionOptions {
  readonly http: HttpClient;
  readonly authenticator: Authenticator;
  readonly credentials: Credentials;
  readonly urls: RegistryUrls;
}

export function createRegistrySession(options: RegistrySessionOptions): RegistrySession {
  const { http, authenticator, credentials, urls } = options;

  async function send(request: RegistryRequest): Promise<HttpResponse> {
    const { repository, actions, alsoPull, signal, headers, ...rest } = request;
    const transmit = (authorization: string | undefined) =>
      http.request({
        ...rest,
        headers: { ...headers, ...(authorization !== undefined && { authorization }) },
        ...(signal && { signal }),
      });
    // An upload may be sent on to another host; it is a stranger, whose wishes for credentials are not heard.
    if (request.url.origin !== urls.base(repository.registry).origin) return transmit(undefined);
    const access = { repository, scopes: scopesOf(request), signal };
    const authorization = await authenticator.headerFor(access);
    const response = await transmit(authorization);
    if (response.status !== 401) return response;
    const challenge = response.headers['www-authenticate'];
    if (challenge === undefined) return response;
    discardBody(response);
    return transmit(await authenticator.answer(challenge, authorization, access));
  }

  return {
    urls,
    send,
    async refusal(response, what, repository) {
      const sentCredentials = (await credentials.lookup(repository)) !== undefined;
      return registryError(response, { what, repository, sentCredentials } satisfies Asked);
    },
  };
}

function scopesOf({ repository, actions = 'pull', alsoPull }: RegistryRequest): string[] {
  if (actions === 'none') return [];
  const scopes = [`repository:${repository.name}:${actions}`];
  if (alsoPull) scopes.push(`repository:${alsoPull.name}:pull`);
  return scopes;
}
