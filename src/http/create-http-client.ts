import { Readable } from 'node:stream';
import { BuilderError } from '../errors.ts';
import { say } from '../sentence.ts';
import { checkedLookup, checkLiteralAddress, connectionTargetOf, type IsAllowedAddress } from './address-policy.ts';
import { createAgents } from './agents.ts';
import { discardBody } from './discard-body.ts';
import type { HttpClient, HttpRequest, HttpResponse, RequestBody } from './http-client.ts';
import { redactUrl } from './redact-url.ts';
import { isRedirect, type Message, redirected } from './redirect.ts';
import { isTransientError, isTransientStatus, retryDelayMs, type Sleep, sleep } from './retry.ts';
import { sendMessage } from './send-message.ts';

export interface HttpClientOptions {
  /** Where `HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY` and `SSL_CERT_FILE` are read; the process's own unless told. */
  readonly env?: NodeJS.ProcessEnv;
  /**
   * Judges every address before it is connected to, of redirects as well; all are allowed unless told. What goes through a proxy
   * is judged here only when its URL holds an address: names are then looked up, and to be judged, by the proxy.
   */
  readonly isAllowedAddress?: IsAllowedAddress;
  /** Take any certificate; for hosts that an administrator has named so. */
  readonly skipVerify?: boolean;
  /** Time to connect, 10 s unless told. */
  readonly connectTimeoutMs?: number;
  /** Longest silence of a server that we wait for, 60 s unless told. */
  readonly stallTimeoutMs?: number;
  readonly sleep?: Sleep;
}

/** The `HttpClient` over Node's own HTTP/1.1 with kept-alive connections. */
export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  const agents = createAgents(options.env ?? process.env, { skipVerify: options.skipVerify ?? false });
  const pause = options.sleep ?? sleep;
  const send = (message: Message, signal: AbortSignal | undefined) => {
    const { isAllowedAddress } = options;
    const target = connectionTargetOf(message.url);
    if (isAllowedAddress) checkLiteralAddress(target, isAllowedAddress);
    return sendMessage(message, {
      agent: agents.for(message.url),
      lookup: isAllowedAddress && checkedLookup(target, isAllowedAddress),
      signal,
      connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
      stallTimeoutMs: options.stallTimeoutMs ?? 60_000,
    });
  };
  return {
    prepare: () => agents.prepare(),
    request: (request) => requestWithRetries(request, send, pause),
  };
}

type Send = (message: Message, signal: AbortSignal | undefined) => Promise<HttpResponse>;

/** Each try starts at the first URL again: what it redirects to may have been good for a moment only. */
async function requestWithRetries(request: HttpRequest, send: Send, pause: Sleep): Promise<HttpResponse> {
  const message = messageOf(request);
  const attempts = request.attempts ?? 5;
  for (let attempt = 1; ; attempt++) {
    let retryAfter: string | undefined;
    try {
      const response = await followRedirects(message, request, send);
      if (!isTransientStatus(response.status) || attempt >= attempts) return response;
      discardBody(response);
      retryAfter = response.headers['retry-after'];
    } catch (error) {
      if (!isTransientError(error) || attempt >= attempts) throw error;
    }
    await pause(retryDelayMs(attempt, retryAfter), request.signal);
  }
}

async function followRedirects(first: Message, { maxRedirects = 5, signal }: HttpRequest, send: Send) {
  let message = first;
  for (let count = 0; ; count++) {
    const response = await send(message, signal);
    if (!isRedirect(response.status) || maxRedirects === 0) return response;
    discardBody(response);
    if (count === maxRedirects) {
      throw new BuilderError(
        'registry-invalid-response',
        say`${redactUrl(first.url)} redirects more than ${maxRedirects} times`,
      );
    }
    message = redirected(message, response.status, response.headers.location);
  }
}

function messageOf({ method = 'GET', url: given, headers = {}, body }: HttpRequest): Message {
  const url = new URL(given);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new Error(`not an HTTP URL: ${redactUrl(url)}`);
  const lowerCase = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    method,
    url: withoutCredentials(url),
    headers: {
      'user-agent': 'imagewright',
      'accept-encoding': 'identity',
      ...basicOf(url),
      ...Object.fromEntries(lowerCase),
    },
    ...(body !== undefined && { body: body instanceof Uint8Array ? bytesBody(body) : body }),
  };
}

/** Credentials of the URL become a header, so that one rule says where they may go. */
function basicOf({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

function withoutCredentials(url: URL): URL {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  bare.hash = '';
  return bare;
}

function bytesBody(bytes: Uint8Array): RequestBody {
  return {
    sizeBytes: bytes.byteLength,
    open: () => Readable.from(bytes.byteLength === 0 ? [] : [bytes], { objectMode: false }),
  };
}
