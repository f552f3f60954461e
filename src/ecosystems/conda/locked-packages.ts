import { BuilderError } from '../../errors.ts';
import type { LockedConda, LockedPrefix } from '../../lock/lock.ts';
import { listed, type Sentence, say } from '../../sentence.ts';
import type { BaseEnvironment, InstalledPackage } from './base-environment.ts';
import type { Channel } from './channels.ts';
import type { CondaRequest } from './conda-line.ts';
import { formatMatchSpec } from './match-spec.ts';
import { nameOfSpec, stemOf } from './repodata/record.ts';
import type { ChosenPackage } from './solve/solve-task.ts';

export interface LockRequest {
  readonly chosen: readonly ChosenPackage[];
  readonly requests: readonly CondaRequest[];
  /** As they were asked; a chosen package tells the number of its own. */
  readonly channels: readonly Channel[];
  readonly environment: BaseEnvironment;
}

export interface LockedEnvironment {
  /** What comes; sorted by name. */
  readonly packages: readonly LockedConda[];
  readonly prefix: LockedPrefix;
  /** What is asked for and in the base already. */
  readonly satisfied: readonly { readonly name: string; readonly version: string }[];
  readonly notices: readonly Sentence[];
}

/** Says what of the chosen packages comes, what stays, and why. Throws `resolver-failed` for what no lock can hold. */
export function lockEnvironment({ chosen, requests, channels, environment }: LockRequest): LockedEnvironment {
  const { path, isNew, installed } = environment;
  const before = new Map(installed.map((each) => [each.record.name, each]));
  const pythonBefore = before.get('python')?.record.version;
  const python = chosen.find(({ record }) => record.name === 'python')?.record;
  const pythonMoves =
    pythonBefore !== undefined && python !== undefined && minor(pythonBefore) !== minor(python.version);
  const stays = (each: ChosenPackage) =>
    isSame(each, before.get(each.record.name)) && !(pythonMoves && each.record.noarch === 'python');
  const requiredBy = parentsOf(chosen);
  const packages = chosen
    .filter((each) => !stays(each))
    .map((each) =>
      lockedConda(each, {
        channels,
        old: before.get(each.record.name),
        requestedBy: requests
          .filter(({ spec }) => spec.name === each.record.name)
          .map(({ spec }) => formatMatchSpec(spec)),
        requiredBy: requiredBy.get(each.record.name) ?? [],
      }),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const asked = new Set(requests.map(({ spec }) => spec.name));
  return {
    packages,
    prefix: {
      path,
      isNew,
      ...(python !== undefined && {
        python: python.version,
        sitePackages: python.python_site_packages_path ?? `lib/python${minor(python.version)}/site-packages`,
      }),
    },
    satisfied: chosen
      .filter((each) => asked.has(each.record.name) && stays(each))
      .map(({ record: { name, version } }) => ({ name, version })),
    notices: [
      ...(pythonMoves
        ? [
            say`The Python of the base's environment goes from ${pythonBefore} to ${python.version}: what pip put there for ${minor(pythonBefore)} is no longer found.`,
          ]
        : []),
      ...changesOfBase(packages, asked),
    ],
  };
}

function isSame({ subdir, filename }: ChosenPackage, old: InstalledPackage | undefined): boolean {
  return old !== undefined && old.subdir === subdir && stemOf(old.filename) === stemOf(filename);
}

function minor(version: string): string {
  return version.split('.', 2).join('.');
}

/** Names of the packages that need each, sorted. */
function parentsOf(chosen: readonly ChosenPackage[]): ReadonlyMap<string, readonly string[]> {
  const parents = new Map<string, Set<string>>();
  for (const { record } of chosen) {
    for (const name of record.depends.map(nameOfSpec)) {
      if (name !== record.name) parents.set(name, (parents.get(name) ?? new Set()).add(record.name));
    }
  }
  return new Map([...parents].map(([name, set]) => [name, [...set].sort()]));
}

interface Context {
  readonly channels: readonly Channel[];
  readonly old: InstalledPackage | undefined;
  readonly requestedBy: readonly string[];
  readonly requiredBy: readonly string[];
}

function lockedConda(chosen: ChosenPackage, { channels, old, requestedBy, requiredBy }: Context): LockedConda {
  const { subdir, filename, record } = chosen;
  const { name, version, build, sha256, md5, size, noarch, license, timestamp, features, track_features } = record;
  const place = placeOf(chosen, channels, old);
  if (place === undefined || sha256 === undefined || size === undefined) {
    const what = place === undefined ? say`no channel has it` : say`its channel does not say its sha256 and size`;
    throw new BuilderError('resolver-failed', say`${filename} cannot be locked: ${what}`, {
      hint: say`Ask for another version or build of it, or add its channel.`,
    });
  }
  const trackFeatures =
    typeof track_features === 'string' ? track_features.split(/[\s,]+/).filter(Boolean) : track_features;
  return {
    ecosystem: 'conda',
    name,
    version,
    build,
    buildNumber: record.build_number,
    subdir,
    ...place,
    filename,
    sha256,
    ...(md5 !== undefined && { md5 }),
    sizeBytes: size,
    depends: record.depends,
    constrains: record.constrains,
    ...(noarch !== undefined && { noarch }),
    ...(license !== undefined && { license }),
    ...(timestamp !== undefined && { timestamp }),
    ...(features !== undefined && { features }),
    ...(trackFeatures !== undefined && trackFeatures.length > 0 && { trackFeatures }),
    requestedBy,
    requiredBy,
    ...(old !== undefined && {
      replaces: { version: old.record.version, build: old.record.build, recordPath: old.recordPath },
    }),
  };
}

/** Where a package is to be had; for what only the base knows, where that once had it from. */
function placeOf(
  { channel: number, subdir, filename, baseUrl }: ChosenPackage,
  channels: readonly Channel[],
  old: InstalledPackage | undefined,
): { readonly channel: string; readonly url: string } | undefined {
  if (number === undefined) {
    const end = `${subdir}/${filename}`;
    return old?.url?.endsWith(`/${end}`) ? { channel: old.url.slice(0, -end.length), url: old.url } : undefined;
  }
  const channel = channels[number]!.url;
  const directory = new URL(`${channel}${subdir}/`);
  const base = baseUrl === undefined ? directory : new URL(baseUrl.replace(/\/*$/, '/'), directory);
  return { channel, url: `${base.href}${filename}` };
}

/** Of packages of the base that nobody named. */
function changesOfBase(packages: readonly LockedConda[], asked: ReadonlySet<string>): readonly Sentence[] {
  const changed = packages.filter(
    ({ name, version, replaces }) => replaces !== undefined && replaces.version !== version && !asked.has(name),
  );
  if (changed.length === 0) return [];
  const shown = changed.map(({ name, version, replaces }) => `${name} ${replaces!.version} → ${version}`);
  return [say`Packages of the base change for what is asked: ${listed(shown, 5)}.`];
}
