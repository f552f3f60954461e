import { BuilderError } from '../errors.ts';
import type { BuildSettings } from '../runners/build-settings.ts';

/** Settings of a service that nobody has set anything of: images go to its own registry. */
export function embeddedSettings(embeddedHost: () => string): BuildSettings {
  return {
    push: async () => ({ target: `${embeddedHost()}/`, plainHttp: true }),
    async pullCredential(name) {
      throw new BuilderError('not-found', `There is no pull secret called "${name}"`);
    },
    pipIndexes: async () => undefined,
  };
}
