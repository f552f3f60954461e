import type { LockedFile } from '../../lock/lock.ts';
import { normalisedName } from '../../rootfs/normalised-name.ts';
import type { InstalledDistribution, PythonEnvironment } from '../../rootfs/python-environment.ts';
import { type Sentence, say } from '../../sentence.ts';
import { evaluateMarker, type MarkerEnvironment, markerEnvironmentOf } from './marker.ts';
import { parseRequirement } from './requirement.ts';
import { formatSpecifiers, satisfies } from './specifier.ts';

/** What the user should know about the base and what the new packages do to it, a sentence each. */
export function baseNotices(
  python: PythonEnvironment,
  installed: ReadonlyMap<string, InstalledDistribution>,
  packages: readonly LockedFile[],
): readonly Sentence[] {
  return [
    ...(python.externallyManaged && packages.length > 0
      ? [
          say`The Python of the base is managed by its operating system (PEP 668); packages go to ${python.scheme.purelib}.`,
        ]
      : []),
    ...(/^\d+\.\d+$/.test(python.version)
      ? [say`The base does not tell its exact Python; the packages are chosen for ${python.version}.0.`]
      : []),
    ...shadowed(installed, packages),
    ...takenFromConda(installed, packages),
    ...brokenRequirements(python, installed, packages),
  ];
}

function shadowed(installed: ReadonlyMap<string, InstalledDistribution>, packages: readonly LockedFile[]): Sentence[] {
  return packages.flatMap(({ name, version }) => {
    const old = installed.get(name);
    if (old?.owner !== 'system') return [];
    return [
      say`${name} ${old.version} belongs to the base's operating system and stays; ${version} takes precedence over it.`,
    ];
  });
}

/** As with pip itself, conda's record goes on to name what was there before. */
function takenFromConda(
  installed: ReadonlyMap<string, InstalledDistribution>,
  packages: readonly LockedFile[],
): Sentence[] {
  return packages.flatMap(({ name, version }) => {
    const old = installed.get(name);
    if (old?.owner !== 'conda') return [];
    return [
      say`${name} ${old.version} was put into the base by conda; ${version} of pip takes its place, and conda goes on to list the old one.`,
    ];
  });
}

/** Requirements of what stays in the base that held before and will not. */
function brokenRequirements(
  python: PythonEnvironment,
  installed: ReadonlyMap<string, InstalledDistribution>,
  packages: readonly LockedFile[],
): Sentence[] {
  const environment = markerEnvironmentOf(python);
  const coming = new Map(packages.map((locked) => [locked.name, locked]));
  const staying = [...installed.values()].filter(({ name }) => !coming.has(name));
  return staying.flatMap(({ name, version, requires }) =>
    applicable(requires, environment).flatMap(({ name: wanted, specifiers }) => {
      const next = coming.get(normalisedName(wanted));
      const old = installed.get(normalisedName(wanted));
      if (next === undefined || satisfies(next.version, specifiers)) return [];
      if (old !== undefined && !satisfies(old.version, specifiers)) return [];
      const range = formatSpecifiers(specifiers);
      return [
        say`${name} ${version} of the base requires ${`${next.name}${range}`}, but ${next.version} will be installed.`,
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
