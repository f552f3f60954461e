import type { PrefetchRequest } from '../../lock/resolver.ts';
import type { LikelyPython } from '../../rootfs/watch-for-python.ts';
import type { WantedFile } from '../package-store.ts';
import { readRequirementLines } from './requirement-lines.ts';
import { isSourceUrl } from './sdist/direct-sources.ts';
import { compileLines, type SolverSettings } from './solve-lines.ts';
import { chooseWheel, type TaggedPython } from './tags.ts';
import { uvPlatform } from './uv-compile.ts';
import type { WheelStore } from './wheel-store.ts';

export interface PrefetchSettings extends SolverSettings {
  /** Where wheels are put ahead of being asked for. */
  readonly wheels: WheelStore | undefined;
}

/** What most bases have: which versions there are does not depend on it, and often not even which files. */
const usualPython: LikelyPython = { version: '3.12', libcFamily: 'glibc' };

/**
 * Solves for the Python that the base likely has, so that uv's cache has what the indexes say, and wheels are on their way, by the time
 * it is known.
 */
export async function prefetchWheels(request: PrefetchRequest, settings: PrefetchSettings): Promise<void> {
  const { likelyPython, packagesToo, signal } = request;
  // Before any Python shows: what it makes uv ask for is there when the question is put for the one that does.
  const usual = likelyWheels(usualPython, request, settings);
  const seen = await Promise.race([likelyPython, aborted(signal)]);
  if (seen === undefined) return;
  const wheels = await (isSame(seen, usualPython) ? usual : likelyWheels(seen, request, settings));
  if (packagesToo && !signal.aborted) settings.wheels?.prefetch(wheels);
}

function isSame(a: LikelyPython, b: LikelyPython): boolean {
  return a.version === b.version && a.libcFamily === b.libcFamily;
}

function aborted(signal: AbortSignal): Promise<undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }));
}

/** What would be laid down on a base that has nothing but that Python; none where there is no answer: the real question will tell. */
async function likelyWheels(
  { version, libcFamily }: LikelyPython,
  { lines, base, signal }: PrefetchRequest,
  settings: PrefetchSettings,
): Promise<readonly WantedFile[]> {
  const { architecture } = base.config;
  const libc = { family: libcFamily, version: libcFamily === 'musl' ? '1.2' : '2.28' };
  const python: TaggedPython = { version, libc, architecture, freeThreaded: false };
  const platform = uvPlatform(python);
  if (platform === undefined) return [];
  const target = { python, platform, installed: new Map() };
  const options = { settings, fresh: false, signal };
  // What an archive by URL is will only be known when its code has run.
  const asked = readRequirementLines(lines).lines.filter(({ requirement }) => !isSourceUrl(requirement));
  const answer = await compileLines(asked, target, options).catch(() => ({ packages: [] }));
  if (!('packages' in answer)) return [];
  return answer.packages.flatMap(({ wheels }) => {
    const wheel = chooseWheel(wheels, python);
    const { sha256, sizeBytes } = wheel ?? {};
    return wheel !== undefined && sha256 !== undefined && sizeBytes !== undefined
      ? [{ ...wheel, sha256, sizeBytes }]
      : [];
  });
}
