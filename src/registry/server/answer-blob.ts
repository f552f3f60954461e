import { Readable, type Writable } from 'node:stream';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Digest } from '../../oci/digest.ts';
import type { StoredBlob } from '../blobs/blob-store.ts';
import { parseRange } from './byte-ranges.ts';
import { commonHeaders } from './common-headers.ts';
import type { Registry, RegistryRequest } from './registry.ts';
import { RegistryError } from './registry-error.ts';
import type { RouteOf } from './registry-route.ts';

/** Pulls a blob or a part of it, distribution-spec end-2. */
export async function answerBlob(
  registry: Registry,
  { c, route }: RegistryRequest<RouteOf<'blob'>>,
): Promise<Response> {
  const { repository, digest } = route;
  const blob = await findLinkedBlob(registry, repository, digest);
  if (blob === undefined) throw blobUnknown(digest);
  const range = parseRange(c.req.header('range'), blob.sizeBytes);
  if (range === 'unsatisfiable') {
    return new Response(null, { status: 416, headers: { 'Content-Range': `bytes */${blob.sizeBytes}` } });
  }
  const { start, end } = range ?? { start: 0, end: blob.sizeBytes - 1 };
  const headers = {
    'Content-Type': 'application/octet-stream',
    'Content-Length': String(end - start + 1),
    'Docker-Content-Digest': digest,
    'Accept-Ranges': 'bytes',
    ETag: `"${digest}"`,
    ...(range && { 'Content-Range': `bytes ${start}-${end}/${blob.sizeBytes}` }),
  };
  const status = range ? 206 : 200;
  if (c.req.method === 'HEAD' || blob.sizeBytes === 0) return new Response(null, { status, headers });
  const outgoing = c.env?.outgoing;
  if (!outgoing)
    return new Response(Readable.toWeb(registry.blobs.open(digest, range)) as ReadableStream<Uint8Array>, {
      status,
      headers,
    });
  outgoing.writeHead(status, { ...commonHeaders, ...headers });
  // A failure on the way breaks the connection, so that the client sees it.
  await registry.blobs
    .send(digest, (piece) => writeTo(outgoing, piece), range)
    .then(
      () => outgoing.end(),
      () => outgoing.destroy(),
    );
  return RESPONSE_ALREADY_SENT;
}

/** Unlinks a blob from the repository, end-10. */
export async function deleteBlob(registry: Registry, { route }: RegistryRequest<RouteOf<'blob'>>): Promise<Response> {
  const { repository, digest } = route;
  const deletion = await registry.index.blobs.delete(repository, digest);
  if (deletion === 'missing') throw blobUnknown(digest);
  if (deletion === 'needed') {
    throw new RegistryError('UNSUPPORTED', 'A manifest of the repository names the blob: delete that first');
  }
  return new Response(null, { status: 202 });
}

/** The blob, if it may be read from that repository: having it in the store is not enough. It is leased by that. */
export async function findLinkedBlob(
  { blobs, index }: Pick<Registry, 'blobs' | 'index'>,
  repository: string,
  digest: Digest,
): Promise<StoredBlob | undefined> {
  return (await index.blobs.lease(repository, [digest])).has(digest) ? blobs.stat(digest) : undefined;
}

export function blobUnknown(digest: Digest): RegistryError {
  return new RegistryError('BLOB_UNKNOWN', `The repository has no blob ${digest}`);
}

/** Resolves when the piece has left for the socket and its memory is free again. */
function writeTo(outgoing: Writable, piece: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    outgoing.write(piece, (error) => (error ? reject(error) : resolve()));
  });
}
