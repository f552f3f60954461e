import { normalisedName } from '../../rootfs/normalised-name.ts';
import type { PythonEnvironment } from '../../rootfs/python-environment.ts';
import { machineOf } from './marker.ts';

/** What the file name of a wheel says, binary distribution format "File name convention". */
export interface WheelFilename {
  /** Normalised (PEP 503). */
  readonly name: string;
  readonly version: string;
  /** The build tag: its number and the rest, `[1, 'local']`. */
  readonly build?: readonly [number, string];
  /** Every `python-abi-platform` that the compressed tags stand for. */
  readonly tags: readonly string[];
}

/** Reads `numpy-2.4.6-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl`; `undefined` for what is not such a name. */
export function parseWheelFilename(filename: string): WheelFilename | undefined {
  const match = /^([\w.]+)-([\w.+!]+)(?:-(\d{1,9})(\w*))?-([\w.]+)-([\w.]+)-([\w.]+)\.whl$/.exec(filename);
  if (match === null) return undefined;
  const [, name, version, number, rest, ...sets] = match;
  const [pythons, abis, platforms] = sets.map((set) => set.split('.'));
  if (pythons!.length * abis!.length * platforms!.length > 1000) return undefined;
  return {
    name: normalisedName(name!),
    version: version!,
    ...(number !== undefined && { build: [Number(number), rest!] as const }),
    tags: pythons!.flatMap((python) =>
      abis!.flatMap((abi) => platforms!.map((platform) => `${python}-${abi}-${platform}`)),
    ),
  };
}

/** The facts about a Python that tags speak of. */
export type TaggedPython = Pick<PythonEnvironment, 'version' | 'libc' | 'architecture' | 'freeThreaded'>;

/**
 * The wheel that pip would take for a Python: the one with the most specific tag, then with the highest build number; `undefined` when
 * none runs there.
 */
export function chooseWheel<T extends { readonly filename: string }>(
  wheels: readonly T[],
  python: TaggedPython,
): T | undefined {
  const ranks = new Map(compatibleTags(python).map((tag, rank) => [tag, rank]));
  const ranked = wheels.flatMap((wheel) => {
    const parsed = parseWheelFilename(wheel.filename);
    const rank = Math.min(...(parsed?.tags ?? []).map((tag) => ranks.get(tag) ?? Number.POSITIVE_INFINITY));
    return Number.isFinite(rank) ? [{ wheel, rank, build: parsed?.build ?? ([-1, ''] as const) }] : [];
  });
  const byPreference = (a: (typeof ranked)[number], b: (typeof ranked)[number]) =>
    a.rank - b.rank || b.build[0] - a.build[0] || (a.build[1] < b.build[1] ? 1 : a.build[1] > b.build[1] ? -1 : 0);
  return ranked.sort(byPreference)[0]?.wheel;
}

/** All tags that run on a Python, the most specific first, in the order of `packaging.tags.sys_tags()`. */
export function compatibleTags(python: TaggedPython): readonly string[] {
  const minor = Number(python.version.split('.')[1]);
  const platforms = platformTags(python);
  const own = `cp3${minor}`;
  const abi = python.freeThreaded ? `${own}t` : own;
  const minorsBelow = Array.from({ length: minor }, (_, index) => minor - 1 - index);
  const stableAbis = python.freeThreaded ? [] : minorsBelow.filter((below) => below >= 2);
  const generic = [`py3${minor}`, 'py3', ...minorsBelow.map((below) => `py3${below}`)];
  const onPlatforms = (prefix: string) => platforms.map((platform) => `${prefix}-${platform}`);
  return [
    ...onPlatforms(`${own}-${abi}`),
    ...(python.freeThreaded ? [] : onPlatforms(`${own}-abi3`)),
    ...onPlatforms(`${own}-none`),
    ...stableAbis.flatMap((below) => onPlatforms(`cp3${below}-abi3`)),
    ...generic.flatMap((version) => onPlatforms(`${version}-none`)),
    `${own}-none-any`,
    ...generic.map((version) => `${version}-none-any`),
  ];
}

/** `manylinux_2_36_x86_64` … `manylinux2014_x86_64` … `linux_x86_64`: PEP 600 down to the oldest of the machine, PEP 656 for musl. */
function platformTags({ libc, architecture }: TaggedPython): readonly string[] {
  const machine = machineOf(architecture);
  const [major = 0, minor = 0] = libc.version.split('.').map(Number);
  const oldest = machine === 'x86_64' ? 5 : 17;
  const tags: string[] = [];
  if (libc.family === 'musl') {
    for (let step = minor; step >= 0; step--) tags.push(`musllinux_${major}_${step}_${machine}`);
  } else if (major === 2) {
    for (let step = minor; step >= oldest; step--) {
      tags.push(`manylinux_2_${step}_${machine}`);
      const legacy = legacyPlatforms[step];
      if (legacy !== undefined) tags.push(`${legacy}_${machine}`);
    }
  }
  return [...tags, `linux_${machine}`];
}

const legacyPlatforms: Readonly<Record<number, string>> = { 17: 'manylinux2014', 12: 'manylinux2010', 5: 'manylinux1' };
