import { BuilderError } from '../errors.ts';
import { type Sentence, say } from '../sentence.ts';
import { isLoopbackHost } from './loopback.ts';

/** What a failed connection means to a user, by the code of Node's error. */
const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: say`the connection was refused`,
  ECONNRESET: say`the connection was closed before the answer was complete`,
  EPIPE: say`the connection was closed before the request was sent`,
  ETIMEDOUT: say`it did not answer in time`,
  ENOTFOUND: say`there is no host of that name`,
  EAI_AGAIN: say`its name could not be looked up`,
  EHOSTUNREACH: say`there is no route to it`,
  ENETUNREACH: say`there is no route to it`,
  CERT_HAS_EXPIRED: say`its certificate has expired`,
  ERR_TLS_CERT_ALTNAME_INVALID: say`its certificate is for another host`,
};

const untrusted = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** The `BuilderError` for an exchange that ended without a whole answer; one that is a `BuilderError` already stays as it is. */
export function connectionError(url: URL, error: Error): BuilderError {
  if (error instanceof BuilderError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return new BuilderError('registry-unavailable', say`${url.host} could not be reached: ${reasonOf(code, error)}`, {
    hint: hintFor(code, url),
    cause: error,
  });
}

function reasonOf(code: string, error: Error): string {
  if (untrusted.has(code)) return say`its certificate is not signed by an authority that is known here`;
  if (speaksNoTls(code)) return say`it does not speak TLS (HTTPS)`;
  return reasons[code] ?? (error.message || code);
}

function hintFor(code: string, { hostname }: URL): Sentence {
  if (untrusted.has(code)) return say`Name a file with the certificate of its authority in SSL_CERT_FILE.`;
  if (speaksNoTls(code)) return say`If it is meant to be used over plain HTTP, list it as an insecure registry.`;
  if (isLoopbackHost(hostname))
    return say`Is it running? "imagewright up" serves the registry of its own, on 127.0.0.1:8080.`;
  return say`Check the name, that the host is up, and the proxy settings (HTTPS_PROXY, NO_PROXY).`;
}

function speaksNoTls(code: string): boolean {
  return code === 'EPROTO' || code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG';
}

/** The error for a fired signal. */
export function cancelled(signal: AbortSignal): BuilderError {
  return new BuilderError('cancelled', say`The request was cancelled`, { cause: signal.reason });
}

/** A connection on which nothing came for so long, in Node's own words, so that it is told and retried as any other time-out. */
export function stalled(seconds: number): Error {
  return Object.assign(new Error(`no bytes for ${seconds} s`), { code: 'ETIMEDOUT' });
}
