import { Readable } from 'node:stream';
import type { Descriptor } from '../../oci/descriptor.ts';
import { type Digest, digestOf } from '../../oci/digest.ts';
import type { Manifest } from '../../oci/manifest.ts';
import { mediaTypes } from '../../oci/media-types.ts';
import type { BlobSource } from '../../registry/client/registry-client.ts';
import type { ImageContent } from './image-content.ts';

/** An image that comes as loose parts: its configuration and layers, lowest first, get a manifest. `parts` are disposed of with it. */
export function buildContent(configBytes: Buffer, layers: readonly BlobSource[], parts: AsyncDisposable): ImageContent {
  const config = { mediaType: mediaTypes.ociConfig, digest: digestOf(configBytes), size: configBytes.length };
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config,
    layers: layers.map(({ descriptor }) => descriptor),
  };
  const manifestBytes = Buffer.from(JSON.stringify(manifest));
  const blobs = new Map<Digest, () => Readable>(layers.map((layer) => [layer.descriptor.digest, () => layer.open()]));
  blobs.set(config.digest, () => Readable.from([configBytes], { objectMode: false }));
  const root: Descriptor = {
    mediaType: mediaTypes.ociManifest,
    digest: digestOf(manifestBytes),
    size: manifestBytes.length,
  };
  return {
    root,
    readManifest: async () => manifestBytes,
    openBlob: ({ digest }) => blobs.get(digest)!(),
    [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose](),
  };
}
