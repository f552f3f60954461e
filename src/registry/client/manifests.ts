import { BuilderError } from '../../errors.ts';
import { discardBody } from '../../http/discard-body.ts';
import type { HttpResponse } from '../../http/http-client.ts';
import { readBody } from '../../http/read-body.ts';
import { algorithmOf, type Digest, digestOf, isDigest } from '../../oci/digest.ts';
import { maxManifestBytes } from '../../oci/manifest.ts';
import { acceptedManifestTypes } from '../../oci/media-types.ts';
import { formatRepository, type Repository } from '../../oci/reference.ts';
import { say } from '../../sentence.ts';
import type { CallOptions, ManifestSummary, ServedManifest } from './registry-client.ts';
import type { RegistryRequest, RegistrySession } from './registry-session.ts';

export interface GetManifestOptions extends CallOptions {
  readonly accept?: readonly string[];
}

/** See `RegistryClient.getManifest`. */
export async function getManifest(
  session: RegistrySession,
  repository: Repository,
  tagOrDigest: string,
  options: GetManifestOptions,
): Promise<ServedManifest | undefined> {
  const response = await session.send(manifestRequest(session, repository, tagOrDigest, options));
  if (!(await isFound(session, response, repository, tagOrDigest))) return undefined;
  const mediaType = mediaTypeOf(response);
  const bytes = await readBody(response, maxManifestBytes);
  refuseSchema1(mediaType, repository);
  return { bytes, mediaType, digest: verifiedDigest(bytes, tagOrDigest, servedDigest(response)) };
}

/** See `RegistryClient.headManifest`. A registry that says too little when asked so is asked for the whole manifest. */
export async function headManifest(
  session: RegistrySession,
  repository: Repository,
  tagOrDigest: string,
  options: CallOptions,
): Promise<ManifestSummary | undefined> {
  const request = manifestRequest(session, repository, tagOrDigest, options);
  const response = await session.send({ ...request, method: 'HEAD' });
  if (!(await isFound(session, response, repository, tagOrDigest))) return undefined;
  discardBody(response);
  const digest = servedDigest(response);
  const length = response.headers['content-length'];
  if (digest === undefined || length === undefined || !/^\d+$/.test(length)) {
    const manifest = await getManifest(session, repository, tagOrDigest, options);
    return manifest && { digest: manifest.digest, mediaType: manifest.mediaType, size: manifest.bytes.length };
  }
  if (isDigest(tagOrDigest) && digest !== tagOrDigest) throw otherContent(tagOrDigest, digest);
  return { digest, mediaType: mediaTypeOf(response), size: Number(length) };
}

export interface PutManifestOptions extends CallOptions {
  readonly tagOrDigest: string;
  readonly bytes: Uint8Array;
  readonly mediaType: string;
}

/** See `RegistryClient.putManifest`. */
export async function putManifest(
  session: RegistrySession,
  repository: Repository,
  { tagOrDigest, bytes, mediaType, signal }: PutManifestOptions,
): Promise<Digest> {
  const digest = digestOf(bytes, isDigest(tagOrDigest) ? algorithmOf(tagOrDigest) : 'sha256');
  if (isDigest(tagOrDigest) && digest !== tagOrDigest) throw new Error(`a manifest of ${digest} put as ${tagOrDigest}`);
  const response = await session.send({
    repository,
    method: 'PUT',
    url: session.urls.of(repository, `manifests/${tagOrDigest}`),
    headers: { 'content-type': mediaType },
    body: bytes,
    actions: 'pull,push',
    signal,
  });
  if (response.status < 200 || response.status > 299) {
    throw await session.refusal(response, say`put the manifest ${tagOrDigest} to`, repository);
  }
  discardBody(response);
  const stored = servedDigest(response);
  if (stored !== undefined && algorithmOf(stored) === algorithmOf(digest) && stored !== digest) {
    throw otherContent(digest, stored);
  }
  return digest;
}

function manifestRequest(
  session: RegistrySession,
  repository: Repository,
  tagOrDigest: string,
  { accept = acceptedManifestTypes, signal }: GetManifestOptions,
): RegistryRequest {
  const url = session.urls.of(repository, `manifests/${tagOrDigest}`);
  return { repository, url, headers: { accept: accept.join(', ') }, signal };
}

async function isFound(session: RegistrySession, response: HttpResponse, repository: Repository, tagOrDigest: string) {
  if (response.status === 200) return true;
  if (response.status !== 404)
    throw await session.refusal(response, say`read the manifest ${tagOrDigest} of`, repository);
  discardBody(response);
  return false;
}

function mediaTypeOf({ headers }: HttpResponse): string {
  return (headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
}

function servedDigest({ headers }: HttpResponse): Digest | undefined {
  const header = headers['docker-content-digest'];
  return typeof header === 'string' && isDigest(header) ? header : undefined;
}

/** The digest asked for, else the one the registry told, else sha256; all that are known must be those of the bytes. */
function verifiedDigest(bytes: Buffer, asked: string, served: Digest | undefined): Digest {
  const claimed = [...(isDigest(asked) ? [asked] : []), ...(served === undefined ? [] : [served])];
  for (const digest of claimed) {
    const actual = digestOf(bytes, algorithmOf(digest));
    if (actual !== digest) throw otherContent(digest, actual);
  }
  return claimed[0] ?? digestOf(bytes);
}

function otherContent(wanted: Digest, actual: Digest): BuilderError {
  return new BuilderError('content-mismatch', say`The manifest ${wanted} is served with the digest ${actual}`, {
    hint: say`Something between the registry and here changes content, or the registry is damaged.`,
  });
}

/** Its digest is not that of its bytes, so it cannot be verified; and it names no configuration. */
function refuseSchema1(mediaType: string, repository: Repository): void {
  if (!/^application\/vnd\.docker\.distribution\.manifest\.v1\+(?:json|prettyjws)$/.test(mediaType)) return;
  throw new BuilderError(
    'base-unsupported',
    say`${formatRepository(repository)} holds an image in Docker's old format, schema 1`,
    { hint: say`Push it again with a current docker, podman or skopeo.` },
  );
}
