import type { Platform } from '@conda-org/rattler';
import { nearName } from '../../../spec/near-name.ts';
import { stemOf } from '../repodata/record.ts';
import { type OpenOptions, openRepodataIndex } from '../repodata/repodata-index.ts';
import { answerFetch } from './answer-fetch.ts';
import { type Candidate, gatherCandidates, type OpenedChannels } from './candidates.ts';
import { withoutInterchangeable } from './interchangeable.ts';
import { simpleSolve } from './rattler.ts';
import { blamedSpecs, cleanReason } from './solve-reason.ts';
import type {
  AbsentSpec,
  ChosenPackage,
  InstalledRecord,
  SolveAnswer,
  SolveFailure,
  SolveTask,
  VirtualPackage,
  WantedSpec,
} from './solve-task.ts';

/*
 * rattler, the solver of conda's newer tools, compiled to WebAssembly. It asks for repodata with `fetch`, which is ours in this thread:
 *
 *     lines, base ──▶ candidates: the records that could matter ──▶ rattler ⇄ fetch ──▶ the chosen ones
 *
 * So it reads thousands of records in place of hundreds of thousands, and it is shown only what may be chosen: one channel a name. What
 * the machine has (`__glibc`), of which it has no notion, is shown as packages of a channel of its own.
 */

/** How long to look for more to tell, once something is wrong. */
const searchMs = 1500;

/** Solves a task with what is on disk, and the shards that it needs besides. Throws what cannot be read or fetched. */
export async function solve(task: SolveTask, fetchShard: OpenOptions['fetchShard']): Promise<SolveAnswer> {
  await using opened = await openChannels(task, fetchShard);
  const { channels } = opened;
  const likely = prune(await gatherCandidates(task, channels), task);
  const answer = await askRattler(task.wanted, task, likely);
  if ('urls' in answer) return { packages: chosen(answer.urls, likely, channels) };
  // What was left out would not have helped, but belongs to the reasons.
  const candidates = await gatherCandidates(task, channels, { forReasons: true });
  const absent = findAbsent(task, candidates, channels);
  return { absent, failures: await findFailures(task, candidates, absent, channels) };
}

/** What the base has stays in sight: the solver holds on to it where it can. */
function prune(candidates: ReadonlyMap<string, readonly Candidate[]>, { wanted, kept, installed }: SolveTask) {
  const stays = new Set(installed.map(({ subdir, filename }) => `${subdir}/${stemOf(filename)}`));
  const specs = [...wanted.map(({ spec }) => spec), ...kept];
  return withoutInterchangeable(candidates, specs, ({ subdir, filename }) =>
    stays.has(`${subdir}/${stemOf(filename)}`),
  );
}

/** Why the lines cannot be had together. Without those that are to blame more may come to light, so the rest is asked again. */
async function findFailures(
  task: SolveTask,
  candidates: ReadonlyMap<string, readonly Candidate[]>,
  absent: readonly AbsentSpec[],
  channels: OpenedChannels,
): Promise<readonly SolveFailure[]> {
  const failures: SolveFailure[] = [];
  const gone = new Set(absent.map(({ wanted }) => wanted));
  const deadline = performance.now() + searchMs;
  while (failures.length === 0 || performance.now() < deadline) {
    const rest = task.wanted.map((spec, at) => ({ ...spec, at })).filter(({ at }) => !gone.has(at));
    // The solver looks only at records that fit a line on their name, unless a line says nothing: with that, its reasons are true.
    const plain = rest.map((each) => ({ ...each, spec: each.name }));
    const answer = await askRattler([...rest, ...plain], task, candidates);
    if ('urls' in answer) break;
    const blamed = blamedSpecs(answer.reason, rest);
    const elsewhere = blamed.length === 1 ? otherChannels(task.wanted[blamed[0]!]!, candidates, channels) : [];
    failures.push({ reason: cleanReason(answer.reason), wanted: blamed, ...(elsewhere.length > 0 && { elsewhere }) });
    if (blamed.length === 0) break;
    for (const at of blamed) gone.add(at);
  }
  return failures;
}

function otherChannels(
  { name, channel }: WantedSpec,
  candidates: ReadonlyMap<string, readonly Candidate[]>,
  channels: OpenedChannels,
): readonly number[] {
  if (channel !== undefined) return [];
  const own = candidates.get(name)?.[0]?.channel;
  return [...channels.keys()].filter((at) => at !== own && [...channels[at]!.values()].some((each) => each.has(name)));
}

async function openChannels(
  { channels }: SolveTask,
  fetchShard: OpenOptions['fetchShard'],
): Promise<{ readonly channels: OpenedChannels } & AsyncDisposable> {
  const stack = new AsyncDisposableStack();
  try {
    const opened = await Promise.all(
      channels.map(async ({ url, directories }) => {
        const subdirs = Object.entries(directories).map(
          async ([subdir, directory]) =>
            [subdir, stack.use(await openRepodataIndex(directory, { url: `${url}${subdir}/`, fetchShard }))] as const,
        );
        return new Map(await Promise.all(subdirs));
      }),
    );
    const kept = stack.move();
    return { channels: opened, [Symbol.asyncDispose]: () => kept.disposeAsync() };
  } finally {
    await stack.disposeAsync();
  }
}

function findAbsent(
  { wanted }: SolveTask,
  candidates: ReadonlyMap<string, readonly Candidate[]>,
  channels: OpenedChannels,
): readonly AbsentSpec[] {
  return wanted.flatMap(({ name }, at): AbsentSpec[] => {
    if (candidates.get(name)!.length > 0) return [];
    const subdirs = channels.flatMap((each) => [...each.values()]);
    if (subdirs.some((each) => each.has(name))) return [{ wanted: at, nameExists: true }];
    const near = nearName(
      name,
      subdirs.flatMap((each) => each.names()),
    );
    return [{ wanted: at, nameExists: false, ...(near !== undefined && { near }) }];
  });
}

/** Hosts of this name there are none (RFC 6761): nothing goes out, should it be asked for. */
const host = 'https://conda.invalid';
const virtualChannel = `${host}/virtual/`;

function channelUrl(channel: number): string {
  return `${host}/${channel}/`;
}

function urlOf({ channel, subdir, filename }: Pick<Candidate, 'channel' | 'subdir' | 'filename'>): string {
  return `${channelUrl(channel)}${subdir}/${filename}`;
}

/** What `fetch` answers, by URL. */
function repodataOf(
  { channels, platform, virtual }: SolveTask,
  candidates: ReadonlyMap<string, readonly Candidate[]>,
): ReadonlyMap<string, string> {
  const all = [...candidates.values()].flat();
  const bySubdir = Map.groupBy(all, ({ channel, subdir }) => `${channelUrl(channel)}${subdir}`);
  const answers = new Map<string, string>();
  for (const url of [...channels.keys()].flatMap((at) =>
    [platform, 'noarch'].map((subdir) => channelUrl(at) + subdir),
  )) {
    answers.set(`${url}/repodata.json`, repodataText(url, bySubdir.get(url) ?? []));
  }
  for (const subdir of [platform, 'noarch']) {
    const records = subdir === 'noarch' ? virtual.map(virtualCandidate) : [];
    answers.set(`${virtualChannel}${subdir}/repodata.json`, repodataText(`${virtualChannel}${subdir}`, records));
  }
  return answers;
}

function virtualCandidate({ name, version, build }: VirtualPackage): Pick<Candidate, 'filename' | 'record'> {
  const record = { name, version, build, build_number: 0, depends: [], constrains: [] };
  return { filename: `${name}-${version}-${build}.conda`, record };
}

/** Only what the solver weighs. */
function repodataText(url: string, candidates: readonly Pick<Candidate, 'filename' | 'record'>[]): string {
  const subdir = url.slice(url.lastIndexOf('/') + 1);
  const [conda, bz2] = [[], []] as [string[], string[]];
  for (const { filename, record } of candidates) {
    const { name, version, build, build_number, depends, constrains, noarch, timestamp, features, track_features } =
      record;
    const weighed = {
      name,
      version,
      build,
      build_number,
      depends,
      constrains,
      noarch,
      timestamp,
      features,
      track_features,
      subdir,
    };
    (filename.endsWith('.conda') ? conda : bz2).push(`${JSON.stringify(filename)}:${JSON.stringify(weighed)}`);
  }
  return `{"info":{"subdir":${JSON.stringify(subdir)}},"packages":{${bz2.join()}},"packages.conda":{${conda.join()}}}`;
}

/** The URLs of what is chosen, those of virtual packages too, or the reason why nothing can be. */
async function askRattler(
  wanted: readonly WantedSpec[],
  task: SolveTask,
  candidates: ReadonlyMap<string, readonly Candidate[]>,
): Promise<{ readonly urls: readonly string[] } | { readonly reason: string }> {
  const specs = [...wanted.map(({ spec }) => spec), ...task.kept];
  const urls = [...task.channels.keys()].map(channelUrl);
  const platforms = [task.platform, 'noarch'] as Platform[];
  const locked = task.installed.flatMap((each) => candidateOf(each, candidates) ?? []).map(lockedPackage);
  answerFetch(repodataOf(task, candidates));
  try {
    const solved = await simpleSolve(specs, [...urls, virtualChannel], platforms, locked);
    return { urls: solved.map(({ url }) => url) };
  } catch (error) {
    // The solver throws its reason as a text; an error is a failure of its own.
    if (typeof error !== 'string') throw error;
    return { reason: error };
  }
}

/** The record of the base among the candidates. */
function candidateOf(
  { filename, subdir, record }: InstalledRecord,
  candidates: ReadonlyMap<string, readonly Candidate[]>,
): Candidate | undefined {
  return candidates
    .get(record.name)
    ?.find((each) => each.subdir === subdir && stemOf(each.filename) === stemOf(filename));
}

/** As the solver is told what it should hold on to where it can. */
function lockedPackage(candidate: Candidate) {
  const { name, version, build, build_number, depends } = candidate.record;
  const { channel, subdir, filename } = candidate;
  const place = { url: urlOf(candidate), repoName: channelUrl(channel), subdir, filename };
  return { ...place, packageName: name, version, build, buildNumber: BigInt(build_number), depends };
}

function chosen(
  urls: readonly string[],
  candidates: ReadonlyMap<string, readonly Candidate[]>,
  channels: OpenedChannels,
): readonly ChosenPackage[] {
  const byUrl = new Map([...candidates.values()].flat().map((each) => [urlOf(each), each]));
  return urls
    .filter((url) => !url.startsWith(virtualChannel))
    .map((url) => {
      const { channel, isOnlyInstalled, subdir, filename, record } = byUrl.get(url)!;
      const baseUrl = channels[channel]?.get(subdir)?.baseUrl;
      return {
        ...(!isOnlyInstalled && { channel }),
        subdir,
        filename,
        record,
        ...(!isOnlyInstalled && baseUrl !== undefined && { baseUrl }),
      };
    });
}
