import { isBuilderError } from '../../errors.ts';
import type { Digest, DigestAlgorithm } from '../../oci/digest.ts';
import { algorithmOf } from '../../oci/digest.ts';
import type { UploadKey } from '../blobs/blob-uploads.ts';
import { boundSource } from '../blobs/verify-blob.ts';
import { findLinkedBlob } from './answer-blob.ts';
import { parseContentRange } from './byte-ranges.ts';
import type { Registry, RegistryRequest } from './registry.ts';
import { asRegistryError, RegistryError } from './registry-error.ts';
import { checkRepositoryName, digestOrRefuse, type RouteOf } from './registry-route.ts';
import { addBlob, checkRoom } from './repository-quota.ts';
import { bodyOf, contentLengthOf, type RegistryHttpContext } from './request-body.ts';

/** Repositories that are looked at for a blob to mount, when the client does not say where it is. */
const maxMountSources = 50;

type UploadRequest = RegistryRequest<RouteOf<'upload'>>;

/** Begins an upload, mounts a blob of another repository, or takes a whole blob at once, distribution-spec end-4 and end-11. */
export async function beginUpload(
  registry: Registry,
  { c, route, principal }: RegistryRequest<RouteOf<'uploads'>>,
): Promise<Response> {
  const { repository } = route;
  const digest = c.req.query('digest');
  if (digest !== undefined) return receiveWhole(registry, { c, repository, digest: digestOrRefuse(digest) });
  const mount = c.req.query('mount');
  if (mount !== undefined && (await mountBlob(registry, { c, repository, digest: digestOrRefuse(mount) }))) {
    return blobCreated(repository, digestOrRefuse(mount));
  }
  checkAlgorithm(c.req.query('digest-algorithm'));
  const { id } = await registry.uploads.begin(scopeOf(principal, repository));
  return new Response(null, { status: 202, headers: uploadHeaders({ repository, id }, 0) });
}

/** Tells how far an upload is, end-13. */
export async function describeUpload({ uploads }: Registry, request: UploadRequest): Promise<Response> {
  const key = keyOf(request);
  const sizeBytes = await knownUpload(() => uploads.sizeOf(key));
  return new Response(null, { status: 204, headers: uploadHeaders(request.route, sizeBytes) });
}

/** Takes a chunk, end-5. */
export async function receiveChunk(registry: Registry, request: UploadRequest): Promise<Response> {
  const sizeBytes = await appendBody(registry, request);
  return new Response(null, { status: 202, headers: uploadHeaders(request.route, sizeBytes) });
}

/** Takes the last chunk or the whole, if there is one, and ends the upload, end-6. */
export async function endUpload(registry: Registry, request: UploadRequest): Promise<Response> {
  const { uploads, holds } = registry;
  const { c, route } = request;
  const key = keyOf(request);
  const digest = digestOrRefuse(c.req.query('digest'));
  await appendBody(registry, request, algorithmOf(digest));
  await holds.hold(digest, async () => {
    const blob = await knownUpload(() => uploads.commit(key, digest));
    await addBlob(registry, route.repository, blob);
  });
  return blobCreated(route.repository, digest);
}

/** Gives an upload up, end-14. */
export async function cancelUpload({ uploads }: Registry, request: UploadRequest): Promise<Response> {
  await knownUpload(() => uploads.abort(keyOf(request)));
  return new Response(null, { status: 204 });
}

interface BlobRequest {
  readonly c: RegistryHttpContext;
  readonly repository: string;
  readonly digest: Digest;
}

async function receiveWhole(registry: Registry, { c, repository, digest }: BlobRequest): Promise<Response> {
  const { blobs, holds } = registry;
  const sizeBytes = contentLengthOf(c);
  if (sizeBytes !== undefined) await checkRoom(registry, repository, sizeBytes);
  await holds.hold(digest, async () => {
    await addBlob(registry, repository, await blobs.write(bodyOf(c), { digest, sizeBytes }));
  });
  return blobCreated(repository, digest);
}

/** Links a blob that the client may read elsewhere: in the repository `from`, or in any when that is not told. */
async function mountBlob(registry: Registry, { c, repository, digest }: BlobRequest): Promise<boolean> {
  const from = c.req.query('from');
  const sources =
    from === undefined
      ? await registry.index.blobs.repositoriesOf(digest, maxMountSources)
      : [checkRepositoryName(from)];
  for (const source of sources) {
    if ((await mayPull(registry, c, source)) && (await linkBlob(registry, { source, repository, digest }))) return true;
  }
  return false;
}

interface BlobLink {
  readonly source: string;
  readonly repository: string;
  readonly digest: Digest;
}

/** Makes a blob of one repository one of another, if the first has it. */
export function linkBlob(
  registry: Pick<Registry, 'blobs' | 'index' | 'holds'>,
  { source, repository, digest }: BlobLink,
): Promise<boolean> {
  return registry.holds.hold(digest, async () => {
    const blob = await findLinkedBlob(registry, source, digest);
    if (blob !== undefined) await addBlob(registry, repository, blob);
    return blob !== undefined;
  });
}

async function mayPull({ authorize }: Registry, c: RegistryHttpContext, repository: string): Promise<boolean> {
  try {
    await authorize?.({ repository, action: 'pull' }, c);
    return true;
  } catch (error) {
    if (error instanceof RegistryError) return false;
    throw error;
  }
}

async function appendBody(registry: Registry, request: UploadRequest, algorithm?: DigestAlgorithm): Promise<number> {
  const { uploads } = registry;
  const { c, route } = request;
  const key = keyOf(request);
  const before = await knownUpload(() => uploads.sizeOf(key));
  const length = contentLengthOf(c);
  const range = contentRangeOf(c, { route, sizeBytes: before, length });
  if (length === 0) return before;
  await checkRoom(registry, route.repository, before + (length ?? 0));
  const source = boundSource(bodyOf(c), range && range.end - range.start + 1);
  try {
    return await uploads.append(key, { source, offset: range?.start, algorithm });
  } catch (error) {
    const known = asRegistryError(error);
    if (known?.code === 'BLOB_UPLOAD_INVALID') throw outOfOrder(known.message, route, before);
    throw error;
  }
}

interface ChunkSize {
  readonly route: UploadName;
  readonly sizeBytes: number;
  readonly length: number | undefined;
}

function contentRangeOf(c: RegistryHttpContext, { route, sizeBytes, length }: ChunkSize) {
  const header = c.req.header('content-range');
  if (header === undefined) return undefined;
  const range = parseContentRange(header);
  if (range === undefined) throw outOfOrder('Content-Range is not of the form 0-1023', route, sizeBytes);
  if (length !== undefined && length !== range.end - range.start + 1) {
    throw new RegistryError('SIZE_INVALID', 'Content-Range and Content-Length do not agree');
  }
  return range;
}

/** Status 416 with what the client needs to go on from the right place. */
function outOfOrder(message: string, upload: UploadName, sizeBytes: number): RegistryError {
  return new RegistryError('BLOB_UPLOAD_INVALID', message, { headers: uploadHeaders(upload, sizeBytes) });
}

async function knownUpload<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isBuilderError(error, 'not-found')) throw new RegistryError('BLOB_UPLOAD_UNKNOWN', error.message);
    throw error;
  }
}

function keyOf({ route, principal }: UploadRequest): UploadKey {
  return { scope: scopeOf(principal, route.repository), id: route.id };
}

/** No name of a repository holds a space. */
function scopeOf(principal: string, repository: string): string {
  return `${repository} ${principal}`;
}

function checkAlgorithm(text: string | undefined): void {
  if (text === undefined || text === 'sha256' || text === 'sha512') return;
  throw new RegistryError('DIGEST_INVALID', 'The digest algorithm must be sha256 or sha512');
}

type UploadName = Pick<RouteOf<'upload'>, 'repository' | 'id'>;

function uploadHeaders({ repository, id }: UploadName, sizeBytes: number): Record<string, string> {
  return {
    Location: `/v2/${repository}/blobs/uploads/${id}`,
    // The last byte received; an empty upload has none, and clients expect this then.
    Range: `0-${Math.max(0, sizeBytes - 1)}`,
    'Docker-Upload-UUID': id,
  };
}

function blobCreated(repository: string, digest: Digest): Response {
  const headers = { Location: `/v2/${repository}/blobs/${digest}`, 'Docker-Content-Digest': digest };
  return new Response(null, { status: 201, headers });
}
