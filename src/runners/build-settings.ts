import type { PackageIndexes } from '../ecosystems/pip/uv-settings.ts';
import type { Credential } from '../registry/client/credentials.ts';

/** Where images are pushed to. */
export interface PushSettings {
  /** As `parseTarget` reads it: `registry.example.com/team/`. */
  readonly target: string;
  readonly credential?: Credential | undefined;
  /** Talk plain HTTP to it. */
  readonly plainHttp: boolean;
}

/** Port: what an administrator has set, as it is when a job begins. */
export interface BuildSettings {
  /** Throws `registry-not-set` when there is nowhere to push to. */
  push(): Promise<PushSettings>;
  /** The pull secret of that name, for its own registry only. Throws `not-found`, `forbidden`. */
  pullCredential(name: string, registry: string): Promise<Credential>;
  /** `undefined` where the environment says. */
  pipIndexes(): Promise<PackageIndexes | undefined>;
}
