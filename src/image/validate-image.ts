import type { Readable } from 'node:stream';
import { BuilderError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { createDigestMeter, digestOf } from '../oci/digest.ts';
import { type ImageConfig, parseImageConfig } from '../oci/image-config.ts';
import { isIndex, type Manifest, parseManifestOrIndex } from '../oci/manifest.ts';
import { layerCompressionOf, mediaTypes } from '../oci/media-types.ts';
import { decompress } from '../rootfs/decompress.ts';
import { readTar } from '../rootfs/tar-reader.ts';
import { say } from '../sentence.ts';
import { checkAddedLayer, type ShownTree, showLayer, type TarMember } from './validate-layer.ts';

/** An image wherever it is: how to get its manifest and its blobs. Nothing of it is trusted. */
export interface ImageToValidate {
  readonly manifestBytes: Uint8Array;
  readonly mediaType: string;
  open(descriptor: Descriptor): Promise<Readable>;
  /** Layers from this one on are ours and held to stricter rules; all are the base's when absent. */
  readonly baseLayers?: number;
}

/** What a valid image was found to hold. */
export interface ValidatedImage {
  readonly manifest: Manifest;
  readonly config: ImageConfig;
  /** What a container would show, by absolute path. */
  readonly tree: ShownTree;
}

/**
 * The judge of images, which shares no code with what makes them: every digest, size and media type is checked, every layer is read to
 * its end, and ours must not harm what lies below. Throws `image-invalid` with all that it found.
 */
export async function validateImage(image: ImageToValidate): Promise<ValidatedImage> {
  const findings: string[] = [];
  const manifest = parseManifestOrIndex(image.manifestBytes, image.mediaType);
  if (isIndex(manifest)) throw new BuilderError('image-invalid', say`It is an index, not an image`);
  if (manifest.mediaType !== mediaTypes.ociManifest && image.baseLayers !== undefined) {
    findings.push(`the manifest is a ${manifest.mediaType}`);
  }
  const configBytes = await readVerified(image, manifest.config, findings);
  const config = parseImageConfig(configBytes);
  checkConfig(manifest, config, findings);

  const tree: ShownTree = new Map();
  for (const [index, descriptor] of manifest.layers.entries()) {
    const told = (finding: string) => findings.push(`layer ${index}: ${finding}`);
    const members = await readLayer(image, { descriptor, diffId: config.rootfs.diff_ids[index], told });
    if (index >= (image.baseLayers ?? Number.POSITIVE_INFINITY)) checkAddedLayer(members, tree, told);
    showLayer(members, tree);
  }
  if (findings.length === 0) return { manifest, config, tree };
  throw new BuilderError('image-invalid', say`The image is not valid:\n${findings.slice(0, 50).join('\n')}`);
}

function checkConfig(manifest: Manifest, config: ImageConfig, findings: string[]): void {
  const layers = manifest.layers.length;
  if (config.rootfs.diff_ids.length !== layers) {
    findings.push(`the configuration has ${config.rootfs.diff_ids.length} diff_ids for ${layers} layers`);
  }
  const steps = config.history?.filter((step) => step.empty_layer !== true).length;
  if (steps !== undefined && steps !== layers) findings.push(`the history has ${steps} steps for ${layers} layers`);
}

async function readVerified(image: ImageToValidate, descriptor: Descriptor, findings: string[]): Promise<Buffer> {
  const bytes = Buffer.concat(await (await image.open(descriptor)).toArray());
  if (digestOf(bytes) !== descriptor.digest)
    findings.push(`the blob of ${descriptor.digest} has digest ${digestOf(bytes)}`);
  if (bytes.length !== descriptor.size)
    findings.push(`${descriptor.digest} has ${bytes.length} bytes, not ${descriptor.size}`);
  return bytes;
}

interface LayerToRead {
  readonly descriptor: Descriptor;
  readonly diffId: string | undefined;
  readonly told: (finding: string) => void;
}

async function readLayer(image: ImageToValidate, { descriptor, diffId, told }: LayerToRead): Promise<TarMember[]> {
  const compression = layerCompressionOf(descriptor.mediaType);
  if (compression === undefined) throw new BuilderError('image-invalid', say`${descriptor.mediaType} is no layer`);
  const stored = createDigestMeter();
  const unpacked = createDigestMeter();
  const compressed = metered(await image.open(descriptor), stored);
  const members: TarMember[] = [];
  await decompress(compressed, compression, async (tar) => {
    for await (const { header } of readTar(metered(tar, unpacked))) members.push(header);
  });
  const storedDigest = stored.digest();
  if (storedDigest !== descriptor.digest) told(`the blob has digest ${storedDigest}, not ${descriptor.digest}`);
  if (stored.sizeBytes !== descriptor.size) told(`the blob has ${stored.sizeBytes} bytes, not ${descriptor.size}`);
  const unpackedDigest = unpacked.digest();
  if (unpackedDigest !== diffId) told(`the tar has digest ${unpackedDigest}, not the diff_id ${diffId}`);
  return members;
}

async function* metered(
  stream: AsyncIterable<Uint8Array>,
  meter: { update(chunk: Uint8Array): void },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) {
    meter.update(chunk);
    yield chunk;
  }
}
