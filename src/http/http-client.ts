import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';

/** A body that can be sent again when a request is retried. */
export interface RequestBody {
  readonly sizeBytes: number;
  open(): Readable;
}

export interface HttpRequest {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL | string;
  /** Sent to the first host only: none of `authorization` and `cookie` goes along with a redirect to another origin. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: RequestBody | Uint8Array;
  readonly signal?: AbortSignal;
  /** How many redirects are followed, 5 unless told; with 0 the redirect itself is the answer. */
  readonly maxRedirects?: number;
  /** Times to try in all on 429, 5xx, a reset or a refused connection; 5 unless told. */
  readonly attempts?: number;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Must be read to its end or destroyed. */
  readonly body: Readable;
  /** Where the answer came from, redirects followed. */
  readonly url: URL;
}

/**
 * The one way out of the process: redirects, retries with back-off, proxies, extra CAs. Any status is an answer, not an error; throws
 * `registry-unavailable` when there is none, `cancelled` when the signal fires, `registry-invalid-response` for a redirect that may not
 * be followed, `forbidden` for a host that may not be reached. The body throws the first two as well.
 */
export interface HttpClient {
  /** Does now what the first secure request would have to wait for: reads the certificates, a tenth of a second of work. */
  prepare?(): void;
  request(request: HttpRequest): Promise<HttpResponse>;
}
