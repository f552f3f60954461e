import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { Context } from 'hono';
import { RegistryError } from './registry-error.ts';

/** What @hono/node-server hands along; nothing when the app is called without a socket. */
export interface NodeBindings {
  readonly incoming?: IncomingMessage;
  readonly outgoing?: ServerResponse;
}

/** How a request reaches the registry's endpoints. */
export type RegistryHttpContext = Context<RegistryEnv>;

export interface RegistryEnv {
  Bindings: NodeBindings;
}

/** The path as the client sent it, before anything decodes or normalises it. */
export function sentPath(c: RegistryHttpContext): string {
  const sent = c.env?.incoming?.url;
  const path = sent?.startsWith('/') ? sent : new URL(c.req.url).pathname;
  return path.replace(/[?#].*$/s, '');
}

/**
 * The bytes of a request, straight from the socket where there is one: a web stream in between halves the speed. Left open when the reader
 * stops early, so that an answer can still be sent.
 */
export function bodyOf(c: RegistryHttpContext): AsyncIterable<Uint8Array> {
  const incoming = c.env?.incoming;
  if (incoming) return incoming.iterator({ destroyOnReturn: false });
  const { body } = c.req.raw;
  return body ? Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]) : Readable.from([]);
}

/** What `Content-Length` says, in bytes. Throws `SIZE_INVALID`. */
export function contentLengthOf(c: RegistryHttpContext): number | undefined {
  const text = c.req.header('content-length');
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new RegistryError('SIZE_INVALID', 'Content-Length is not a number');
}

/** Reads a body into memory. Throws `SIZE_INVALID` with status 413 when it is longer than the limit. */
export async function readBody(c: RegistryHttpContext, maxBytes: number): Promise<Buffer> {
  if ((contentLengthOf(c) ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bodyOf(c)) {
    size += chunk.byteLength;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export function tooLarge(maxBytes: number): RegistryError {
  return new RegistryError('SIZE_INVALID', `At most ${maxBytes} bytes are accepted`, { status: 413 });
}
