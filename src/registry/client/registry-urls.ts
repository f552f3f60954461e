import { isLoopbackHost } from '../../http/loopback.ts';
import { dockerHub, type Repository } from '../../oci/reference.ts';

/** Where registries are. */
export interface RegistryUrls {
  /** `https://registry.example.com/v2/` */
  base(registry: string): URL;
  /** `https://registry.example.com/v2/team/python/manifests/3.11`, of the path `manifests/3.11`. */
  of(repository: Repository, path: string): URL;
  /**
   * True when a registry may send us there: over TLS, where the user has said that plain HTTP will do, and to this machine when the
   * registry runs on it as well.
   */
  mayLeadTo(url: URL, registry: string): boolean;
}

/**
 * Registries speak HTTPS, but plain HTTP on loopback and when listed in `insecureRegistries` (`registry.example.com:5000`, as in
 * references). The scheme is never found out by trying. The API of Docker Hub is at another host than its name.
 */
export function registryUrls(insecureRegistries: readonly string[] = []): RegistryUrls {
  const insecure = new Set(insecureRegistries.map((registry) => registry.toLowerCase()));
  const base = (registry: string) => {
    const host = registry === dockerHub ? 'registry-1.docker.io' : registry;
    const { hostname } = new URL(`https://${host}`);
    const isPlain = isLoopbackHost(hostname) || insecure.has(registry);
    return new URL(`${isPlain ? 'http' : 'https'}://${host}/v2/`);
  };
  return {
    base,
    of: ({ registry, name }, path) => new URL(`${name}/${path}`, base(registry)),
    mayLeadTo(url, registry) {
      if (url.protocol === 'https:') return true;
      if (url.protocol !== 'http:') return false;
      return insecure.has(url.host) || (isLoopbackHost(url.hostname) && isLoopbackHost(base(registry).hostname));
    },
  };
}
