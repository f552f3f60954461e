import type { HttpClient } from '../../http/http-client.ts';
import { createTurns } from '../../layers/turns.ts';
import { usualLimits } from '../../sandbox/sandbox.ts';
import type { InstalledEcosystem } from '../ecosystem.ts';
import { createAptResolver } from './apt-resolver.ts';
import type { AptTools } from './apt-room.ts';
import { openDebStore } from './deb-store.ts';
import { installLayer } from './install-layer.ts';

export interface AptSupportOptions extends Omit<AptTools, 'limits'> {
  readonly http: HttpClient;
  readonly limits?: AptTools['limits'];
}

/** Debian packages: solved and installed by the base's own apt in the sandbox. */
export function createAptSupport({ http, limits = usualLimits, ...options }: AptSupportOptions): InstalledEcosystem {
  const tools = { ...options, limits, debs: openDebStore(options.cacheDir, http), turns: createTurns() };
  return {
    resolver: createAptResolver(tools),
    install: (request) => installLayer(request, tools),
  };
}
