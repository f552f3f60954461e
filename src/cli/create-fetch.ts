import { Readable } from 'node:stream';
import { isBuilderError } from '../errors.ts';
import type { HttpClient, HttpRequest } from '../http/http-client.ts';

/** A `fetch` over an `HttpClient`: a server is reached as a registry is, with its proxies and certificates. Bodies are texts. */
export function createFetch(http: HttpClient): typeof fetch {
  return async (input, init = {}) => {
    const method = (init.method ?? 'GET') as NonNullable<HttpRequest['method']>;
    const { body, signal } = init;
    const response = await http
      .request({
        method,
        url: String(input),
        headers: Object.fromEntries(new Headers(init.headers)),
        ...(typeof body === 'string' && { body: Buffer.from(body) }),
        ...(signal && { signal }),
        // What changes something is not asked for twice: the answer to the first time may have been lost.
        attempts: method === 'GET' ? 3 : 1,
      })
      .catch((error) => {
        throw isBuilderError(error, 'cancelled') ? new DOMException(error.message, 'AbortError') : error;
      });
    const headers = Object.entries(response.headers).flatMap(([name, value]) =>
      [value ?? []].flat().map((each): [string, string] => [name, each]),
    );
    const { status } = response;
    if (status === 204 || status === 304) {
      response.body.destroy();
      return new Response(null, { status, headers });
    }
    return new Response(Readable.toWeb(response.body) as ReadableStream<Uint8Array>, { status, headers });
  };
}
