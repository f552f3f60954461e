import type { Agent, ClientRequest } from 'node:http';
import type { LookupFunction } from 'node:net';
import { cancelled, connectionError, stalled } from './connection-error.ts';
import type { HttpResponse, RequestBody } from './http-client.ts';
import { http, https } from './node-http.ts';
import type { Message } from './redirect.ts';
import { responseBody } from './response-body.ts';
import { createWatchdog } from './watchdog.ts';

export interface SendOptions {
  readonly agent: Agent;
  readonly lookup?: LookupFunction | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly connectTimeoutMs: number;
  readonly stallTimeoutMs: number;
}

/** A server may look at what it was sent before it answers; it gets the time to read it again at 10 MB/s. */
const assumedBytesPerMs = 10_000;

/**
 * One message, one answer: no redirect, no second try. Throws `registry-unavailable` when none comes, `cancelled`, and whatever the
 * source of the body throws.
 */
export function sendMessage(message: Message, options: SendOptions): Promise<HttpResponse> {
  const { url, method, headers, body } = message;
  const { agent, lookup, signal } = options;
  if (signal?.aborted) throw cancelled(signal);
  const { promise, resolve, reject } = Promise.withResolvers<HttpResponse>();
  const request = (url.protocol === 'https:' ? https : http).request(url, {
    agent,
    method,
    headers: body === undefined ? headers : { ...headers, 'content-length': body.sizeBytes },
    ...(lookup && { lookup }),
  });
  const onAbort = () => request.destroy(cancelled(signal!));
  const watch = watchRequest(request, message, options);
  const leave = () => {
    watch.stop();
    signal?.removeEventListener('abort', onAbort);
  };
  let sourceError: Error | undefined;
  request.on('response', (response) => {
    leave();
    // An answer before the end of the request ("too large") leaves a connection on which nothing else can be sent.
    if (!request.writableEnded) response.once('end', () => request.destroy());
    const body = responseBody(response, { url, signal, stallTimeoutMs: options.stallTimeoutMs });
    resolve({ status: response.statusCode!, headers: response.headers, body, url });
  });
  request.on('error', (error) => reject(sourceError ?? connectionError(url, error)));
  request.on('close', leave);
  signal?.addEventListener('abort', onAbort, { once: true });
  if (body === undefined) request.end();
  else {
    sendBody(request, body, {
      onProgress: watch.look,
      onError: (error) => {
        sourceError = error;
        request.destroy(error);
      },
    });
  }
  return promise;
}

/** Destroys the request when the other side does not connect, take or answer in time. A slow source of the body is not its fault. */
function watchRequest(request: ClientRequest, { url, body }: Message, options: SendOptions) {
  const { connectTimeoutMs, stallTimeoutMs } = options;
  const answerTimeoutMs = stallTimeoutMs + (body?.sizeBytes ?? 0) / assumedBytesPerMs;
  const watchdog = createWatchdog((ms) => request.destroy(stalled(ms / 1000)));
  let connected = false;
  const look = () => {
    if (!connected) return;
    if (request.writableEnded) watchdog.expect(answerTimeoutMs);
    else if (request.writableNeedDrain) watchdog.expect(stallTimeoutMs);
    else watchdog.rest();
  };
  const onConnected = () => {
    connected = true;
    look();
  };
  watchdog.expect(connectTimeoutMs);
  request.once('socket', (socket) => {
    if (request.reusedSocket) onConnected();
    else socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', onConnected);
  });
  return { look, stop: watchdog.rest };
}

interface SendBodyOptions {
  onProgress(): void;
  onError(error: Error): void;
}

/** Sends exactly the announced bytes: a source that has more or less is our bug and must not look like a whole upload. */
function sendBody(request: ClientRequest, body: RequestBody, { onProgress, onError }: SendBodyOptions): void {
  const source = body.open();
  let sent = 0;
  const wrongSize = () => new Error(`a request body of ${body.sizeBytes} bytes has ${sent} or more`);
  source.on('data', (chunk: Buffer) => {
    sent += chunk.length;
    if (sent > body.sizeBytes) return source.destroy(wrongSize());
    if (!request.write(chunk)) source.pause();
    onProgress();
  });
  source.on('end', () => {
    if (sent !== body.sizeBytes) return onError(wrongSize());
    request.end();
    onProgress();
  });
  source.on('error', onError);
  request.on('drain', () => {
    onProgress();
    source.resume();
  });
  request.on('response', () => source.destroy());
  request.on('close', () => source.destroy());
}
