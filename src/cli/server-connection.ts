import { type ApiClient, createApiClient } from '../api/create-client.ts';
import { BuilderError, isBuilderError, messageOf } from '../errors.ts';
import { createHttpClient } from '../http/create-http-client.ts';
import { isLoopbackHost } from '../http/loopback.ts';
import { say } from '../sentence.ts';
import type { CommandContext, OptionValues } from './command.ts';
import { createFetch } from './create-fetch.ts';
import { readStoredLogin } from './stored-login.ts';

/** Where `imagewright up` serves. */
export const defaultServer = 'http://127.0.0.1:8080';

/** Resolving a spec may keep the server busy for minutes before it says a word. */
const stallTimeoutMs = 15 * 60_000;

/**
 * A client for the server that flags, environment and `imagewright login` name, in this order. The token is `IMAGEWRIGHT_TOKEN`, else the
 * stored one if it was stored for this server. Throws `command-invalid` for an address that is none.
 */
export async function openServer(
  options: OptionValues,
  context: Pick<CommandContext, 'env' | 'signal'>,
): Promise<ApiClient> {
  const { env } = context;
  const given = options.string('server');
  const fromEnvironment = env.IMAGEWRIGHT_TOKEN || undefined;
  // With both given, what is stored does not count, and need not be readable.
  const stored = given !== undefined && fromEnvironment !== undefined ? undefined : await readStoredLogin(env);
  const url = parseServerUrl(given ?? stored?.url ?? defaultServer);
  const token = fromEnvironment ?? (stored?.url === url ? stored.token : undefined);
  return connectTo({ url, token }, context);
}

export interface ServerAddress {
  /** As `parseServerUrl` gives it. */
  readonly url: string;
  readonly token: string | undefined;
}

/** A client for that server. Its errors say what to do about a missing or refused token. Throws `command-invalid`. */
export function connectTo(
  { url, token }: ServerAddress,
  { env, signal }: Pick<CommandContext, 'env' | 'signal'>,
): ApiClient {
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
    throw new BuilderError('command-invalid', say`The token holds white space or characters that no token has`, {
      hint: say`Copy it again, whole and alone.`,
    });
  }
  const http = createHttpClient({ env, stallTimeoutMs });
  const client = createApiClient({ url, token, fetch: createFetch(http) });
  const advise = (error: unknown): never => {
    throw withAdvice(error, { url, token });
  };
  return {
    call: (endpoint, call, given) => client.call(endpoint, call, { signal, ...given }).catch(advise),
    open: (path, init) => client.open(path, { signal, ...init }).catch(advise),
  };
}

function withAdvice(error: unknown, { url, token }: ServerAddress): unknown {
  if (isBuilderError(error, 'unauthorized')) {
    const hint =
      token === undefined
        ? say`Sign in with "imagewright login ${url}", or set IMAGEWRIGHT_TOKEN.`
        : say`Get another token, and sign in with "imagewright login ${url}".`;
    return new BuilderError('unauthorized', error.message, { hint, cause: error });
  }
  if (isBuilderError(error, 'server-unavailable') && isBuilderError(error.cause)) {
    const { message, cause } = error;
    return new BuilderError('server-unavailable', say`${message}: ${messageOf(cause)}`, {
      hint: say`Check the address, and that the server runs ("imagewright up"). SSL_CERT_FILE adds a certificate authority, HTTPS_PROXY a proxy.`,
      cause,
    });
  }
  return error;
}

/**
 * Reads the address of a server: `https://imagewright.example.com`, or without the scheme, which is then `https` (on this machine
 * `http`). Gives its origin. Throws `command-invalid`.
 */
export function parseServerUrl(text: string): string {
  const refuse = (why: string) =>
    new BuilderError('command-invalid', say`The address of the server ${why}`, {
      hint: say`Write it as https://imagewright.example.com or http://127.0.0.1:8080.`,
    });
  const isWhole = /^https?:\/\//i.test(text);
  if (!isWhole && text.includes('://')) throw refuse('begins with neither http:// nor https://');
  if (!URL.canParse(isWhole ? text : `https://${text}`)) throw refuse('cannot be read');
  const url = new URL(isWhole ? text : `https://${text}`);
  if (url.username !== '' || url.password !== '') throw refuse('holds credentials, which do not belong there');
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '')
    throw refuse('holds more than scheme, host and port');
  if (!isWhole && isLoopbackHost(url.hostname)) return new URL(`http://${text}`).origin;
  return url.origin;
}
