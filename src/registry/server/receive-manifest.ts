import { Readable } from 'node:stream';
import { BuilderError } from '../../errors.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { algorithmOf, type Digest, digestOf } from '../../oci/digest.ts';
import {
  type Index,
  isIndex,
  type Manifest,
  maxManifestBytes,
  parseManifestOrIndex,
  parseObject,
} from '../../oci/manifest.ts';
import type { Registry, RegistryRequest } from './registry.ts';
import { RegistryError } from './registry-error.ts';
import type { ManifestEntry, ManifestPush } from './registry-index.ts';
import { type ManifestReference, type RouteOf, tagOrRefuse } from './registry-route.ts';
import { readBody } from './request-body.ts';

/** Tags that one push by digest may set. */
const maxTagsPerPush = 50;

/**
 * Takes a manifest, distribution-spec end-7. Everything it names must be in the repository, but for its subject and layers that may
 * not be distributed; only then is it stored, and only when it is stored does a tag point to it.
 */
export async function receiveManifest(
  registry: Registry,
  { c, route }: RegistryRequest<RouteOf<'manifest'>>,
): Promise<Response> {
  const { repository, reference } = route;
  const tags = tagsOf(reference, c.req.queries('tag'));
  const bytes = await readBody(c, maxManifestBytes);
  const digest = digestOfPush(bytes, reference);
  const manifest = parsePushed(bytes, c.req.header('content-type'));
  const needed = await findParts(registry, repository, manifest);
  await registry.holds.hold(digest, async () => {
    await registry.blobs.write(Readable.from([bytes]), { digest, sizeBytes: bytes.length });
    const push = { entry: entryOf(manifest, { bytes, digest }), ...needed, tags };
    if (await registry.index.manifests.put(repository, push)) return;
    throw new RegistryError('MANIFEST_BLOB_UNKNOWN', 'Something that the manifest names was deleted meanwhile');
  });

  const headers: Record<string, string> = {
    Location: `/v2/${repository}/manifests/${digest}`,
    'Docker-Content-Digest': digest,
  };
  if (manifest.subject) headers['OCI-Subject'] = manifest.subject.digest;
  if ('digest' in reference && tags.length > 0) headers['OCI-Tag'] = tags.join(', ');
  return new Response(null, { status: 201, headers });
}

function tagsOf(reference: ManifestReference, more: readonly string[] = []): readonly string[] {
  if ('tag' in reference) return [reference.tag];
  if (more.length > maxTagsPerPush) {
    throw new RegistryError('MANIFEST_INVALID', `At most ${maxTagsPerPush} tags are set by one push`, { status: 414 });
  }
  return [...new Set(more.map(tagOrRefuse))];
}

function digestOfPush(bytes: Buffer, reference: ManifestReference): Digest {
  if ('tag' in reference) return digestOf(bytes);
  const actual = digestOf(bytes, algorithmOf(reference.digest));
  if (actual === reference.digest) return actual;
  throw new RegistryError('DIGEST_INVALID', `${reference.digest} was announced, ${actual} came`);
}

function parsePushed(bytes: Buffer, contentType: string | undefined): Manifest | Index {
  try {
    const mediaType = contentType?.split(';')[0]?.trim() || String(parseObject(bytes).mediaType);
    return parseManifestOrIndex(bytes, mediaType);
  } catch (error) {
    if (!(error instanceof BuilderError)) throw error;
    const why = error.message.slice(error.message.indexOf(': ') + 2);
    throw new RegistryError('MANIFEST_INVALID', `The manifest is not valid: ${why}`);
  }
}

/** What the manifest names and the repository has to have; it is leased. Throws `MANIFEST_BLOB_UNKNOWN`, `MANIFEST_INVALID`. */
async function findParts(
  registry: Registry,
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
