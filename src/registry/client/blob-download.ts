import { Readable } from 'node:stream';
import { BuilderError } from '../../errors.ts';
import { discardBody } from '../../http/discard-body.ts';
import type { HttpResponse } from '../../http/http-client.ts';
import { isTransientError, retryDelayMs, type Sleep } from '../../http/retry.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { formatRepository, type Repository } from '../../oci/reference.ts';
import { say } from '../../sentence.ts';
import type { CallOptions } from './registry-client.ts';
import type { RegistrySession } from './registry-session.ts';
import { createBlobCheck } from './verify-blob.ts';

export interface DownloadOptions extends CallOptions {
  readonly pause: Sleep;
}

/** How often in a row a connection may break without a byte in between. */
const maxBreaks = 5;

/** See `RegistryClient.getBlob`. */
export async function openBlob(
  session: RegistrySession,
  repository: Repository,
  descriptor: Descriptor,
  options: DownloadOptions,
): Promise<Readable> {
  const requestFrom = (offset: number) => requestBlob(session, repository, descriptor, { ...options, offset });
  const first = await requestFrom(0);
  const chunks = verifiedChunks(descriptor, { first, requestFrom, ...options });
  const stream = Readable.from(chunks, { objectMode: false });
  // A stream that is closed before it is read never starts the generator, which would have closed the answer.
  stream.once('close', () => first.body.destroy());
  return stream;
}

/** See `RegistryClient.readBlob`. */
export async function readBlob(
  session: RegistrySession,
  repository: Repository,
  descriptor: Descriptor,
  { maxBytes, ...options }: DownloadOptions & { readonly maxBytes: number },
): Promise<Buffer> {
  checkLimit(descriptor, maxBytes);
  const chunks: Buffer[] = [];
  for await (const chunk of await openBlob(session, repository, descriptor, options)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Throws `limit-exceeded`. */
export function checkLimit({ digest, size }: Descriptor, maxBytes: number): void {
  if (size <= maxBytes) return;
  throw new BuilderError('limit-exceeded', say`The blob ${digest} has ${size} bytes, more than ${maxBytes}`);
}

interface ChunksOptions extends DownloadOptions {
  readonly first: HttpResponse;
  requestFrom(offset: number): Promise<HttpResponse>;
}

/** The blob's bytes; where a connection breaks, the next goes on at the same byte. */
async function* verifiedChunks(descriptor: Descriptor, { first, requestFrom, pause, signal }: ChunksOptions) {
  const check = createBlobCheck(descriptor, say`is served`);
  let response = first;
  for (let breaks = 0; ; ) {
    try {
      for await (const chunk of response.body as AsyncIterable<Buffer>) {
        check.update(chunk);
        breaks = 0;
        yield chunk;
      }
      check.finish();
      return;
    } catch (error) {
      if (!isTransientError(error) || ++breaks > maxBreaks) throw error;
      if (check.sizeBytes === descriptor.size) return check.finish();
    }
    await pause(retryDelayMs(breaks), signal);
    response = await requestFrom(check.sizeBytes);
  }
}

async function requestBlob(
  session: RegistrySession,
  repository: Repository,
  { digest, size }: Descriptor,
  { offset, signal }: CallOptions & { readonly offset: number },
): Promise<HttpResponse> {
  const url = session.urls.of(repository, `blobs/${digest}`);
  const headers = offset === 0 ? {} : { range: `bytes=${offset}-` };
  const response = await session.send({ repository, url, headers, signal });
  const { status } = response;
  if (status !== 200 && status !== 206)
    throw await session.refusal(response, say`read the blob ${digest} of`, repository);
  const mismatch = lengthMismatch(response, offset, size);
  if (mismatch === undefined) return response;
  discardBody(response);
  throw new BuilderError(
    'content-mismatch',
    say`${formatRepository(repository)} serves the blob ${digest} ${mismatch}`,
  );
}

/** What in the headers shows that the bytes cannot be those from `offset` to the end; bodies without a length are counted later. */
function lengthMismatch({ status, headers }: HttpResponse, offset: number, size: number): string | undefined {
  if (status === 206 && !headers['content-range']?.startsWith(`bytes ${offset}-`))
    return say`from another byte than asked`;
  if (status === 200 && offset > 0) return say`from its start only, after the connection broke`;
  const length = headers['content-length'];
  if (length === undefined || Number(length) === size - offset) return undefined;
  return say`with ${length} bytes in place of ${size - offset}`;
}
