import type { LockedFile } from '../../lock/lock.ts';
import { normalisedName } from '../../rootfs/normalised-name.ts';
import type { InstalledDistribution, PythonEnvironment } from '../../rootfs/python-environment.ts';
import { type Sentence, say } from '../../sentence.ts';
import { evaluateMarker, type MarkerEnvironment, markerEnvironmentOf } from './marker.ts';
import { parseRequirement } from './requirement.ts';
import { formatSpecifiers, satisfies } from './specifier.ts';

export interface NoticesRequest {
  readonly python: PythonEnvironment;
  /** The one of each name that an import would find. */
  readonly installed: ReadonlyMap<string, InstalledDistribution>;
  /** What is laid down. */
  readonly packages: readonly LockedFile[];
  /** True for an installed distribution that is not in the base, but comes with conda packages of the same spec. */
  readonly comesByConda: (distribution: InstalledDistribution) => boolean;
}

/** What the user should know about what is there and what the new packages do to it, a sentence each. */
export function baseNotices(request: NoticesRequest): readonly Sentence[] {
  const { python, packages } = request;
  return [
    ...(python.externallyManaged && packages.length > 0
      ? [
          say`The Python of the base is managed by its operating system (PEP 668); packages go to ${python.scheme.purelib}.`,
        ]
      : []),
    ...(/^\d+\.\d+$/.test(python.version)
      ? [say`The base does not tell its exact Python; the packages are chosen for ${python.version}.0.`]
      : []),
    ...shadowed(request),
    ...takenFromConda(request),
    ...brokenRequirements(request),
  ];
}

function shadowed({ installed, packages }: NoticesRequest): Sentence[] {
  return packages.flatMap(({ name, version }) => {
    const old = installed.get(name);
    if (old?.owner !== 'system') return [];
    return [
      say`${name} ${old.version} belongs to the base's operating system and stays; ${version} takes precedence over it.`,
    ];
  });
}

/** As with pip itself, conda's record goes on to name what was there before. */
function takenFromConda({ installed, packages, comesByConda }: NoticesRequest): Sentence[] {
  return packages.flatMap(({ name, version }) => {
    const old = installed.get(name);
    if (old?.owner !== 'conda') return [];
    if (comesByConda(old)) {
      return [
        say`${name} ${old.version} comes with the conda packages; ${version} of pip takes its place, and conda goes on to list the old one. Ask for ${name} on one of the two lists only, should that not be meant.`,
      ];
    }
    return [
      say`${name} ${old.version} was put into the base by conda; ${version} of pip takes its place, and conda goes on to list the old one.`,
    ];
  });
}

/** Requirements of what stays that held before and will not. */
function brokenRequirements({ python, installed, packages, comesByConda }: NoticesRequest): Sentence[] {
  const environment = markerEnvironmentOf(python);
  const coming = new Map(packages.map((locked) => [locked.name, locked]));
  const staying = [...installed.values()].filter(({ name }) => !coming.has(name));
  return staying.flatMap((distribution) =>
    applicable(distribution.requires, environment).flatMap(({ name: wanted, specifiers }) => {
      const next = coming.get(normalisedName(wanted));
      const old = installed.get(normalisedName(wanted));
      if (next === undefined || satisfies(next.version, specifiers)) return [];
      if (old !== undefined && !satisfies(old.version, specifiers)) return [];
      const { name, version } = distribution;
      const range = `${next.name}${formatSpecifiers(specifiers)}`;
      return [
        comesByConda(distribution)
          ? say`${name} ${version} of the conda packages requires ${range}, but ${next.version} will be installed.`
          : say`${name} ${version} of the base requires ${range}, but ${next.version} will be installed.`,
      ];
    }),
  );
}

function applicable(requires: readonly string[], environment: MarkerEnvironment) {
  return requires.flatMap((line) => {
    const answer = parseRequirement(line);
    if ('fault' in answer) return [];
    const { marker } = answer.requirement;
    return marker === undefined || evaluateMarker(marker, environment) ? [answer.requirement] : [];
  });
}
