import { parseReference } from '../../oci/reference.ts';
import type { Queries } from '../database.ts';
import { readRegistrySettings, registryHostOf } from './registry-settings.ts';

/**
 * The hosts that administrators have configured, `registry.example.com` or `10.0.0.5:5000`: of the registry, of package sources, of
 * registered bases and of the platform's pull secrets.
 */
export async function trustedHosts(queries: Queries): Promise<readonly string[]> {
  const stored = await readRegistrySettings(queries);
  const registry = stored && registryHostOf(stored.value);
  const sources = await queries.query<{ url: string }>('select url from package_sources where url is not null');
  const bases = await queries.query<{ reference: string }>('select reference from base_images');
  const secrets = await queries.query<{ host: string }>(
    'select registry_host as host from pull_secrets where owner_group is null',
  );
  return [
    ...(registry === undefined ? [] : [registry]),
    ...sources.flatMap(({ url }) => (URL.canParse(url) ? [new URL(url).host] : [])),
    ...bases.map(({ reference }) => parseReference(reference).repository.registry),
    ...secrets.map(({ host }) => host),
  ];
}
