import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { cancelled, connectionError, stalled } from './connection-error.ts';
import { createWatchdog } from './watchdog.ts';

export interface ResponseBodyOptions {
  readonly url: URL;
  readonly stallTimeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The body of an answer, whose errors are `BuilderError`s: `registry-unavailable` when the connection breaks or the server sends
 * nothing for so long although we wait, `cancelled` when the signal fires. A slow reader is not a stalled server.
 */
export function responseBody(response: IncomingMessage, options: ResponseBodyOptions): Readable {
  const { url, stallTimeoutMs, signal } = options;
  const fail = (error: Error) => body.destroy(connectionError(url, error));
  const watchdog = createWatchdog((ms) => fail(stalled(ms / 1000)));
  const onAbort = () => body.destroy(cancelled(signal!));
  const leave = () => {
    watchdog.rest();
    signal?.removeEventListener('abort', onAbort);
  };
  const body = new Readable({
    read() {
      if (!response.complete) watchdog.expect(stallTimeoutMs);
      response.resume();
    },
    destroy(error, callback) {
      leave();
      response.destroy();
      callback(error);
    },
  });
  // An answer that nobody reads any more must not bring the process down; whoever reads still meets the error.
  body.on('error', () => {});
  response.on('data', (chunk: Buffer) => {
    if (body.push(chunk)) return watchdog.expect(stallTimeoutMs);
    watchdog.rest();
    response.pause();
  });
  response.on('end', () => {
    leave();
    body.push(null);
  });
  response.on('error', fail);
  signal?.addEventListener('abort', onAbort, { once: true });
  return body;
}
