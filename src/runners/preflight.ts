import { findLock } from '../build/find-lock.ts';
import { openBase } from '../build/open-base.ts';
import { wantedEcosystems } from '../build/wanted-ecosystems.ts';
import type { Problem } from '../errors.ts';
import type { Lock } from '../lock/lock.ts';
import { checkSpec } from '../lock/lock-spec.ts';
import { defaultPlatform } from '../oci/platform.ts';
import { planLayers } from '../plan/plan-layers.ts';
import type { Sentence } from '../sentence.ts';
import { type SpecText, specOf } from '../spec/spec-text.ts';
import type { BuildSettings } from './build-settings.ts';
import { openJobTools, type SharedTools } from './open-job-tools.ts';
import type { RegistryGrant } from './registry-grant.ts';

/** What would be built. */
export interface Preflight {
  readonly lock: Lock;
  readonly lockDigest: string;
  readonly revision: string;
  readonly notices: readonly Sentence[];
  readonly base: { readonly digest: string; readonly layers: number; readonly sizeBytes: number };
  /** Layers that would be added. */
  readonly layers: number;
  readonly downloadBytes: number;
}

export interface PreflightRequest {
  readonly name: string;
  readonly spec: SpecText;
  readonly pullSecret: string | null;
  readonly ownerGroup: string | null;
  /** Of whoever asks: what they see can be a base. */
  readonly groups: RegistryGrant['groups'];
  readonly signal: AbortSignal;
}

/** Works out what a spec means, without building it. Throws what `findLock` throws, with all problems. */
export async function preflight(
  { name, spec: text, pullSecret, ownerGroup, groups, signal }: PreflightRequest,
  shared: SharedTools,
  settings: BuildSettings,
): Promise<Preflight> {
  const spec = specOf(name, text);
  using tools = await openJobTools(
    { base: spec.base, wanted: wantedEcosystems({ spec }), pullSecret, ownerGroup, grant: { groups } },
    shared,
    settings,
  );
  const notices: Sentence[] = [];
  const request = {
    spec,
    platform: defaultPlatform,
    lockMaxAgeMs: 10 * 60_000,
    signal,
    onEvent: (event: { readonly type: string }) => {
      if (event.type === 'notice') notices.push((event as unknown as { message: Sentence }).message);
    },
  };
  const base = await openBase(request, tools);
  const { ecosystems, lockCache } = tools;
  const { lock, lockDigest, revision } = await findLock(request, { ecosystems, lockCache }, base);
  const { layers } = base.image.manifest;
  return {
    lock,
    lockDigest,
    revision,
    notices,
    base: {
      digest: base.image.digest,
      layers: layers.length,
      sizeBytes: layers.reduce((sum, { size }) => sum + size, 0),
    },
    layers: planLayers({ packages: lock.packages, removals: [], baseLayers: layers.length }).length,
    downloadBytes: lock.packages.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  };
}

/** What is wrong with the lines by themselves: no base is looked at and nobody is asked. */
export async function grammarProblems(
  { name, spec: text }: Pick<PreflightRequest, 'name' | 'spec'>,
  shared: SharedTools,
  settings: BuildSettings,
): Promise<readonly Problem[]> {
  const spec = specOf(name, text);
  using tools = await openJobTools(
    { base: spec.base, wanted: wantedEcosystems({ spec }), pullSecret: null, ownerGroup: null, grant: { groups: [] } },
    shared,
    settings,
  );
  return checkSpec(
    spec,
    tools.ecosystems.map(({ resolver }) => resolver),
  );
}
