import type { Readable } from 'node:stream';
import type { HttpClient } from '../../http/http-client.ts';
import { type Sleep, sleep } from '../../http/retry.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Repository } from '../../oci/reference.ts';
import { createAuthenticator } from './authenticator.ts';
import { openBlob, readBlob } from './blob-download.ts';
import { hasBlob, mountBlob } from './blob-presence.ts';
import { uploadBlob } from './blob-upload.ts';
import type { Credentials } from './credentials.ts';
import { getManifest, headManifest, putManifest } from './manifests.ts';
import { ping } from './ping.ts';
import { createRegistrySession } from './registry-session.ts';
import { registryUrls } from './registry-urls.ts';

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** A manifest or index as it was served; its bytes have the digest. */
export interface ServedManifest {
  readonly bytes: Buffer;
  /** Without parameters: `application/vnd.oci.image.manifest.v1+json`. */
  readonly mediaType: string;
  readonly digest: Digest;
}

/** What a registry says of a manifest without showing it. */
export interface ManifestSummary {
  readonly digest: Digest;
  readonly mediaType: string;
  /** Size in bytes. */
  readonly size: number;
}

/** Content with its descriptor, which can be read again. */
export interface BlobSource {
  readonly descriptor: Descriptor;
  open(): Readable;
}

/**
 * What a client can ask of any registry that speaks the OCI distribution specification 1.1. Every call may throw `unauthorized`,
 * `forbidden`, `registry-unavailable`, `registry-refused`, `registry-invalid-response` and `cancelled`. What is delivered is verified:
 * content of another digest or size is `content-mismatch`.
 */
export interface RegistryClient {
  /** Answers when the registry can be reached and takes the credentials. */
  ping(registry: string, options?: CallOptions): Promise<void>;
  /** True when there are credentials for the repository, right or wrong. */
  hasCredentials(repository: Repository): Promise<boolean>;
  /** A manifest of at most 4 MiB by tag or digest; `undefined` when there is none. Throws `limit-exceeded`. */
  getManifest(
    repository: Repository,
    tagOrDigest: string,
    options?: CallOptions & { readonly accept?: readonly string[] },
  ): Promise<ServedManifest | undefined>;
  /** What a tag points to; `undefined` when there is none. */
  headManifest(
    repository: Repository,
    tagOrDigest: string,
    options?: CallOptions,
  ): Promise<ManifestSummary | undefined>;
  /** Stores a manifest under a tag or its digest, and gives its digest. */
  putManifest(
    repository: Repository,
    tagOrDigest: string,
    manifest: { readonly bytes: Uint8Array; readonly mediaType: string },
    options?: CallOptions,
  ): Promise<Digest>;
  /**
   * Opens a blob. The stream never gives more bytes than the descriptor says, goes on by itself where a connection broke, and ends
   * without error only when size and digest are right. Throws `not-found`.
   */
  getBlob(repository: Repository, descriptor: Descriptor, options?: CallOptions): Promise<Readable>;
  /** A small blob as a whole. Throws `not-found`, and `limit-exceeded` when it is larger than `maxBytes`. */
  readBlob(
    repository: Repository,
    descriptor: Descriptor,
    options: CallOptions & { readonly maxBytes: number },
  ): Promise<Buffer>;
  hasBlob(repository: Repository, digest: Digest, options?: CallOptions): Promise<boolean>;
  /** Makes a blob of another repository of the same registry one of this; false when the registry does not do so. */
  mountBlob(repository: Repository, digest: Digest, from: Repository, options?: CallOptions): Promise<boolean>;
  /** Sends a blob; `onBytes` is told how many bytes went with each chunk, anew when a broken upload starts again. */
  uploadBlob(
    repository: Repository,
    source: BlobSource,
    options?: CallOptions & { onBytes?(count: number): void },
  ): Promise<void>;
}

export interface RegistryClientOptions {
  readonly http: HttpClient;
  readonly credentials: Credentials;
  /** Hosts to speak plain HTTP with, as in references: `registry.example.com:5000`. Loopback is so without being listed. */
  readonly insecureRegistries?: readonly string[];
  readonly sleep?: Sleep;
}

export function createRegistryClient(options: RegistryClientOptions): RegistryClient {
  const { http, credentials } = options;
  const urls = registryUrls(options.insecureRegistries);
  const authenticator = createAuthenticator({ http, credentials, urls });
  const session = createRegistrySession({ http, authenticator, credentials, urls });
  const pause = options.sleep ?? sleep;
  return {
    ping: (registry, call = {}) => ping(session, registry, call),
    hasCredentials: async (repository) => (await credentials.lookup(repository)) !== undefined,
    getManifest: (repository, tagOrDigest, call = {}) => getManifest(session, repository, tagOrDigest, call),
    headManifest: (repository, tagOrDigest, call = {}) => headManifest(session, repository, tagOrDigest, call),
    putManifest: (repository, tagOrDigest, manifest, call = {}) =>
      putManifest(session, repository, { ...manifest, ...call, tagOrDigest }),
    getBlob: (repository, descriptor, call = {}) => openBlob(session, repository, descriptor, { ...call, pause }),
    readBlob: (repository, descriptor, call) => readBlob(session, repository, descriptor, { ...call, pause }),
    hasBlob: (repository, digest, call = {}) => hasBlob(session, repository, digest, call),
    mountBlob: (repository, digest, from, call = {}) => mountBlob(session, repository, { ...call, digest, from }),
    uploadBlob: (repository, source, call = {}) => uploadBlob(session, repository, source, { ...call, pause }),
  };
}
