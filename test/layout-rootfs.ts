import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from '../src/oci/digest.ts';
import type { ImageConfig } from '../src/oci/image-config.ts';
import type { Manifest } from '../src/oci/manifest.ts';
import { layerCompressionOf } from '../src/oci/media-types.ts';
import { createRootfs } from '../src/rootfs/create-rootfs.ts';
import type { Rootfs } from '../src/rootfs/rootfs.ts';
import { scanLayer } from '../src/rootfs/scan-layer.ts';
import type { SandboxRootfs } from '../src/sandbox/sandbox.ts';

/** The image `latest` of an OCI layout as a sandbox takes it, and what is in it. */
export async function layoutRootfs(layout: string): Promise<{ image: SandboxRootfs; rootfs: Rootfs }> {
  const pathOf = (digest: string) => join(layout, 'blobs', ...digest.split(':'));
  const read = async <T>(path: string) => JSON.parse(await readFile(path, 'utf8')) as T;
  const index = await read<{ manifests: [{ digest: Digest }] }>(join(layout, 'index.json'));
  const manifest = await read<Manifest>(pathOf(index.manifests[0].digest));
  const config = await read<ImageConfig>(pathOf(manifest.config.digest));
  const layers = manifest.layers.map((descriptor, i) => ({
    descriptor,
    diffId: config.rootfs.diff_ids[i]!,
    open: async () => createReadStream(pathOf(descriptor.digest)) as AsyncIterable<Uint8Array>,
  }));
  const indexes = await Promise.all(
    layers.map(async ({ descriptor, open }) => scanLayer(await open(), layerCompressionOf(descriptor.mediaType)!)),
  );
  return { image: { architecture: config.architecture, layers }, rootfs: createRootfs(indexes) };
}
