import { buffer } from 'node:stream/consumers';
import type { Digest } from '../../oci/digest.ts';
import type { Registry, RegistryRequest } from './registry.ts';
import { RegistryError } from './registry-error.ts';
import type { ManifestEntry } from './registry-index.ts';
import type { ManifestReference, RouteOf } from './registry-route.ts';

type ManifestRequest = RegistryRequest<RouteOf<'manifest'>>;

/** Pulls a manifest by tag or digest, distribution-spec end-3. */
export async function answerManifest(registry: Registry, { c, route }: ManifestRequest): Promise<Response> {
  const { descriptor } = await findManifest(registry, route);
  const headers = {
    'Content-Type': descriptor.mediaType,
    'Content-Length': String(descriptor.size),
    'Docker-Content-Digest': descriptor.digest,
    ETag: `"${descriptor.digest}"`,
  };
  if (c.req.method === 'HEAD') return new Response(null, { headers });
  const bytes = await buffer(registry.blobs.open(descriptor.digest));
  await registry.index.manifests.notePull(route.repository, descriptor.digest);
  return new Response(new Uint8Array(bytes), { headers });
}

/** Deletes a tag, or a manifest with all its tags, end-9. */
export async function deleteManifest({ index }: Registry, { route }: ManifestRequest): Promise<Response> {
  const { repository, reference } = route;
  if ('tag' in reference) {
    if (!(await index.tags.delete(repository, reference.tag))) throw manifestUnknown(reference);
    return new Response(null, { status: 202 });
  }
  const deletion = await index.manifests.delete(repository, reference.digest);
  if (deletion === 'missing') throw manifestUnknown(reference);
  if (deletion === 'needed') {
    throw new RegistryError('UNSUPPORTED', 'An index of the repository lists the manifest: delete that first');
  }
  return new Response(null, { status: 202 });
}

/** Throws `RegistryError` `MANIFEST_UNKNOWN`. */
export async function findManifest(
  registry: Pick<Registry, 'index'>,
  { repository, reference }: Pick<RouteOf<'manifest'>, 'repository' | 'reference'>,
): Promise<ManifestEntry> {
  const digest = await digestOfReference(registry, repository, reference);
  const entry = digest && (await registry.index.manifests.get(repository, digest));
  if (entry === undefined) throw manifestUnknown(reference);
  return entry;
}

async function digestOfReference(
  { index }: Pick<Registry, 'index'>,
  repository: string,
  reference: ManifestReference,
): Promise<Digest | undefined> {
  return 'tag' in reference ? index.tags.get(repository, reference.tag) : reference.digest;
}

function manifestUnknown(reference: ManifestReference): RegistryError {
  const what = 'tag' in reference ? `tag ${reference.tag}` : `manifest ${reference.digest}`;
  return new RegistryError('MANIFEST_UNKNOWN', `The repository has no ${what}`);
}
