import type { InstalledDistribution } from '../../../rootfs/python-environment.ts';
import type { ToldDistribution } from '../installed-index.ts';
import { type ProjectFilesOptions, projectFiles } from '../project-files.ts';
import type { TaggedPython } from '../tags.ts';
import { compareVersions, formatVersion, parseVersion } from '../version.ts';
import { directVersion } from './direct-version.ts';
import type { InspectedSdist } from './inspect-sdist.ts';
import { type SdistRelease, sdistReleases } from './sdist-releases.ts';

/*
 * Versions that come as source only, told to the solver as wheels that hold nothing but metadata.
 *
 * What such a version needs is known when its code has run, which takes a second and is wanted for the versions alone that are taken. So at
 * first each needs nothing; those that the solver takes are looked into, it is asked again, and so on until it takes none that is not known:
 *
 *   no wheel of odfpy ──▶ offer ──▶ solver takes odfpy 1.4.1 ──▶ inspect: needs defusedxml ──▶ solver takes odfpy 1.4.1, defusedxml 0.7.1
 */

export interface SdistCandidates {
  /** Looks for the source of packages; true when there is some that was not told before. */
  offer(names: readonly string[]): Promise<boolean>;
  /** All that was found, with what is known of it. */
  told(): readonly ToldDistribution[];
  find(name: string, version: string): SdistRelease | undefined;
  /** What a release has been found to be. */
  inspected(release: SdistRelease): InspectedSdist | undefined;
  note(inspected: InspectedSdist): void;
  /** Adds source that a line names by its URL: of its package, that is the one to be found. */
  addDirect(inspected: InspectedSdist): void;
}

export interface SdistCandidatesOptions extends ProjectFilesOptions {
  readonly python: TaggedPython;
  readonly installed: ReadonlyMap<string, InstalledDistribution>;
}

/** Newest versions of one package that are told; the further ones are of an age that nobody asks for. */
const maxReleases = 300;

export function createSdistCandidates({ python, installed, ...options }: SdistCandidatesOptions): SdistCandidates {
  const asked = new Set<string>();
  const releases = new Map<string, SdistRelease>();
  const known = new Map<SdistRelease, InspectedSdist>();
  const direct = new Map<string, SdistRelease>();
  const keyOf = (name: string, version: string) => `${name} ${canonical(version)}`;

  async function look(name: string): Promise<boolean> {
    if (asked.has(name)) return false;
    asked.add(name);
    const found = sdistReleases(name, await projectFiles(name, options), python)
      .filter(({ version }) => keyOf(name, version) !== keyOf(name, installed.get(name)?.version ?? ''))
      .sort((a, b) => compareVersions(parseVersion(a.version)!, parseVersion(b.version)!))
      .slice(-maxReleases);
    for (const release of found) releases.set(keyOf(name, release.version), release);
    return found.length > 0;
  }

  return {
    async offer(names) {
      return (await Promise.all(names.map(look))).some((isNews) => isNews);
    },
    told: () =>
      [...releases.values(), ...direct.values()].map((release) => {
        const { requires = [], requiresPython } = known.get(release) ?? {};
        const { name } = release;
        const version = direct.get(name) === release ? directVersion(release.version) : release.version;
        return { name, version, requires, ...(requiresPython !== undefined && { requiresPython }) };
      }),
    find: (name, version) => direct.get(name) ?? releases.get(keyOf(name, version)),
    inspected: (release) => known.get(release),
    note: (inspected) => void known.set(inspected.release, inspected),
    addDirect(inspected) {
      known.set(inspected.release, inspected);
      direct.set(inspected.release.name, inspected.release);
    },
  };
}

function canonical(version: string): string {
  const parsed = parseVersion(version);
  return parsed === undefined ? version : formatVersion(parsed);
}
