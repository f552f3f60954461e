import { BuilderError } from '../../errors.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { algorithmOf, type Digest, digestOf } from '../../oci/digest.ts';
import { type Index, isIndex, type Manifest, maxManifestBytes, parseManifestOrIndex } from '../../oci/manifest.ts';
import { formatPlatform, matchesPlatform, type Platform } from '../../oci/platform.ts';
import type { Reference } from '../../oci/reference.ts';
import { ensureBlob } from '../../registry/client/push-image.ts';
import type { RegistryClient } from '../../registry/client/registry-client.ts';
import { say } from '../../sentence.ts';
import type { ImageContent } from './image-content.ts';

export interface CopyOptions {
  readonly client: RegistryClient;
  /** Only the image for it; all there are, unless told. */
  readonly platform?: Platform | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told of bytes that go over the wire. */
  onBytes?(count: number): void;
}

export interface CopiedImage {
  readonly digest: Digest;
  /** Different layers of all platforms. */
  readonly layers: number;
}

/** A manifest or index of the image with its bytes, verified. */
interface FoundManifest {
  readonly descriptor: Descriptor;
  readonly bytes: Buffer;
  readonly content: Manifest | Index;
}

const maxDepth = 3;
const maxManifests = 500;
const blobsAtOnce = 4;

/**
 * Puts an image as it is under a reference: blobs that are missing, then manifests, parts before wholes, the name last. Throws
 * `content-mismatch` for content that has not its digest, `platform-unavailable`, `limit-exceeded`, and what the client throws.
 */
export async function copyContent(
  content: ImageContent,
  target: Reference,
  options: CopyOptions,
): Promise<CopiedImage> {
  const root = options.platform
    ? await findPlatform(content, options.platform)
    : await readManifest(content, content.root);
  const manifests = await collectManifests(content, root);
  const images = manifests.flatMap((found): Manifest[] => (isIndex(found.content) ? [] : [found.content]));
  const layers = new Map(images.flatMap((image) => image.layers.map((layer) => [layer.digest, layer])));
  const configs = images.map(({ config }): [Digest, Descriptor] => [config.digest, config]);
  await copyBlobs(content, [...new Map([...layers, ...configs]).values()], { ...options, target });
  for (const { descriptor, bytes } of manifests) {
    const name = descriptor.digest === root.descriptor.digest ? (target.tag ?? descriptor.digest) : descriptor.digest;
    const { client, signal } = options;
    await client.putManifest(target.repository, name, { bytes, mediaType: descriptor.mediaType }, { signal });
  }
  return { digest: root.descriptor.digest, layers: layers.size };
}

async function findPlatform(content: ImageContent, platform: Platform): Promise<FoundManifest> {
  const offered: Platform[] = [];
  const search = async (descriptor: Descriptor, depth: number): Promise<FoundManifest | undefined> => {
    const found = await readManifest(content, descriptor);
    if (!isIndex(found.content)) return found;
    const { manifests } = found.content;
    offered.push(...manifests.flatMap((entry) => entry.platform ?? []));
    for (const entry of manifests) {
      const fits = entry.platform ? matchesPlatform(platform, entry.platform) : depth < maxDepth;
      const image = fits ? await search(entry, depth + 1) : undefined;
      if (image) return image;
    }
    return undefined;
  };
  const image = await search(content.root, 1);
  if (image) return image;
  throw new BuilderError('platform-unavailable', say`The image is not there for ${formatPlatform(platform)}`, {
    hint: say`It is there for: ${[...new Set(offered.map(formatPlatform))].slice(0, 20).join(', ') || 'nothing'}.`,
  });
}

/** All manifests below the root, parts before wholes. */
async function collectManifests(content: ImageContent, root: FoundManifest): Promise<readonly FoundManifest[]> {
  const found = new Map<Digest, FoundManifest>();
  const visit = async (manifest: FoundManifest, depth: number): Promise<void> => {
    for (const part of isIndex(manifest.content) ? manifest.content.manifests : []) {
      if (found.has(part.digest)) continue;
      if (depth >= maxDepth || found.size >= maxManifests) {
        throw new BuilderError(
          'limit-exceeded',
          say`The image has indexes in more than ${maxDepth} levels or more than ${maxManifests} parts`,
        );
      }
      await visit(await readManifest(content, part), depth + 1);
    }
    found.set(manifest.descriptor.digest, manifest);
  };
  await visit(root, 1);
  return [...found.values()];
}

async function readManifest(content: ImageContent, descriptor: Descriptor): Promise<FoundManifest> {
  if (descriptor.size > maxManifestBytes) {
    throw new BuilderError(
      'limit-exceeded',
      say`The manifest ${descriptor.digest} has more than ${maxManifestBytes} bytes`,
    );
  }
  const bytes = await content.readManifest(descriptor);
  if (digestOf(bytes, algorithmOf(descriptor.digest)) !== descriptor.digest) {
    throw new BuilderError(
      'content-mismatch',
      say`The manifest ${descriptor.digest} has another digest where the image comes from`,
      {
        hint: say`What the image comes from is damaged; fetch or save it again.`,
      },
    );
  }
  return { descriptor, bytes, content: parseManifestOrIndex(bytes, descriptor.mediaType) };
}

async function copyBlobs(
  content: ImageContent,
  blobs: readonly Descriptor[],
  { client, target, signal, onBytes }: CopyOptions & { readonly target: Reference },
): Promise<void> {
  const mountFrom = content.repository ? [content.repository] : [];
  const left = blobs.filter(({ mediaType }) => !isNondistributable(mediaType)).values();
  const failed = new AbortController();
  const either = AbortSignal.any([failed.signal, ...(signal ? [signal] : [])]);
  const work = async () => {
    for (const descriptor of left) {
      either.throwIfAborted();
      const source = { descriptor, open: () => content.openBlob(descriptor) };
      await ensureBlob(client, target.repository, source, { mountFrom, signal: either, ...(onBytes && { onBytes }) });
    }
  };
  const workers = Array.from({ length: blobsAtOnce }, () =>
    work().catch((error: unknown) => {
      // The first failure is the reason; what the others then say is not.
      if (!failed.signal.aborted) failed.abort(error);
    }),
  );
  await Promise.all(workers);
  if (failed.signal.aborted) throw failed.signal.reason;
}

/** Such layers are fetched from elsewhere by whoever runs the image, and are not pushed. */
function isNondistributable(mediaType: string): boolean {
  return /\.nondistributable\.|\.rootfs\.foreign\./.test(mediaType);
}
