import type { RegistryClient } from './registry-client.ts';

/** A client that leaves each registry to the client that is chosen for it: `127.0.0.1:8080`. */
export function createRoutedClient(clientFor: (registry: string) => RegistryClient): RegistryClient {
  return {
    ping: (registry, call) => clientFor(registry).ping(registry, call),
    hasCredentials: (repository) => clientFor(repository.registry).hasCredentials(repository),
    getManifest: (repository, ...rest) => clientFor(repository.registry).getManifest(repository, ...rest),
    headManifest: (repository, ...rest) => clientFor(repository.registry).headManifest(repository, ...rest),
    putManifest: (repository, ...rest) => clientFor(repository.registry).putManifest(repository, ...rest),
    getBlob: (repository, ...rest) => clientFor(repository.registry).getBlob(repository, ...rest),
    readBlob: (repository, ...rest) => clientFor(repository.registry).readBlob(repository, ...rest),
    hasBlob: (repository, ...rest) => clientFor(repository.registry).hasBlob(repository, ...rest),
    mountBlob: (repository, ...rest) => clientFor(repository.registry).mountBlob(repository, ...rest),
    uploadBlob: (repository, ...rest) => clientFor(repository.registry).uploadBlob(repository, ...rest),
  };
}
