import { isBuilderError } from '../../errors.ts';
import { discardBody } from '../../http/discard-body.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Repository } from '../../oci/reference.ts';
import { say } from '../../sentence.ts';
import type { CallOptions } from './registry-client.ts';
import type { RegistrySession } from './registry-session.ts';
import { uploadLocation } from './upload-location.ts';

/** See `RegistryClient.hasBlob`. */
export async function hasBlob(
  session: RegistrySession,
  repository: Repository,
  digest: Digest,
  { signal }: CallOptions,
): Promise<boolean> {
  const url = session.urls.of(repository, `blobs/${digest}`);
  const response = await session.send({ repository, method: 'HEAD', url, signal });
  if (response.status !== 200 && response.status !== 404) {
    throw await session.refusal(response, say`look for the blob ${digest} in`, repository);
  }
  discardBody(response);
  return response.status === 200;
}

export interface MountOptions extends CallOptions {
  readonly digest: Digest;
  readonly from: Repository;
}

/** A registry may refuse a mount for its source's sake; whether the blob can be uploaded then shows by uploading. */
const refusedMounts = new Set([400, 401, 403, 404, 405]);

/** See `RegistryClient.mountBlob`; distribution-spec "Mounting a blob from another repository". */
export async function mountBlob(
  session: RegistrySession,
  repository: Repository,
  { digest, from, signal }: MountOptions,
): Promise<boolean> {
  if (from.registry !== repository.registry) return false;
  const url = session.urls.of(repository, 'blobs/uploads/');
  url.searchParams.set('mount', digest);
  url.searchParams.set('from', from.name);
  const response = await session.send({
    repository,
    method: 'POST',
    url,
    actions: 'pull,push',
    alsoPull: from,
    signal,
  });
  const { status } = response;
  if (status !== 201 && status !== 202 && !refusedMounts.has(status)) {
    throw await session.refusal(response, say`mount the blob ${digest} in`, repository);
  }
  discardBody(response);
  if (status === 202) await cancelUpload(session, repository, uploadLocation(session, repository, response));
  return status === 201;
}

/** Gives up an upload that was opened. A registry that does not take this forgets the upload by itself after a time. */
export async function cancelUpload(session: RegistrySession, repository: Repository, location: URL): Promise<void> {
  try {
    discardBody(await session.send({ repository, method: 'DELETE', url: location, actions: 'pull,push', attempts: 1 }));
  } catch (error) {
    if (!isBuilderError(error)) throw error;
  }
}
