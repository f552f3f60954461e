import { BuilderError, type Problem } from '../errors.ts';
import type { Lock } from '../lock/lock.ts';
import { lockCacheKey } from '../lock/lock-cache.ts';
import { lockDigest, revisionOf } from '../lock/lock-digest.ts';
import { lockSpec } from '../lock/lock-spec.ts';
import type { PrefetchRequest, Resolver } from '../lock/resolver.ts';
import type { Digest } from '../oci/digest.ts';
import type { Rootfs } from '../rootfs/rootfs.ts';
import { watchForPython } from '../rootfs/watch-for-python.ts';
import { type Sentence, say } from '../sentence.ts';
import type { ImageSpec } from '../spec/image-spec.ts';
import type { BuildRequest, BuildTools } from './build-image.ts';
import type { OpenedBase } from './open-base.ts';

/** A lock and the names that follow from it. */
export interface NamedLock {
  readonly lock: Lock;
  readonly lockDigest: Digest;
  readonly revision: string;
}

/** What will be wanted next is told to get ready; so is an assembler, where there is one. */
export type LockTools = Pick<BuildTools, 'ecosystems' | 'lockCache'> & Partial<Pick<BuildTools, 'assembler'>>;

/**
 * What the spec means for the base: the lock that was given, the answer remembered from a moment ago, or what the solvers say now.
 * Throws `spec-invalid` or `packages-unresolvable` with all problems.
 */
export async function findLock(
  request: Pick<BuildRequest, 'spec' | 'fromLock' | 'lockMaxAgeMs' | 'signal' | 'onEvent'>,
  tools: LockTools,
  base: OpenedBase,
): Promise<NamedLock> {
  const { lock, notices, fromCache } = request.fromLock
    ? { lock: request.fromLock, notices: [], fromCache: false }
    : await rememberedOrSolved(request, tools, base);
  const named = { lock, lockDigest: lockDigest(lock), revision: revisionOf(lock) };
  for (const message of notices) request.onEvent({ type: 'notice', message });
  request.onEvent({ type: 'locked', lock, revision: named.revision, fromCache });
  return named;
}

async function rememberedOrSolved(
  { spec, lockMaxAgeMs, signal, onEvent }: Pick<BuildRequest, 'spec' | 'lockMaxAgeMs' | 'signal' | 'onEvent'>,
  { ecosystems, lockCache, assembler }: LockTools,
  base: OpenedBase,
): Promise<{ lock: Lock; notices: readonly Sentence[]; fromCache: boolean }> {
  const resolvers = ecosystems.map((each) => each.resolver);
  const key = await lockCacheKey({ spec, base: base.image, resolvers });
  const remembered = await lockCache.get(key, lockMaxAgeMs);
  if (remembered !== undefined) return { ...remembered, fromCache: true };

  // Lines are solved before layers are made.
  for (const { ecosystem, warm } of resolvers) if (spec.packages[ecosystem].length > 0) warm?.();
  assembler?.warm();
  const rootfs = await openWhilePrefetching(base, { spec, resolvers, signal, packagesToo: assembler !== undefined });
  const fresh = lockMaxAgeMs === 0;
  const onWork = (message: Sentence) => onEvent({ type: 'working', message });
  const answer = await lockSpec({ spec, base: base.image, rootfs, resolvers, fresh, signal, onWork });
  if ('problems' in answer) throw unresolvable(answer.problems);
  const { lock, notices } = answer;
  await lockCache.put(key, { lock, notices });
  return { lock, notices, fromCache: false };
}

/** Opens the base; while it is being read for the first time, the resolvers fetch what they will likely need. */
async function openWhilePrefetching(
  base: OpenedBase,
  { spec, resolvers, ...request }: Omit<PrefetchRequest, 'lines' | 'base' | 'likelyPython'> & PrefetchFor,
): Promise<Rootfs> {
  const known = new AbortController();
  const watch = watchForPython(base.image.config);
  let prefetches: Promise<unknown> | undefined;
  const prefetch = () => {
    const signal = AbortSignal.any([request.signal, known.signal]);
    const all = { ...request, base: base.image, likelyPython: watch.likely, signal };
    return Promise.all(resolvers.map((each) => each.prefetch({ ...all, lines: spec.packages[each.ecosystem] })));
  };
  try {
    return await base.rootfs({
      begins() {
        prefetches ??= prefetch();
      },
      path: watch.see,
    });
  } finally {
    known.abort();
    await prefetches;
  }
}

interface PrefetchFor {
  readonly spec: ImageSpec;
  readonly resolvers: readonly Resolver[];
}

function unresolvable(problems: readonly Problem[]): BuilderError {
  if (problems.every(({ field }) => field === 'base')) {
    return new BuilderError('base-unsupported', say`The base image cannot be used`, { problems });
  }
  const count = problems.length === 1 ? say`One problem` : say`${problems.length} problems`;
  return new BuilderError('packages-unresolvable', say`${count} in the package list`, { problems });
}
