import { readFileSync } from 'node:fs';
import type { Agent } from 'node:http';
import tls from 'node:tls';
import { BuilderError, isBuilderError, messageOf } from '../errors.ts';
import { say } from '../sentence.ts';
import { isLoopbackHost } from './loopback.ts';
import { http, https } from './node-http.ts';

/** Connections to use again. */
export interface Agents {
  /** The agent for a URL. Throws `command-invalid` when the file of extra certificates cannot be used. */
  for(url: URL): Agent;
  /** Makes what `for` would make for a secure URL; what is wrong with it is for `for` to say. */
  prepare(): void;
}

/**
 * Keep-alive agents that heed `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` (this machine is never asked through a proxy), and trust
 * the certificates of the PEM file `SSL_CERT_FILE` besides those that Node trusts, or with `skipVerify` any. Made when first needed.
 */
export function createAgents(env: NodeJS.ProcessEnv, { skipVerify = false } = {}): Agents {
  const direct = once(() => new http.Agent({ keepAlive: true }));
  const plain = once(() => new http.Agent({ keepAlive: true, proxyEnv: env }));
  const directSecure = once(() => new https.Agent({ keepAlive: true, ...trust() }));
  const secure = once(() => new https.Agent({ keepAlive: true, proxyEnv: env, ...trust() }));
  // One context for all connections: to parse the certificates takes tens of milliseconds.
  const trust = once(() => ({ ...extraTrust(env.SSL_CERT_FILE), ...(skipVerify && { rejectUnauthorized: false }) }));
  return {
    for(url) {
      const local = isLoopbackHost(url.hostname);
      if (url.protocol === 'https:') return local ? directSecure() : secure();
      return local ? direct() : plain();
    },
    prepare() {
      try {
        secure();
      } catch (error) {
        if (!isBuilderError(error)) throw error;
      }
    },
  };
}

function extraTrust(file: string | undefined): { secureContext?: tls.SecureContext } {
  if (file === undefined || file === '') return {};
  try {
    const ca = [...tls.getCACertificates('default'), readFileSync(file, 'utf8')];
    return { secureContext: tls.createSecureContext({ ca }) };
  } catch (error) {
    throw new BuilderError('command-invalid', say`SSL_CERT_FILE cannot be used: ${messageOf(error)}`, {
      hint: say`It must name a readable file of PEM certificates.`,
      cause: error,
    });
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
