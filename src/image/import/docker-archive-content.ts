import { BuilderError } from '../../errors.ts';
import { createDigestMeter } from '../../oci/digest.ts';
import { maxConfigBytes, parseImageConfig } from '../../oci/image-config.ts';
import { isObject, maxManifestBytes } from '../../oci/manifest.ts';
import { ociLayerType } from '../../oci/media-types.ts';
import type { BlobSource } from '../../registry/client/registry-client.ts';
import type { Sentence } from '../../sentence.ts';
import { say } from '../../sentence.ts';
import { buildContent } from './built-content.ts';
import { compressLayer } from './compress-layer.ts';
import { compressionOfBytes } from './file-compression.ts';
import type { ImageContent } from './image-content.ts';
import type { ImportSource } from './import-source.ts';
import { openPlainTar } from './plain-tar.ts';
import type { TarFile } from './tar-file.ts';
import { dockerManifestName } from './well-known-names.ts';

export interface DockerArchiveOptions {
  readonly compression: 'gzip' | 'zstd';
  readonly temporaryDir: string;
}

/** More layers than any runtime takes. */
const maxLayers = 1000;

/**
 * An image that `docker save` or `podman save` wrote, in the old layout or with an OCI layout inside. The configuration stays as it is, so
 * the image keeps its ID; layers that are plain tars are compressed, others keep their bytes. Throws `image-invalid`, `base-not-found`.
 */
export async function openDockerArchiveContent(
  { path, name }: Extract<ImportSource, { readonly type: 'docker-archive' }>,
  options: DockerArchiveOptions,
): Promise<ImageContent> {
  const parts = new AsyncDisposableStack();
  try {
    const tar = parts.use(await openPlainTar(path, options.temporaryDir));
    const image = chooseImage(parseImages(await tar.read(dockerManifestName, maxManifestBytes), path), { path, name });
    const configBytes = await tar.read(image.config, maxConfigBytes);
    const diffIds = parseImageConfig(configBytes).rootfs.diff_ids;
    if (diffIds.length !== image.layers.length) {
      refuse(path, say`its configuration tells of ${diffIds.length} layers, it has ${image.layers.length}`);
    }
    const layers: BlobSource[] = [];
    for (const [i, layerName] of image.layers.entries()) {
      const layer = await openLayer(tar, layerName, { ...options, parts });
      if (layer.diffId !== undefined && layer.diffId !== diffIds[i]) {
        refuse(path, say`${layerName} is not the layer ${diffIds[i]} that the configuration tells of`);
      }
      layers.push(layer);
    }
    return buildContent(configBytes, layers, parts);
  } catch (error) {
    await parts.disposeAsync();
    throw error;
  }
}

interface ArchivedImage {
  readonly config: string;
  readonly layers: readonly string[];
  readonly tags: readonly string[];
}

function parseImages(bytes: Buffer, path: string): readonly ArchivedImage[] {
  let images: unknown;
  try {
    images = JSON.parse(bytes.toString('utf8'));
  } catch {
    refuse(path, say`its manifest.json is not JSON`);
  }
  if (!Array.isArray(images)) refuse(path, say`its manifest.json is not a list`);
  return (images as unknown[]).map((image) => {
    if (!isObject(image) || typeof image.Config !== 'string' || !isStringList(image.Layers)) {
      return refuse(path, say`its manifest.json is malformed`);
    }
    if (image.Layers.length > maxLayers) refuse(path, say`it has more than ${maxLayers} layers`);
    return { config: image.Config, layers: image.Layers, tags: isStringList(image.RepoTags) ? image.RepoTags : [] };
  });
}

function chooseImage(
  images: readonly ArchivedImage[],
  { path, name }: { readonly path: string; readonly name: string | undefined },
): ArchivedImage {
  const found = name === undefined ? images : images.filter(({ tags }) => tags.includes(name));
  if (found.length === 1) return found[0]!;
  const tags = images.flatMap((image) => image.tags).slice(0, 20);
  throw new BuilderError(
    'base-not-found',
    name === undefined
      ? say`${path} holds ${images.length} images`
      : say`${path} holds no image named ${JSON.stringify(name)}`,
    {
      hint:
        tags.length > 0
          ? say`It has: ${tags.join(', ')}. Name one: docker-archive:${path}:NAME`
          : say`Its images have no names.`,
    },
  );
}

type ArchivedLayer = BlobSource & { readonly diffId?: string };

async function openLayer(
  tar: TarFile,
  name: string,
  { parts, ...options }: DockerArchiveOptions & { readonly parts: AsyncDisposableStack },
): Promise<ArchivedLayer> {
  let start: Buffer | undefined;
  const meter = createDigestMeter();
  const source = tar.open(name);
  for await (const chunk of source) {
    start ??= (chunk as Buffer).subarray(0, 4);
    // A plain tar is compressed anyway; only a compressed layer needs its digest before it is sent.
    if (compressionOfBytes(start) === 'none') break;
    meter.update(chunk as Buffer);
  }
  const compression = compressionOfBytes(start ?? Buffer.alloc(0));
  if (compression === 'none') return parts.use(await compressLayer(tar.open(name), options));
  const descriptor = { mediaType: ociLayerType(compression), digest: meter.digest(), size: meter.sizeBytes };
  return { descriptor, open: () => tar.open(name) };
}

function isStringList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function refuse(path: string, why: Sentence): never {
  throw new BuilderError('image-invalid', say`${path} is no image that docker can have saved: ${why}`, {
    hint: say`Save the image again with docker save or podman save.`,
  });
}
