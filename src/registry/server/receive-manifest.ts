import { algorithmOf, type Digest, digestOf } from '../../oci/digest.ts';
import { maxManifestBytes } from '../../oci/manifest.ts';
import { keepManifest } from './keep-manifest.ts';
import type { Registry, RegistryRequest } from './registry.ts';
import { RegistryError } from './registry-error.ts';
import { type ManifestReference, type RouteOf, tagOrRefuse } from './registry-route.ts';
import { readBody } from './request-body.ts';

/** Tags that one push by digest may set. */
const maxTagsPerPush = 50;

/** Takes a manifest, distribution-spec end-7. */
export async function receiveManifest(
  registry: Registry,
  { c, route }: RegistryRequest<RouteOf<'manifest'>>,
): Promise<Response> {
  const { repository, reference } = route;
  const tags = tagsOf(reference, c.req.queries('tag'));
  const bytes = await readBody(c, maxManifestBytes);
  const digest = digestOfPush(bytes, reference);
  const mediaType = c.req.header('content-type')?.split(';')[0]?.trim() || undefined;
  const { subject } = await keepManifest(registry, { repository, bytes, digest, mediaType, tags });

  const headers: Record<string, string> = {
    Location: `/v2/${repository}/manifests/${digest}`,
    'Docker-Content-Digest': digest,
  };
  if (subject) headers['OCI-Subject'] = subject.digest;
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
