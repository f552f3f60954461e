import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, type JsonValue } from '../oci/canonical-json.ts';
import { digestOf, hexOf } from '../oci/digest.ts';
import { formatPlatform } from '../oci/platform.ts';
import { formatReference } from '../oci/reference.ts';
import type { ResolvedImage } from '../registry/client/resolved-image.ts';
import { quoted, type Sentence } from '../sentence.ts';
import { canonicalSpec } from '../spec/canonical-spec.ts';
import type { ImageSpec } from '../spec/image-spec.ts';
import type { Lock } from './lock.ts';
import { maxLockBytes, parseLockObject } from './parse-lock.ts';
import type { Resolver } from './resolver.ts';

/** What a spec meant when it was last asked. */
export interface RememberedLock {
  readonly lock: Lock;
  readonly notices: readonly Sentence[];
}

/** Locks by what they were made of, so that a spec need not be solved again within a freshness window. */
export interface LockCache {
  /** The lock kept under the key when it is at most so many milliseconds old. */
  get(key: string, maxAgeMs: number): Promise<RememberedLock | undefined>;
  put(key: string, remembered: RememberedLock): Promise<void>;
}

/** Everything that can change what a spec means, but for the time: 64 hexadecimal digits. */
export async function lockCacheKey(request: {
  readonly spec: ImageSpec;
  readonly base: ResolvedImage;
  readonly resolvers: readonly Resolver[];
}): Promise<string> {
  const { spec, base, resolvers } = request;
  const fingerprints = await Promise.all(
    resolvers.map(async (resolver) => `${resolver.ecosystem} ${await resolver.fingerprint()}`),
  );
  const parts = ['1', canonicalSpec(spec), formatReference(base.reference), base.digest, formatPlatform(base.platform)];
  return hexOf(digestOf(JSON.stringify([...parts, ...fingerprints.sort()])));
}

/** Keeps locks in files under `<cacheDir>/locks`. A file that cannot be read is as good as none. */
export function createLockCache(cacheDir: string, now: () => number = Date.now): LockCache {
  const directory = join(cacheDir, 'locks');
  const pathOf = (key: string) => join(directory, `${key}.json`);
  return {
    async get(key, maxAgeMs) {
      const entry = parseEntry(await readIfPresent(pathOf(key)));
      if (entry === undefined) return undefined;
      const ageMs = now() - entry.createdAtMs;
      return ageMs >= 0 && ageMs < maxAgeMs ? entry.remembered : undefined;
    },
    async put(key, { lock, notices }) {
      await mkdir(directory, { recursive: true });
      const partial = join(directory, `${key}.${randomUUID()}.partial`);
      try {
        await writeFile(partial, canonicalJson({ createdAtMs: now(), lock, notices } as unknown as JsonValue));
        await rename(partial, pathOf(key));
      } finally {
        await rm(partial, { force: true });
      }
    },
  };
}

async function readIfPresent(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function parseEntry(bytes: Buffer | undefined): { createdAtMs: number; remembered: RememberedLock } | undefined {
  if (bytes === undefined || bytes.byteLength > maxLockBytes) return undefined;
  try {
    const { createdAtMs, lock, notices } = JSON.parse(bytes.toString('utf8')) as Record<string, unknown>;
    const texts =
      Array.isArray(notices) && notices.every((notice) => typeof notice === 'string') ? notices.map(quoted) : undefined;
    if (typeof createdAtMs !== 'number' || texts === undefined) return undefined;
    return { createdAtMs, remembered: { lock: parseLockObject(lock), notices: texts } };
  } catch {
    // Whatever is wrong with the file, the answer is the same: solve again and write it anew.
    return undefined;
  }
}
