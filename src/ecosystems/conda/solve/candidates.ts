import { nameOfSpec, type RepodataRecord, stemOf } from '../repodata/record.ts';
import type { SubdirRecords } from '../repodata/repodata-index.ts';
import { allowedVersions, createPythonFilter } from './python-filter.ts';
import type { InstalledRecord, SolveTask, WantedSpec } from './solve-task.ts';

/** A record that may be chosen. */
export interface Candidate {
  /** Number of its channel. */
  readonly channel: number;
  /** True for what the base has and the channel has not. */
  readonly isOnlyInstalled?: true;
  readonly subdir: string;
  readonly filename: string;
  readonly record: RepodataRecord;
}

/** Each may be a file that has to be fetched. */
const namesAtOnce = 24;

/** The records of each channel, by subdirectory. */
export type OpenedChannels = readonly ReadonlyMap<string, SubdirRecords>[];

/**
 * All records that could be part of an answer, by name: those of the packages that are wanted or installed, those of what these depend
 * on, and so on. A name is taken from the first channel that has it (strict priority), or from the one that a line names.
 *
 * Left out is what no Python fits that the lines and the base allow: most of what a channel has. With `forReasons`, what lines name stays
 * whole, and so does what nothing would be left of: what is wrong with it can then be said.
 */
export async function gatherCandidates(
  { wanted, kept, installed }: Pick<SolveTask, 'wanted' | 'kept' | 'installed'>,
  channels: OpenedChannels,
  { forReasons = false } = {},
): Promise<ReadonlyMap<string, readonly Candidate[]>> {
  const found = new Map<string, readonly Candidate[]>();
  const wantedByName = Map.groupBy(wanted, ({ name }) => name);
  const installedByName = Map.groupBy(installed, ({ record }) => record.name);
  const recordsOf = async (name: string) => {
    const specs = wantedByName.get(name) ?? [];
    return withInstalled(await candidatesOf(name, specs, channels), specs, installedByName.get(name) ?? []);
  };
  const specs = [...wanted.map(({ spec }) => spec), ...kept];
  const fits = await fittingPython(specs, recordsOf);
  const fitting = (name: string, all: readonly Candidate[]) => {
    if (forReasons && wantedByName.has(name)) return all;
    const left = all.filter(({ record }) => fits(record));
    return forReasons && left.length === 0 ? all : left;
  };
  const waiting = new Set([...specs.map(nameOfSpec), ...installedByName.keys()]);
  while (waiting.size > 0) {
    const names = [...waiting].slice(0, namesAtOnce);
    const gathered = await Promise.all(names.map(async (name) => fitting(name, await recordsOf(name))));
    for (const [at, name] of names.entries()) {
      waiting.delete(name);
      found.set(name, gathered[at]!);
    }
    const needed = gathered.flat().flatMap(({ record }) => record.depends.map(nameOfSpec));
    for (const name of needed) if (!found.has(name) && !name.startsWith('__')) waiting.add(name);
  }
  return found;
}

async function fittingPython(
  specs: readonly string[],
  recordsOf: (name: string) => Promise<readonly Candidate[]>,
): Promise<(record: RepodataRecord) => boolean> {
  const ofPython = specs.filter((spec) => nameOfSpec(spec) === 'python');
  const versions = (await recordsOf('python')).map(({ record }) => record.version);
  // Where nothing is said of Python, or of none that there is, all are looked at.
  const allowed = ofPython.length === 0 ? [] : allowedVersions(versions, ofPython);
  return allowed.length === 0 ? () => true : createPythonFilter(allowed);
}

async function candidatesOf(
  name: string,
  specs: readonly WantedSpec[],
  channels: OpenedChannels,
): Promise<readonly Candidate[]> {
  const named = new Set(specs.flatMap(({ channel }) => (channel === undefined ? [] : [channel])));
  if (named.size > 1) return [];
  const channel =
    [...named][0] ?? channels.findIndex((subdirs) => [...subdirs.values()].some((each) => each.has(name)));
  const candidates: Candidate[] = [];
  for (const [subdir, records] of channels[channel] ?? []) {
    const found = new Map<string, Candidate>();
    for (const [filename, record] of await records.load(name)) {
      // Of a package in both formats the newer one is taken.
      const stem = stemOf(filename)!;
      if (found.has(stem) && !filename.endsWith('.conda')) continue;
      found.set(stem, { channel, subdir, filename, record });
    }
    candidates.push(...found.values());
  }
  return candidates.filter((candidate) => specs.every((spec) => isMeant(candidate, spec)));
}

/** What a spec says besides version and build. */
function isMeant({ subdir, filename, record }: Omit<Candidate, 'channel'>, spec: WantedSpec): boolean {
  return (
    (spec.subdir === undefined || spec.subdir === subdir) &&
    (spec.filename === undefined || spec.filename === filename) &&
    (spec.sha256 === undefined || spec.sha256 === record.sha256) &&
    (spec.md5 === undefined || spec.md5 === record.md5)
  );
}

/** What is installed may stay, whether or not a channel still has it, unless a line says where it is to come from. */
function withInstalled(
  candidates: readonly Candidate[],
  specs: readonly WantedSpec[],
  installed: readonly InstalledRecord[],
): readonly Candidate[] {
  if (specs.some(({ channel }) => channel !== undefined)) return candidates;
  const missing = installed.filter(
    (each) =>
      !candidates.some(
        ({ subdir, filename }) => subdir === each.subdir && stemOf(filename) === stemOf(each.filename),
      ) && specs.every((spec) => isMeant(each, spec)),
  );
  return [
    ...candidates,
    ...missing.map((each) => ({ ...each, channel: candidates[0]?.channel ?? 0, isOnlyInstalled: true as const })),
  ];
}
