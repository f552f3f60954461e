import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, digestOf, hexOf } from '../oci/digest.ts';
import { layerCompressionOf, mediaTypes, ociLayerType } from '../oci/media-types.ts';
import type { SandboxLayer, SandboxRootfs } from './sandbox.ts';

/** Writes the layers as an image `latest` of an OCI layout, which buildah reads without reaching any registry. */
export async function writeImageLayout(
  directory: string,
  { architecture, layers }: SandboxRootfs,
  signal: AbortSignal,
): Promise<void> {
  const blobs = join(directory, 'blobs');
  const blobPath = (digest: Digest) => join(blobs, ...digest.split(':'));
  for (const algorithm of ['sha256', 'sha512']) await mkdir(join(blobs, algorithm), { recursive: true });
  for (const layer of new Map(layers.map((each) => [each.descriptor.digest, each])).values()) {
    const bytes = await layer.open(signal);
    await pipeline(Readable.from(bytes), createWriteStream(blobPath(layer.descriptor.digest)), { signal });
  }
  const writeBlob = async (value: unknown, mediaType: string) => {
    const bytes = Buffer.from(JSON.stringify(value));
    const digest = digestOf(bytes);
    await writeFile(join(blobs, 'sha256', hexOf(digest)), bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const rootfs = { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) };
  const config = await writeBlob({ architecture, os: 'linux', config: {}, rootfs }, mediaTypes.ociConfig);
  const manifest = await writeBlob(
    { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config, layers: layers.map(asOciLayer) },
    mediaTypes.ociManifest,
  );
  const annotations = { 'org.opencontainers.image.ref.name': 'latest' };
  await writeFile(join(directory, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  await writeFile(
    join(directory, 'index.json'),
    JSON.stringify({ schemaVersion: 2, manifests: [{ ...manifest, annotations }] }),
  );
}

function asOciLayer({ descriptor }: SandboxLayer): Descriptor {
  const compression = layerCompressionOf(descriptor.mediaType);
  return compression === undefined ? descriptor : { ...descriptor, mediaType: ociLayerType(compression) };
}
