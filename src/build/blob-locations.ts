import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, isDigest } from '../oci/digest.ts';
import { isRepositoryName, type Repository } from '../oci/reference.ts';

/**
 * Which repository of a registry had a blob when we last saw it. Only ever a hint: a registry that cannot mount from there is sent the
 * blob, so a stale or lost memory costs time, not correctness.
 */
export interface BlobLocations {
  repositoriesWith(registry: string, digest: Digest): readonly Repository[];
  remember(repository: Repository, digest: Digest): void;
  /** Writes what was learnt, if anything. */
  save(): Promise<void>;
}

/** Digests kept in all; the oldest are forgotten first. */
const maxRemembered = 50_000;

/** Reads the memory of earlier builds from a directory; one that is missing or damaged is empty. */
export async function openBlobLocations(directory: string): Promise<BlobLocations> {
  const file = join(directory, 'blob-locations.json');
  const known = await readKnown(file);
  const learnt = new Map<string, string>();
  let saving: Promise<void> = Promise.resolve();
  const write = async () => {
    if (learnt.size === 0) return;
    // Another process may have written meanwhile: add to what stands there now.
    const merged = [...(await readKnown(file)), ...learnt].slice(-maxRemembered);
    learnt.clear();
    await mkdir(directory, { recursive: true });
    const temporary = `${file}.${randomUUID()}.tmp`;
    await writeFile(temporary, JSON.stringify(Object.fromEntries(merged)));
    await rename(temporary, file);
  };
  const keyOf = (registry: string, digest: Digest) => `${registry} ${digest}`;
  return {
    repositoriesWith(registry, digest) {
      const name = known.get(keyOf(registry, digest));
      return name === undefined ? [] : [{ registry, name }];
    },
    remember({ registry, name }, digest) {
      const key = keyOf(registry, digest);
      if (known.has(key)) return;
      known.set(key, name);
      learnt.set(key, name);
    },
    save() {
      // One after another: each adds to what the one before has written.
      saving = saving.then(write, write);
      return saving;
    },
  };
}

async function readKnown(file: string): Promise<Map<string, string>> {
  try {
    const entries = Object.entries(JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>);
    return new Map(entries.filter((entry): entry is [string, string] => isLocation(entry)));
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw error;
  }
}

function isLocation([key, name]: [string, unknown]): boolean {
  return isDigest(key.slice(key.indexOf(' ') + 1)) && typeof name === 'string' && isRepositoryName(name);
}
