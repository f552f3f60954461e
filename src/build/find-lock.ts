import { BuilderError, type Problem } from '../errors.ts';
import type { Lock } from '../lock/lock.ts';
import { lockCacheKey } from '../lock/lock-cache.ts';
import { lockDigest, revisionOf } from '../lock/lock-digest.ts';
import { lockSpec } from '../lock/lock-spec.ts';
import type { Digest } from '../oci/digest.ts';
import type { BuildRequest, BuildTools } from './build-image.ts';
import type { OpenedBase } from './open-base.ts';

/** A lock and the names that follow from it. */
export interface NamedLock {
  readonly lock: Lock;
  readonly lockDigest: Digest;
  readonly revision: string;
}

/**
 * What the spec means for the base: the lock that was given, the answer remembered from a moment ago, or what the solvers say now.
 * Throws `spec-invalid` or `packages-unresolvable` with all problems.
 */
export async function findLock(
  request: Pick<BuildRequest, 'spec' | 'fromLock' | 'lockMaxAgeMs' | 'signal' | 'onEvent'>,
  tools: Pick<BuildTools, 'ecosystems' | 'lockCache'>,
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
  { spec, lockMaxAgeMs, signal }: Pick<BuildRequest, 'spec' | 'lockMaxAgeMs' | 'signal'>,
  { ecosystems, lockCache }: Pick<BuildTools, 'ecosystems' | 'lockCache'>,
  base: OpenedBase,
): Promise<{ lock: Lock; notices: readonly string[]; fromCache: boolean }> {
  const resolvers = ecosystems.map((each) => each.resolver);
  const key = await lockCacheKey({ spec, base: base.image, resolvers });
  const remembered = await lockCache.get(key, lockMaxAgeMs);
  if (remembered !== undefined) return { ...remembered, fromCache: true };

  const rootfs = await base.rootfs();
  const answer = await lockSpec({ spec, base: base.image, rootfs, resolvers, fresh: lockMaxAgeMs === 0, signal });
  if ('problems' in answer) throw unresolvable(answer.problems);
  const { lock, notices } = answer;
  await lockCache.put(key, { lock, notices });
  return { lock, notices, fromCache: false };
}

function unresolvable(problems: readonly Problem[]): BuilderError {
  const count = problems.length === 1 ? 'One problem' : `${problems.length} problems`;
  return new BuilderError('packages-unresolvable', `${count} in the package list`, { problems });
}
