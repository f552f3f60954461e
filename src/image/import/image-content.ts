import type { Readable } from 'node:stream';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Repository } from '../../oci/reference.ts';

/** Where an image's manifests and blobs can be read, wherever they are kept. */
export interface ImageContent extends AsyncDisposable {
  /** The image: a manifest or an index. */
  readonly root: Descriptor;
  /** The bytes of a manifest or index, not yet verified. Throws when it is not there. */
  readManifest(descriptor: Descriptor): Promise<Buffer>;
  /** The bytes of a blob, not yet verified. May be called again. */
  openBlob(descriptor: Descriptor): Readable;
  /** When it lies in a registry: where. */
  readonly repository?: Repository;
}
