import type { BlobHolds } from '../blobs/blob-holds.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import type { BlobUploads } from '../blobs/blob-uploads.ts';
import type { RegistryIndex } from './registry-index.ts';
import type { RegistryMeter } from './registry-meter.ts';
import type { RegistryRoute } from './registry-route.ts';
import type { RegistryHttpContext } from './request-body.ts';

/** What a request wants to do with a repository. */
export interface RegistryAccess {
  readonly repository: string;
  readonly action: 'pull' | 'push' | 'delete';
}

/** All that the registry's endpoints work with. */
export interface Registry {
  readonly blobs: BlobStore;
  /** Must end in `blobs`. */
  readonly uploads: BlobUploads;
  readonly index: RegistryIndex;
  /** Shared with the collector of the same store. */
  readonly holds: BlobHolds;
  /**
   * Throws `RegistryError` `UNAUTHORIZED` or `DENIED` when the request may not do that; asked once for each request (with nothing for the
   * version check) and once more for the source of a mount. Tells who asks: an upload is known only to whoever began it. Absent: everyone may do everything, which only fits a loopback listener.
   */
  readonly authorize?: (access: RegistryAccess | undefined, c: RegistryHttpContext) => Promise<string> | string;
  /** Requests that may write blobs at once, 256 unless told; one more is answered with 429. */
  readonly maxUploadsAtOnce?: number;
  /** What the blobs of one repository may come to; any size unless told. */
  readonly maxRepositoryBytes?: number | undefined;
  readonly meter?: RegistryMeter;
  /** Told of errors that nobody expected. */
  readonly onBug?: (error: unknown) => void;
}

export interface RegistryRequest<Route extends RegistryRoute> {
  readonly c: RegistryHttpContext;
  readonly route: Route;
  /** Who asks; empty where nobody is asked. */
  readonly principal: string;
}
