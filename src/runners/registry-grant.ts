import type { RegistryClient } from '../registry/client/registry-client.ts';

/** What a job may do in the registry of this service. */
export interface RegistryGrant {
  /** It pulls what these groups see. */
  readonly groups: 'all' | readonly string[];
  /** It pushes to this repository, and to no other. */
  readonly repository?: string;
}

/** The registry of this service. */
export interface OwnRegistry {
  /** All names it is reached by: `127.0.0.1:8080`, `images.example.com`. */
  readonly hosts: readonly string[];
  clientFor(grant: RegistryGrant): RegistryClient;
}
