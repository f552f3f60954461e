import { mediaTypes } from '../../oci/media-types.ts';
import type { Registry, RegistryRequest } from './registry.ts';
import type { RouteOf } from './registry-route.ts';

/** Lists the manifests whose subject is a digest, distribution-spec end-12. */
export async function answerReferrers(
  { index }: Registry,
  { c, route }: RegistryRequest<RouteOf<'referrers'>>,
): Promise<Response> {
  const wanted = c.req.query('artifactType');
  const all = await index.manifests.referrersOf(route.repository, route.digest);
  const manifests = wanted ? all.filter(({ artifactType }) => artifactType === wanted) : all;
  return Response.json(
    { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests },
    { headers: { 'Content-Type': mediaTypes.ociIndex, ...(wanted && { 'OCI-Filters-Applied': 'artifactType' }) } },
  );
}
