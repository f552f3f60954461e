import { BuilderError } from '../../errors.ts';
import { discardBody } from '../../http/discard-body.ts';
import type { HttpClient, HttpRequest, HttpResponse } from '../../http/http-client.ts';
import { readBody } from '../../http/read-body.ts';
import { redactUrl } from '../../http/redact-url.ts';
import { isObject } from '../../oci/manifest.ts';
import { say } from '../../sentence.ts';
import type { Credential } from './credentials.ts';
import { accessHint } from './registry-error.ts';

/** A token that a registry takes. */
export interface AccessToken {
  readonly value: string;
  /** Milliseconds since 1970 until which it is used. */
  readonly usableUntil: number;
}

export interface TokenRequest {
  readonly registry: string;
  readonly realm: URL;
  readonly service: string | undefined;
  /** `repository:team/python:pull` */
  readonly scopes: readonly string[];
  readonly credential: Credential | undefined;
}

const maxTokenAnswerBytes = 1024 * 1024;
const defaultLifetimeSeconds = 60;
/** A token is renewed before its time is over: the clocks differ, and a request takes a while. */
const usablePart = 0.8;

/**
 * Gets a token as Docker's token authentication specification says: anonymous or by password with GET, by identity token with an
 * OAuth2 refresh grant. Throws `unauthorized`, `forbidden`, `registry-unavailable`, `registry-invalid-response`.
 */
export async function fetchAccessToken(http: HttpClient, request: TokenRequest): Promise<AccessToken> {
  const askedAt = Date.now();
  const response = await http.request(tokenHttpRequest(request));
  if (response.status !== 200) throw refusal(response, request);
  const { value, lifetimeSeconds } = await readToken(response);
  return { value, usableUntil: askedAt + lifetimeSeconds * 1000 * usablePart };
}

function tokenHttpRequest({ realm, service, scopes, credential }: TokenRequest): HttpRequest {
  if (credential?.kind === 'identity-token') {
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: credential.token,
      client_id: 'imagewright',
      scope: scopes.join(' '),
      ...(service !== undefined && { service }),
    });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    // The token stands in the body, which a redirect could carry elsewhere.
    return { method: 'POST', url: realm, headers, body: Buffer.from(form.toString()), maxRedirects: 0 };
  }
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set('service', service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  return { url, headers: credential ? { authorization: basicHeader(credential) } : {} };
}

/** `Basic dXNlcjpwYXNz` */
export function basicHeader({ username, password }: Extract<Credential, { kind: 'password' }>): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

async function readToken(response: HttpResponse): Promise<{ value: string; lifetimeSeconds: number }> {
  const where = redactUrl(response.url);
  const invalid = () =>
    new BuilderError(
      'registry-invalid-response',
      say`The token service ${where} answered with something that is no token`,
    );
  const bytes = await readBody(response, maxTokenAnswerBytes);
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString());
  } catch {
    throw invalid(); // Without the cause, which quotes what may be a secret.
  }
  if (!isObject(json)) throw invalid();
  const value = json.token || json.access_token;
  if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) throw invalid();
  const lifetime = json.expires_in;
  const isLifetime = typeof lifetime === 'number' && lifetime > 0 && Number.isFinite(lifetime);
  return { value, lifetimeSeconds: isLifetime ? lifetime : defaultLifetimeSeconds };
}

function refusal(response: HttpResponse, { registry, realm, credential }: TokenRequest): BuilderError {
  discardBody(response);
  const { status } = response;
  const code = status === 403 ? 'forbidden' : status === 429 || status >= 500 ? 'registry-unavailable' : 'unauthorized';
  return new BuilderError(code, say`The token service ${redactUrl(realm)} of ${registry} answered ${status}`, {
    hint: code === 'registry-unavailable' ? say`Try again later.` : accessHint(registry, credential !== undefined),
  });
}
