import type { AptSources } from '../ecosystems/apt/apt-sources.ts';
import type { CondaChannels } from '../ecosystems/conda/channels.ts';
import type { PackageIndexes } from '../ecosystems/pip/uv-settings.ts';
import type { NetworkSettings } from '../http/ways-out.ts';
import type { Credential } from '../registry/client/credentials.ts';

/** Where images are pushed to. */
export interface PushSettings {
  /** As `parseTarget` reads it: `registry.example.com/team/`. */
  readonly target: string;
  readonly credential?: Credential | undefined;
  /** Talk plain HTTP to it. */
  readonly plainHttp: boolean;
  /** Take any certificate of it. */
  readonly insecureSkipVerify: boolean;
}

/** For what a pull secret is wanted. */
export interface PullRequest {
  readonly name: string;
  /** Host of the registry that asks. */
  readonly registry: string;
  /** The group that owns the image. */
  readonly ownerGroup: string | null;
}

/** Port: what an administrator has set, as it is when a job begins. */
export interface BuildSettings {
  /** Throws `registry-not-set` when there is nowhere to push to. */
  push(): Promise<PushSettings>;
  /** A pull secret, for its own registry and for images of its group only. Throws `not-found`, `forbidden`. */
  pullCredential(request: PullRequest): Promise<Credential>;
  /** Hosts that an administrator has configured, `registry.internal:5000`: they may be reached wherever they stand. */
  trustedHosts(): Promise<readonly string[]>;
  /** `undefined` where the environment says. */
  pipIndexes(): Promise<PackageIndexes | undefined>;
  /** Besides the sources of the base, and in place of them. */
  aptSources(): Promise<AptSources>;
  /** `undefined` where the environment says. */
  condaChannels(): Promise<CondaChannels | undefined>;
  network(): Promise<NetworkSettings>;
}
