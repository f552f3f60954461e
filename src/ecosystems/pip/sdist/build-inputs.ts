import { join } from 'node:path';
import type { PrepareOptions } from '../../../layers/layer-source.ts';
import type { LockedFile } from '../../../lock/lock.ts';
import { canonicalJson } from '../../../oci/canonical-json.ts';
import { digestOf, hexOf } from '../../../oci/digest.ts';
import { fetchPackage } from '../../fetch-package.ts';
import { type BuildPlace, type BuildTools, environmentOf, hasApt } from './build-environment.ts';
import type { BuildSystem } from './build-system.ts';
import type { BuildInputs } from './run-build.ts';

/** Fetches a source archive unless it is there, verified by size and hash, and says where it lies. */
export async function fetchSdist(
  { filename, url, sha256, sizeBytes }: Omit<LockedFile, 'name' | 'version'>,
  { cacheDir, http, credentialsFor }: BuildTools,
  options: PrepareOptions,
): Promise<string> {
  const file = join(cacheDir, 'sdists', `${sha256}.sdist`);
  const wanted = { title: `source archive ${filename}`, url, sha256, sizeBytes };
  await fetchPackage(wanted, file, { http, ...(credentialsFor && { credentialsFor }), ...options });
  return file;
}

export interface BuildParts {
  readonly title: string;
  readonly source: BuildInputs['source'];
  readonly system: BuildSystem;
  readonly buildRequires: readonly LockedFile[];
}

/** All that a build is given, on this machine. */
export async function gatherInputs(
  { buildRequires, ...parts }: BuildParts,
  { below, python }: BuildPlace,
  { wheels, ...tools }: BuildTools & PrepareOptions,
): Promise<BuildInputs> {
  for (const wheel of buildRequires) await wheels.fetch(wheel, tools);
  return {
    ...parts,
    wheels: buildRequires.map((wheel) => ({ filename: wheel.filename, file: wheels.fileOf(wheel) })),
    python,
    env: environmentOf(below),
    hasApt: hasApt(below),
  };
}

/** Raised whenever the same inputs would be built otherwise. */
const buildVersion = 2;

/**
 * Names all that can change what a build gives. The whole root file system is among it: a Python that somebody has tampered with would build
 * something else, and what it built must never be taken for another base.
 */
export function buildKey(
  sha256: string,
  buildRequires: readonly LockedFile[],
  { below, python }: BuildPlace,
  { rooms }: Pick<BuildTools, 'rooms'>,
): string {
  const key = {
    build: buildVersion,
    source: sha256,
    requires: buildRequires.map((wheel) => wheel.sha256),
    room: rooms.keyOf(below),
    python: python.executable,
    env: environmentOf(below),
  };
  return hexOf(digestOf(canonicalJson(key)));
}
