import type { BuildSettings } from '../runners/build-settings.ts';
import type { Database } from '../store/database.ts';
import { credentialsFor } from '../store/secrets/pull-secrets.ts';
import type { SecretBox } from '../store/secrets/secret-box.ts';
import { aptSources, condaChannels, networkSettings, pipIndexes } from '../store/settings/package-sources.ts';
import { effectiveRegistry } from '../store/settings/registry-settings.ts';
import { trustedHosts } from '../store/settings/trusted-hosts.ts';
import { noRegistry } from './registry-settings-routes.ts';

export interface StoredSettingsOptions {
  readonly database: Database;
  readonly box: SecretBox;
  /** Where others reach the registry that this process serves. */
  readonly embeddedUrl: () => string;
  /** Hosts that may be reached besides those that administrators configure. */
  readonly ownHosts: () => readonly string[];
}

/** What administrators have set, read anew for every job. */
export function storedBuildSettings({ database, box, embeddedUrl, ownHosts }: StoredSettingsOptions): BuildSettings {
  return {
    async push() {
      const registry = await effectiveRegistry(database, box, { embeddedUrl: embeddedUrl() });
      if (registry !== undefined) return registry;
      throw noRegistry();
    },
    pullCredential: ({ name, registry, ownerGroup }) =>
      credentialsFor(database, box, { name, registryHost: registry, ownerGroup }),
    trustedHosts: async () => [...ownHosts(), ...(await trustedHosts(database))],
    aptSources: () => aptSources(database, box),
    pipIndexes: () => pipIndexes(database, box),
    condaChannels: () => condaChannels(database, box),
    network: () => networkSettings(database, box),
  };
}
