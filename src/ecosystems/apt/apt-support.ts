import type { HttpClient } from '../../http/http-client.ts';
import { createTurns } from '../../layers/turns.ts';
import type { InstalledEcosystem } from '../ecosystem.ts';
import { createAptResolver } from './apt-resolver.ts';
import type { AptTools } from './apt-room.ts';
import { type AptSources, aptCredentials, noAptSources } from './apt-sources.ts';
import { openDebStore } from './deb-store.ts';
import { installLayer } from './install-layer.ts';

export interface AptSupportOptions extends Omit<AptTools, 'sources'> {
  readonly http: HttpClient;
  /** Besides those of the base; none unless told. */
  readonly sources?: AptSources | undefined;
}

/** Debian packages: solved and installed by the base's own apt in the sandbox. */
export function createAptSupport({ http, sources = noAptSources, ...options }: AptSupportOptions): InstalledEcosystem {
  const debs = openDebStore(options.cacheDir, { http, credentialsFor: aptCredentials(sources) });
  const tools = { ...options, sources, debs, turns: createTurns() };
  return {
    resolver: createAptResolver(tools),
    install: (request) => installLayer(request, tools),
  };
}
