import { lstat, readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';

export interface PruneCacheOptions {
  /** What the files may take on the disk together, in bytes. */
  readonly maxBytes: number;
  /** Only tell what would be removed. */
  readonly isDryRun?: boolean;
  /** Milliseconds since 1970; now unless told. */
  readonly now?: number;
  /** Ends the work where it is; there is no harm in that. */
  readonly signal?: AbortSignal;
}

export interface PrunedCache {
  readonly removedFiles: number;
  readonly removedBytes: number;
  readonly keptBytes: number;
}

/**
 * File systems note that a file was read at most once a day (mount(8), relatime): one that seems not to have been used for two days has
 * not been used for one, and so belongs to no build that runs.
 */
const unusedMs = 48 * 60 * 60_000;

/**
 * What grows with each build, and whose files can go one by one: who looks for one that is gone has it or makes it again. The rest of a cache
 * stays small, keeps itself so, or holds files that are right only together.
 */
const prunedDirectories = [
  ...['blobs', 'layers', 'rootfs', 'locks', 'tmp'],
  ...['wheels', 'sdists', 'bytecode', 'debs'],
  ...['conda/packages', 'conda/paths', 'conda/shards'],
];

interface CachedFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly usedMs: number;
}

/**
 * Keeps a cache directory within a bound: files that were used longest ago go first, and what killed processes have left goes in any case.
 * Nothing goes that was used within the last day, so a cache may be larger than its bound for as long.
 */
export async function pruneCache(cacheDir: string, options: PruneCacheOptions): Promise<PrunedCache> {
  const { maxBytes, isDryRun = false, now = Date.now(), signal } = options;
  const directories = prunedDirectories.map((each) => join(cacheDir, each));
  const files = (await Promise.all(directories.map((each) => filesWithin(each, signal)))).flat();
  let keptBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const removed: CachedFile[] = [];
  for (const file of files.sort((a, b) => a.usedMs - b.usedMs)) {
    if (now - file.usedMs < unusedMs || signal?.aborted) break;
    if (keptBytes <= maxBytes && !isLeftover(file.path.slice(cacheDir.length))) continue;
    if (!isDryRun) await rm(file.path, { force: true });
    removed.push(file);
    keptBytes -= file.sizeBytes;
  }
  if (!isDryRun) for (const directory of directories) await removeEmptyDirectories(directory, now);
  return { removedFiles: removed.length, removedBytes: sizeOf(removed), keptBytes };
}

/** What is written before it gets its name. */
function isLeftover(path: string): boolean {
  return path.startsWith('/tmp/') || /\.(?:part|partial|tmp)$/.test(path);
}

function sizeOf(files: readonly CachedFile[]): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

async function filesWithin(directory: string, signal: AbortSignal | undefined): Promise<CachedFile[]> {
  const found: CachedFile[] = [];
  for (const entry of await readdir(directory, { withFileTypes: true }).catch(absent([]))) {
    if (signal?.aborted) return [];
    const path = join(directory, entry.name);
    if (entry.isDirectory()) {
      for (const file of await filesWithin(path, signal)) found.push(file);
      continue;
    }
    const status = await lstat(path).catch(absent(undefined));
    if (status === undefined) continue;
    const { blocks, atimeMs, mtimeMs } = status;
    found.push({ path, sizeBytes: blocks * 512, usedMs: Math.max(atimeMs, mtimeMs) });
  }
  return found;
}

/** Only those that nobody has put anything into for long: who makes one is about to. */
async function removeEmptyDirectories(directory: string, now: number): Promise<void> {
  const status = await lstat(directory).catch(absent(undefined));
  if (status === undefined) return;
  for (const entry of await readdir(directory, { withFileTypes: true }).catch(absent([]))) {
    if (entry.isDirectory()) await removeEmptyDirectories(join(directory, entry.name), now);
  }
  if (now - status.mtimeMs >= unusedMs) await rmdir(directory).catch(() => {});
}

/** Other processes use the cache, too: what was there a moment ago may be gone. */
function absent<T>(fallback: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === 'ENOENT') return fallback;
    throw error;
  };
}
