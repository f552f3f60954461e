import type { Readable } from 'node:stream';
import { pipeline, Transform } from 'node:stream';
import { discardBody } from '../../http/discard-body.ts';
import type { HttpResponse, RequestBody } from '../../http/http-client.ts';
import { isTransientError, isTransientStatus, retryDelayMs, type Sleep } from '../../http/retry.ts';
import type { Repository } from '../../oci/reference.ts';
import { say } from '../../sentence.ts';
import { cancelUpload } from './blob-presence.ts';
import type { BlobSource, CallOptions } from './registry-client.ts';
import type { RegistrySession } from './registry-session.ts';
import { uploadLocation } from './upload-location.ts';
import { createBlobCheck } from './verify-blob.ts';

export interface UploadOptions extends CallOptions {
  readonly pause: Sleep;
  onBytes?(count: number): void;
}

const maxAttempts = 5;

/**
 * See `RegistryClient.uploadBlob`; distribution-spec "POST then PUT". After a failure a new upload is opened: what the registry has of
 * the broken one is unknown, and some add to it what is sent again.
 */
export async function uploadBlob(
  session: RegistrySession,
  repository: Repository,
  source: BlobSource,
  options: UploadOptions,
): Promise<void> {
  const { digest } = source.descriptor;
  for (let attempt = 1; ; attempt++) {
    const response = await uploadOnce(session, repository, source, { ...options, isLast: attempt === maxAttempts });
    if (response !== undefined) {
      const { status } = response;
      if (status === 201 || status === 204) return discardBody(response);
      // The upload may be unknown to the one of several servers that was asked.
      const mayPass = isTransientStatus(status) || status === 404;
      if (!mayPass || attempt === maxAttempts) {
        throw await session.refusal(response, say`push the blob ${digest} to`, repository);
      }
      discardBody(response);
    }
    await options.pause(retryDelayMs(attempt, response?.headers['retry-after']), options.signal);
  }
}

/** One upload from opening to the last byte; `undefined` when the connection broke and another may be tried. */
async function uploadOnce(
  session: RegistrySession,
  repository: Repository,
  { descriptor, open }: BlobSource,
  { signal, onBytes, isLast }: UploadOptions & { readonly isLast: boolean },
): Promise<HttpResponse | undefined> {
  const location = await openUpload(session, repository, signal);
  const body: RequestBody = {
    sizeBytes: descriptor.size,
    open: () => checked(open(), createBlobCheck(descriptor, say`was to be pushed`), onBytes),
  };
  const url = new URL(location);
  // Added by hand: `searchParams` would write the registry's own query, which may be signed, in another way.
  url.search = `${location.search === '' ? '?' : `${location.search}&`}digest=${encodeURIComponent(descriptor.digest)}`;
  try {
    return await session.send({
      repository,
      method: 'PUT',
      url,
      headers: { 'content-type': 'application/octet-stream' },
      body,
      actions: 'pull,push',
      attempts: 1,
      signal,
    });
  } catch (error) {
    await cancelUpload(session, repository, location);
    if (isLast || !isTransientError(error)) throw error;
    return undefined;
  }
}

async function openUpload(session: RegistrySession, repository: Repository, signal: AbortSignal | undefined) {
  const url = session.urls.of(repository, 'blobs/uploads/');
  const response = await session.send({ repository, method: 'POST', url, actions: 'pull,push', signal });
  if (response.status !== 202) throw await session.refusal(response, say`open an upload to`, repository);
  discardBody(response);
  return uploadLocation(session, repository, response);
}

/** The source, which fails in place of ending when it is not what its descriptor says. */
function checked(
  source: Readable,
  check: ReturnType<typeof createBlobCheck>,
  onBytes?: (count: number) => void,
): Readable {
  const gate = new Transform({
    transform(chunk: Buffer, _, callback) {
      try {
        check.update(chunk);
      } catch (error) {
        return callback(error as Error);
      }
      onBytes?.(chunk.length);
      callback(null, chunk);
    },
    flush(callback) {
      try {
        check.finish();
      } catch (error) {
        return callback(error as Error);
      }
      callback();
    },
  });
  pipeline(source, gate, () => {}); // An error of the source destroys the gate with it, where it is met.
  return gate;
}
