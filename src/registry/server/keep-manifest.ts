import { Readable } from 'node:stream';
import { BuilderError } from '../../errors.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { type Index, isIndex, type Manifest, parseManifestOrIndex, parseObject } from '../../oci/manifest.ts';
import type { Registry } from './registry.ts';
import { RegistryError } from './registry-error.ts';
import type { ManifestEntry, ManifestPush } from './registry-index.ts';

export interface PushedManifest {
  readonly repository: string;
  readonly bytes: Buffer;
  /** Of the bytes. */
  readonly digest: Digest;
  /** What the manifest says of itself counts when absent. */
  readonly mediaType?: string | undefined;
  readonly tags: readonly string[];
  /** The store has the bytes already. */
  readonly isStored?: boolean;
}

/**
 * Keeps a manifest. Everything it names must be in the repository, but for its subject and layers that may not be distributed; only then
 * is it stored, and only when it is stored do its tags point to it. Throws `RegistryError` `MANIFEST_INVALID`, `MANIFEST_BLOB_UNKNOWN`.
 */
export async function keepManifest(
  registry: Pick<Registry, 'blobs' | 'index' | 'holds'>,
  pushed: PushedManifest,
): Promise<Manifest | Index> {
  const { repository, bytes, digest, tags, isStored = false } = pushed;
  const manifest = parsePushed(pushed);
  const needed = await findParts(registry, repository, manifest);
  await registry.holds.hold(digest, async () => {
    if (!isStored) await registry.blobs.write(Readable.from([bytes]), { digest, sizeBytes: bytes.length });
    const push = { entry: entryOf(manifest, { bytes, digest }), ...needed, tags };
    if (await registry.index.manifests.put(repository, push)) return;
    throw new RegistryError('MANIFEST_BLOB_UNKNOWN', 'Something that the manifest names was deleted meanwhile');
  });
  return manifest;
}

function parsePushed({ bytes, mediaType }: PushedManifest): Manifest | Index {
  try {
    return parseManifestOrIndex(bytes, mediaType ?? String(parseObject(bytes).mediaType));
  } catch (error) {
    if (!(error instanceof BuilderError)) throw error;
    const why = error.message.slice(error.message.indexOf(': ') + 2);
    throw new RegistryError('MANIFEST_INVALID', `The manifest is not valid: ${why}`);
  }
}

/** What the manifest names and the repository has to have; it is leased. Throws `MANIFEST_BLOB_UNKNOWN`, `MANIFEST_INVALID`. */
async function findParts(
  registry: Pick<Registry, 'blobs' | 'index'>,
  repository: string,
  manifest: Manifest | Index,
): Promise<Pick<ManifestPush, 'blobs' | 'manifests'>> {
  if (isIndex(manifest)) {
    for (const part of manifest.manifests) {
      const entry = await registry.index.manifests.get(repository, part.digest);
      checkPart(part, entry?.descriptor.size);
    }
    return { blobs: [], manifests: distinct(manifest.manifests) };
  }
  const parts = [manifest.config, ...manifest.layers];
  const linked = await registry.index.blobs.lease(repository, distinct(parts));
  const needed = parts.filter(({ mediaType, digest }) => linked.has(digest) || !isNondistributable(mediaType));
  for (const part of needed) {
    const blob = linked.has(part.digest) ? await registry.blobs.stat(part.digest) : undefined;
    checkPart(part, blob?.sizeBytes);
  }
  return { blobs: distinct(needed), manifests: [] };
}

function distinct(descriptors: readonly Descriptor[]): readonly Digest[] {
  return [...new Set(descriptors.map(({ digest }) => digest))];
}

function checkPart({ digest, size }: Descriptor, sizeBytes: number | undefined): void {
  if (sizeBytes === undefined) {
    throw new RegistryError('MANIFEST_BLOB_UNKNOWN', `The repository has no ${digest}, which the manifest names`);
  }
  if (sizeBytes !== size) {
    throw new RegistryError('MANIFEST_INVALID', `${digest} has ${sizeBytes} bytes, not ${size}, as the manifest says`);
  }
}

/** image-spec layer.md "Non-Distributable Layers", and what Docker calls foreign. */
function isNondistributable(mediaType: string): boolean {
  return /^application\/vnd\.(?:oci\.image\.layer\.nondistributable\.|docker\.image\.rootfs\.foreign\.)/.test(
    mediaType,
  );
}

function entryOf(
  manifest: Manifest | Index,
  { bytes, digest }: { readonly bytes: Buffer; readonly digest: Digest },
): ManifestEntry {
  const { mediaType, annotations, subject } = manifest;
  const own = parseObject(bytes).artifactType;
  // distribution-spec "Listing Referrers": an image without an artifactType is known by its config.
  const artifactType =
    typeof own === 'string' && own !== '' ? own : isIndex(manifest) ? undefined : manifest.config.mediaType;
  const descriptor: Descriptor = {
    mediaType,
    digest,
    size: bytes.length,
    ...(artifactType !== undefined && { artifactType }),
    ...(annotations && { annotations }),
  };
  return { descriptor, ...(subject && { subject: subject.digest }) };
}
