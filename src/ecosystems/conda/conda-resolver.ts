import { BuilderError, isBuilderError, type Problem } from '../../errors.ts';
import type { ResolveRequest, Resolver } from '../../lock/resolver.ts';
import { formatPlatform } from '../../oci/platform.ts';
import { baseLibc } from '../../rootfs/find-libc.ts';
import type { LayerIndex } from '../../rootfs/layer-index.ts';
import type { Rootfs } from '../../rootfs/rootfs.ts';
import { say } from '../../sentence.ts';
import type { PackageLine } from '../../spec/image-spec.ts';
import { type BaseEnvironment, findBaseEnvironment } from './base-environment.ts';
import { type Channel, type CondaChannels, channelsFingerprint, channelTitle } from './channels.ts';
import { type CondaRequest, condaProblem, readCondaLine } from './conda-line.ts';
import { type LockedEnvironment, lockEnvironment } from './locked-packages.ts';
import { solverSpec } from './match-spec.ts';
import type { RepodataStore, StoreOptions } from './repodata/repodata-store.ts';
import { requestedChannels } from './requested-channels.ts';
import type { SolveChannel, WantedSpec } from './solve/solve-task.ts';
import type { Solver } from './solve/solver.ts';
import { solveProblems } from './solve-problems.ts';
import { condaPlatform, virtualPackages } from './virtual-packages.ts';

export interface CondaResolverOptions {
  readonly channels: CondaChannels;
  readonly repodata: RepodataStore;
  readonly solver: Solver;
  /** What the packages leave on the base, lowest first. */
  readonly leaves: (locked: LockedEnvironment, request: ResolveRequest) => Promise<readonly LayerIndex[]>;
}

/** Solves conda lines with rattler, on top of what the base's environment holds. */
export function createCondaResolver(options: CondaResolverOptions): Resolver {
  return {
    ecosystem: 'conda',
    check: (lines) => readLines(lines).problems,
    warm: () => options.solver.warm(),
    resolve: (request) => resolve(request, options),
    prefetch: async ({ lines, base, signal }) => {
      const { requests } = readLines(lines);
      const platform = condaPlatform(base.platform);
      if (requests.length === 0 || platform === undefined) return;
      const { channels } = requestedChannels(requests, options.channels);
      // What is on its way goes on when the base is known: whoever resolves waits for it, and tells what is wrong.
      const goingOn = { fresh: false, signal: AbortSignal.timeout(prefetchTimeoutMs) };
      const opening = openChannels(channels, platform, options.repodata, goingOn);
      await Promise.race([opening, firing(signal)]);
    },
    fingerprint: async () => `rattler 1 ${channelsFingerprint(options.channels)}`,
  };
}

const prefetchTimeoutMs = 300_000;

function firing(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

function readLines(lines: readonly PackageLine[]): {
  readonly requests: readonly CondaRequest[];
  readonly problems: readonly Problem[];
} {
  const read = lines.map(readCondaLine);
  return {
    requests: read.flatMap((each) => ('problem' in each ? [] : each)),
    problems: read.flatMap((each) => ('problem' in each ? each.problem : [])),
  };
}

async function resolve(request: ResolveRequest, options: CondaResolverOptions): ReturnType<Resolver['resolve']> {
  const { base, rootfs, cuda, fresh, signal } = request;
  const { requests, problems: unread } = readLines(request.lines);
  const platform = condaPlatform(base.platform);
  const unfit = platform === undefined ? noPlatform(formatPlatform(base.platform)) : noGlibc(rootfs);
  if (platform === undefined || unfit !== undefined) return { problems: [...unread, unfit!] };
  const { channels, numbers, problems: misplaced } = requestedChannels(requests, options.channels);
  const known = [...unread, ...misplaced];
  const sound = requests.filter(({ line }) => !misplaced.some((problem) => problem.line === line.line));
  if (sound.length === 0) return { problems: known };

  const opened = await openChannels(channels, platform, options.repodata, { fresh, signal });
  const closed = closedChannels(opened, { channels, requests: sound, numbers });
  const asked = sound.filter(({ line }) => !closed.some((problem) => problem.line === line.line));
  if (asked.length === 0) return { problems: [...known, ...closed] };
  const environment = findBaseEnvironment(rootfs, base.config);
  const { installed } = environment;
  const answer = await options.solver.solve(
    {
      channels: opened.map(({ directories }, at) => ({ url: channels[at]!.url, directories })),
      platform,
      wanted: asked.map((each) => wantedSpec(each, numbers.get(each))),
      kept: keptSpecs(environment, asked),
      installed: installed.map(({ filename, subdir, record }) => ({ filename, subdir, record })),
      virtual: virtualPackages(rootfs, { architecture: base.platform.architecture, cuda }),
    },
    signal,
  );
  const failed = 'packages' in answer ? [] : solveProblems(answer, { requests: asked, channels, cuda });
  const problems = [...known, ...closed, ...failed].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  if (!('packages' in answer) || problems.length > 0) return { problems };

  const locked = lockEnvironment({ chosen: answer.packages, requests, channels, environment });
  const { packages, prefix, satisfied, notices } = locked;
  const leaves = () => options.leaves(locked, request);
  return { resolution: { packages, conda: prefix, satisfied, notices, leaves } };
}

function wantedSpec({ spec }: CondaRequest, channel: number | undefined): WantedSpec {
  const { name, subdir, md5, sha256, filename } = spec;
  return {
    name,
    spec: solverSpec(spec),
    ...(channel !== undefined && { channel }),
    ...(subdir !== undefined && { subdir }),
    ...(md5 !== undefined && { md5 }),
    ...(sha256 !== undefined && { sha256 }),
    ...(filename !== undefined && { filename }),
  };
}

/** Nothing of the base goes, what it pins holds, and its Python moves to another minor version only when a line says so. */
function keptSpecs({ installed, pinned }: BaseEnvironment, requests: readonly CondaRequest[]): readonly string[] {
  const named = new Set(requests.map(({ spec }) => spec.name));
  const kept = installed.filter(({ record }) => !named.has(record.name));
  return [
    ...kept.map(({ record: { name, version } }) =>
      name === 'python' ? `python[version="${version.split('.', 2).join('.')}.*"]` : name,
    ),
    ...pinned,
  ];
}

interface OpenedChannel extends Pick<SolveChannel, 'directories'> {
  /** What kept it from being asked. */
  readonly failure?: unknown;
}

async function openChannels(
  channels: readonly Channel[],
  platform: string,
  repodata: RepodataStore,
  options: StoreOptions,
): Promise<readonly OpenedChannel[]> {
  return Promise.all(
    channels.map(async (channel): Promise<OpenedChannel> => {
      try {
        const found = await Promise.all(
          [platform, 'noarch'].map(
            async (subdir) => [subdir, await repodata.directoryOf(channel, subdir, options)] as const,
          ),
        );
        const directories = found.filter((each): each is readonly [string, string] => each[1] !== undefined);
        return { directories: Object.fromEntries(directories) };
      } catch (failure) {
        return { directories: {}, failure };
      }
    }),
  );
}

/** Problems with channels, at the lines that name them. Throws what is wrong with a channel that no line names. */
function closedChannels(
  opened: readonly OpenedChannel[],
  {
    channels,
    requests,
    numbers,
  }: { channels: readonly Channel[]; requests: readonly CondaRequest[]; numbers: ReadonlyMap<CondaRequest, number> },
): readonly Problem[] {
  return opened.flatMap(({ directories, failure }, number) => {
    if (failure === undefined && Object.keys(directories).length > 0) return [];
    const title = channelTitle(channels[number]!);
    const naming = requests.filter((each) => numbers.get(each) === number || namesFirst(each, channels[number]!));
    if (failure !== undefined && (naming.length === 0 || !isBuilderError(failure) || failure.code === 'cancelled'))
      throw failure;
    if (naming.length === 0) {
      throw new BuilderError('registry-unavailable', say`There is no channel ${title}`, {
        hint: say`Correct CONDA_CHANNELS, or what the administrator has set up.`,
      });
    }
    const refusal =
      failure === undefined
        ? { code: 'channel-not-found', message: say`There is no channel ${title}`, hint: say`Check its spelling.` }
        : {
            code: 'channel-unavailable',
            message: failure.message,
            hint: say`Check its spelling, or try again later.`,
          };
    return naming.map(({ line }) => condaProblem(line, refusal));
  });
}

/** True for a line that puts the channel first: `-c pytorch pytorch`. */
function namesFirst({ channels }: CondaRequest, { url }: Channel): boolean {
  return channels.some((text) => url.replace(/\/$/, '').endsWith(text.replace(/\/+$/, '')));
}

function noPlatform(platform: string): Problem {
  return {
    field: 'base',
    code: 'base-unsupported',
    message: say`There are no conda packages for ${platform}`,
    hint: say`Choose a base image for linux/amd64 or linux/arm64, or remove the conda lines.`,
  };
}

function noGlibc(rootfs: Rootfs): Problem | undefined {
  const libc = baseLibc(rootfs);
  if (libc?.family === 'glibc') return undefined;
  const found = libc === undefined ? say`has no C library that is known` : say`has musl ${libc.version}`;
  return {
    field: 'base',
    code: 'base-unsupported',
    message: say`conda packages need glibc, and the base image ${found}`,
    hint: say`Choose a base image of a distribution with glibc, such as Debian, or remove the conda lines.`,
  };
}
