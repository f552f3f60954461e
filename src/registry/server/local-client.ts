import { addAbortSignal, pipeline, Readable, Transform } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { BuilderError } from '../../errors.ts';
import { cancelled } from '../../http/connection-error.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { algorithmOf, type Digest, digestOf } from '../../oci/digest.ts';
import { maxManifestBytes } from '../../oci/manifest.ts';
import { formatRepository, type Repository } from '../../oci/reference.ts';
import { say } from '../../sentence.ts';
import { checkLimit } from '../client/blob-download.ts';
import type { BlobSource, CallOptions, RegistryClient, ServedManifest } from '../client/registry-client.ts';
import { refusalError } from '../client/registry-error.ts';
import { createBlobCheck } from '../client/verify-blob.ts';
import { blobUnknown, findLinkedBlob } from './answer-blob.ts';
import { findManifest } from './answer-manifest.ts';
import { linkBlob } from './answer-upload.ts';
import { keepManifest } from './keep-manifest.ts';
import type { Registry, RegistryAccess } from './registry.ts';
import { RegistryError } from './registry-error.ts';
import { manifestReference } from './registry-route.ts';
import { addBlob, checkRoom } from './repository-quota.ts';
import { tooLarge } from './request-body.ts';

export interface LocalClientOptions {
  readonly registry: Pick<Registry, 'blobs' | 'index' | 'holds' | 'maxRepositoryBytes'>;
  /** Throws `RegistryError` when that may not be done; asked before each call, and for the source of a mount. Absent: everything may. */
  readonly authorize?: ((access: RegistryAccess) => Promise<void>) | undefined;
}

/** A client of a registry in this process: nothing goes through a socket, so what is pushed is hashed and written once. */
export function createLocalClient(options: LocalClientOptions): RegistryClient {
  const { registry, authorize } = options;
  return {
    async ping() {},
    hasCredentials: async () => authorize !== undefined,
    getManifest: (repository, tagOrDigest, call) =>
      asked({ ...call, what: `read the manifest ${tagOrDigest} of`, repository }, () =>
        orIfMissing(undefined, () => readManifest(options, repository, tagOrDigest)),
      ),
    headManifest: (repository, tagOrDigest, call) =>
      asked({ ...call, what: `read the manifest ${tagOrDigest} of`, repository }, () =>
        orIfMissing(undefined, async () => {
          const { digest, mediaType, size } = await findDescriptor(options, repository, tagOrDigest);
          return { digest, mediaType, size };
        }),
      ),
    putManifest: (repository, tagOrDigest, manifest, call) =>
      asked({ ...call, what: `put the manifest ${tagOrDigest} to`, repository }, () =>
        putManifest(options, repository, { ...manifest, tagOrDigest }),
      ),
    getBlob: (repository, descriptor, call) => openBlob(options, repository, { ...call, descriptor }),
    async readBlob(repository, descriptor, { maxBytes, signal }) {
      checkLimit(descriptor, maxBytes);
      return buffer(await openBlob(options, repository, { descriptor, signal }));
    },
    hasBlob: (repository, digest, call) =>
      asked({ ...call, what: `look for the blob ${digest} in`, repository }, () =>
        orIfMissing(false, async () => {
          await authorize?.({ repository: repository.name, action: 'pull' });
          return (await findLinkedBlob(registry, repository.name, digest)) !== undefined;
        }),
      ),
    mountBlob: (repository, digest, from, call) =>
      asked({ ...call, what: `mount the blob ${digest} in`, repository }, () =>
        mountBlob(options, repository, { digest, from }),
      ),
    uploadBlob: (repository, source, call) =>
      asked({ ...call, what: `push the blob ${source.descriptor.digest} to`, repository }, () =>
        uploadBlob(options, repository, { ...call, source }),
      ),
  };
}

async function findDescriptor(
  { registry, authorize }: LocalClientOptions,
  { name: repository }: Repository,
  tagOrDigest: string,
): Promise<Descriptor> {
  await authorize?.({ repository, action: 'pull' });
  return (await findManifest(registry, { repository, reference: manifestReference(tagOrDigest) })).descriptor;
}

async function readManifest(
  options: LocalClientOptions,
  repository: Repository,
  tagOrDigest: string,
): Promise<ServedManifest> {
  const { blobs, index } = options.registry;
  const descriptor = await findDescriptor(options, repository, tagOrDigest);
  const { digest, mediaType } = descriptor;
  const bytes = await buffer(checkedChunks(() => blobs.open(digest), descriptor));
  await index.manifests.notePull(repository.name, digest);
  return { bytes, mediaType, digest };
}

interface LocalManifest {
  readonly tagOrDigest: string;
  readonly bytes: Uint8Array;
  readonly mediaType: string;
}

async function putManifest(
  { registry, authorize }: LocalClientOptions,
  { name: repository }: Repository,
  { tagOrDigest, bytes, mediaType }: LocalManifest,
): Promise<Digest> {
  await authorize?.({ repository, action: 'push' });
  if (bytes.length > maxManifestBytes) throw tooLarge(maxManifestBytes);
  const reference = manifestReference(tagOrDigest);
  const digest = digestOf(bytes, 'digest' in reference ? algorithmOf(reference.digest) : 'sha256');
  if ('digest' in reference && digest !== reference.digest) {
    throw new Error(`a manifest of ${digest} put as ${tagOrDigest}`);
  }
  const tags = 'tag' in reference ? [reference.tag] : [];
  await keepManifest(registry, { repository, bytes: Buffer.from(bytes), digest, mediaType, tags });
  return digest;
}

function openBlob(
  { registry, authorize }: LocalClientOptions,
  repository: Repository,
  { descriptor, signal }: CallOptions & { readonly descriptor: Descriptor },
): Promise<Readable> {
  const { digest, size } = descriptor;
  return asked({ what: `read the blob ${digest} of`, repository, signal }, async () => {
    await authorize?.({ repository: repository.name, action: 'pull' });
    const blob = await findLinkedBlob(registry, repository.name, digest);
    if (blob === undefined) throw blobUnknown(digest);
    if (blob.sizeBytes !== size) {
      const how = `serves the blob ${digest} with ${blob.sizeBytes} bytes in place of ${size}`;
      throw new BuilderError('content-mismatch', say`${formatRepository(repository)} ${how}`);
    }
    const chunks = checkedChunks(() => registry.blobs.open(digest), descriptor);
    return abortable(Readable.from(chunks, { objectMode: false }), signal);
  });
}

interface LocalMount {
  readonly digest: Digest;
  readonly from: Repository;
}

async function mountBlob(
  { registry, authorize }: LocalClientOptions,
  repository: Repository,
  { digest, from }: LocalMount,
): Promise<boolean> {
  if (from.registry !== repository.registry) return false;
  try {
    await authorize?.({ repository: repository.name, action: 'push' });
    await authorize?.({ repository: from.name, action: 'pull' });
    return await linkBlob(registry, { source: from.name, repository: repository.name, digest });
  } catch (error) {
    // As anywhere: whether the blob can be uploaded then shows by uploading.
    if (error instanceof RegistryError) return false;
    throw error;
  }
}

interface LocalUpload extends CallOptions {
  readonly source: BlobSource;
  readonly onBytes?: ((count: number) => void) | undefined;
}

async function uploadBlob(
  { registry, authorize }: LocalClientOptions,
  { name: repository }: Repository,
  { source, signal, onBytes }: LocalUpload,
): Promise<void> {
  await authorize?.({ repository, action: 'push' });
  const { digest, size } = source.descriptor;
  await checkRoom(registry, repository, size);
  await registry.holds.hold(digest, async () => {
    const chunks = counted(source.open(), { signal, onBytes });
    await addBlob(registry, repository, await registry.blobs.write(chunks, { digest, sizeBytes: size }));
  });
}

/** The source, ended by the signal even while it gives nothing. */
function counted(source: Readable, { signal, onBytes }: Omit<LocalUpload, 'source'>): Readable {
  const gate = new Transform({
    transform(chunk: Buffer, _, callback) {
      onBytes?.(chunk.length);
      callback(null, chunk);
    },
  });
  pipeline(source, gate, () => {}); // An error of the source destroys the gate with it, where it is met.
  return abortable(gate, signal);
}

/** What is kept may be damaged: nobody gets the whole of it then. */
async function* checkedChunks(open: () => Readable, descriptor: Descriptor): AsyncGenerator<Buffer> {
  const check = createBlobCheck(descriptor, say`is served`);
  for await (const chunk of open() as AsyncIterable<Buffer>) {
    check.update(chunk);
    yield chunk;
  }
  check.finish();
}

function abortable(stream: Readable, signal: AbortSignal | undefined): Readable {
  return signal === undefined ? stream : addAbortSignal(signal, stream);
}

async function orIfMissing<T, Missing>(missing: Missing, work: () => Promise<T>): Promise<T | Missing> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RegistryError && error.status === 404) return missing;
    throw error;
  }
}

interface LocalCall extends CallOptions {
  /** `push the blob sha256:… to` */
  readonly what: string;
  readonly repository: Repository;
}

/** Says what goes wrong as a client of any registry does. */
async function asked<T>({ what, repository, signal }: LocalCall, work: () => Promise<T>): Promise<T> {
  if (signal?.aborted) throw cancelled(signal);
  try {
    return await work();
  } catch (error) {
    if (signal?.aborted) throw cancelled(signal);
    if (!(error instanceof RegistryError)) throw error;
    const { status, code, message } = error;
    throw refusalError({ status, reason: `${code} ${message}` }, { what, repository });
  }
}
