import type { Problem } from '../../errors.ts';
import { createTurns } from '../../layers/turns.ts';
import type { Resolution, ResolveRequest, Resolver } from '../../lock/resolver.ts';
import type { LayerIndex } from '../../rootfs/layer-index.ts';
import type { Rootfs } from '../../rootfs/rootfs.ts';
import { say } from '../../sentence.ts';
import type { PackageLine } from '../../spec/image-spec.ts';
import { type AptRequest, aptProblem, readAptLine } from './apt-line.ts';
import { openLists } from './apt-room.ts';
import { sourcesFingerprint } from './apt-sources.ts';
import { type InstallTools, installLayer } from './install-layer.ts';
import { findSolution, keepSolution } from './kept-solutions.ts';
import { openSourcedRoom } from './open-sourced-room.ts';
import { freshSince, refreshLists } from './refresh-lists.ts';
import { type AptSolution, solveApt } from './solve-apt.ts';

/** Solves apt lines by the base's own apt, its sources, keys and preferences, in the sandbox. */
export function createAptResolver(tools: InstallTools): Resolver {
  const turns = createTurns();
  return {
    ecosystem: 'apt',
    check: (lines) => readLines(lines).problems,
    async resolve(request) {
      const { requests, problems } = readLines(request.lines);
      const unfit = noApt(request.rootfs) ?? (await noSandbox(tools, request.lines));
      if (unfit !== undefined) return { problems: [...problems, unfit] };
      if (requests.length === 0) return { problems };
      const { digest } = request.base;
      const answer = await turns.take(digest, request.signal, () => solve(requests, request, tools));
      if ('problems' in answer)
        return { problems: [...problems, ...answer.problems].sort((a, b) => a.line! - b.line!) };
      if (problems.length > 0) return { problems };
      return { resolution: resolutionOf(answer, request, tools) };
    },
    prefetch: async () => {},
    fingerprint: async () => `apt 1 ${sourcesFingerprint(tools.sources)}`.trimEnd(),
  };
}

function readLines(lines: readonly PackageLine[]): {
  readonly requests: readonly AptRequest[];
  readonly problems: readonly Problem[];
} {
  const read = lines.map(readAptLine);
  return {
    requests: read.flatMap((each) => ('problem' in each ? [] : each)),
    problems: read.flatMap((each) => ('problem' in each ? each.problem : [])),
  };
}

function noApt(rootfs: Rootfs): Problem | undefined {
  const path = rootfs.realPath('/usr/bin/apt-get');
  if (path !== undefined && rootfs.entry(path) !== undefined) return undefined;
  const release = (rootfs.read('/etc/os-release') ?? rootfs.read('/usr/lib/os-release'))?.toString('utf8') ?? '';
  const name = /^PRETTY_NAME="?([^"\n]*)/m.exec(release)?.[1] || 'of no known distribution';
  return {
    field: 'base',
    code: 'base-unsupported',
    message: say`The base image (${name}) has no apt, so apt packages cannot be added to it`,
    hint: say`Choose a base image made from Debian or Ubuntu, or remove the apt lines.`,
  };
}

async function noSandbox({ sandbox }: InstallTools, [first]: readonly PackageLine[]): Promise<Problem | undefined> {
  const missing = await sandbox.missing();
  if (missing === undefined) return undefined;
  return aptProblem(first!, {
    code: 'tool-missing',
    message: say`apt packages need a sandbox on the machine that builds, which cannot be opened: ${missing}`,
    hint: say`Ask its administrator to install what is missing (on Debian: apt-get install buildah), or remove the apt lines.`,
  });
}

async function solve(
  requests: readonly AptRequest[],
  { base, fresh, signal }: ResolveRequest,
  tools: InstallTools,
): ReturnType<typeof solveApt> {
  const { env, sources, limits } = tools;
  const lists = await openLists(base, tools);
  const since = fresh ? undefined : await freshSince(lists);
  const known = since === undefined ? undefined : await findSolution(requests, lists, since);
  if (known !== undefined) return known;
  await using room = await openSourcedRoom(base, tools, signal);
  if (since === undefined) await refreshLists(room, lists, { env, sources, limits, signal });
  const answer = await solveApt(requests, { room, lists, limits, signal });
  if ('packages' in answer) await keepSolution(requests, lists, answer);
  return answer;
}

function resolutionOf({ packages, satisfied }: AptSolution, request: ResolveRequest, tools: InstallTools): Resolution {
  const leaves = async () => [await leavesOf(packages, request, tools)];
  return { packages, notices: [], satisfied, ...(packages.some(({ name }) => bringsPython(name)) && { leaves }) };
}

/** Only these change what pip finds. */
function bringsPython(name: string): boolean {
  return /^(?:lib)?python3|^pypy3/.test(name);
}

/** What the packages leave is known for certain when they are installed, which the build would do in any case; it then finds the layer made. */
async function leavesOf(
  packages: AptSolution['packages'],
  { base, rootfs, signal }: ResolveRequest,
  tools: InstallTools,
): Promise<LayerIndex> {
  const request = { packages, base, rootfs, compression: 'zstd', noCache: false, signal } as const;
  return (await installLayer(request, tools)).index();
}
