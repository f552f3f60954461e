import { randomUUID } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { BuilderError } from '../../errors.ts';
import { say } from '../../sentence.ts';

/**
 * Puts a finished file where it belongs so that a crash leaves the old state or the new one: its data first, then its name.
 * Both paths must be on one file system.
 */
export async function publishFile(handle: FileHandle, from: string, to: string): Promise<void> {
  await handle.sync();
  await makeDirectory(dirname(to));
  await rename(from, to);
  await syncDirectory(dirname(to));
}

/** Replaces a small file as a whole, durably; `temporary` is a directory on the same file system. */
export async function writeFileDurably(path: string, text: string, temporary: string): Promise<void> {
  const draft = join(temporary, randomUUID());
  await withDiskErrors(async () => {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await publishFile(handle, draft, path);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
  });
}

/** Creates a directory and those above it, durably. */
export async function makeDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  const top = resolve(first);
  // Each new name stands in its parent, so the parents are what is synced.
  for (let made = resolve(path); made.length >= top.length; made = dirname(made)) await syncDirectory(dirname(made));
}

/** Makes the names in a directory durable. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Removes what nobody has written to for so long, left by a process that ended midway. */
export async function removeStaleFiles(directory: string, olderThanMs: number): Promise<void> {
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    const modifiedMs = (await stat(path).catch(ignoreMissing))?.mtimeMs;
    if (modifiedMs !== undefined && Date.now() - modifiedMs > olderThanMs) await rm(path, { force: true });
  }
}

/** For `catch`: a file that is not there is no error. */
export function ignoreMissing(error: unknown): undefined {
  if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined;
  throw error;
}

export function isSystemError(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/** Runs something that writes; a full disk becomes `disk-full`. */
export async function withDiskErrors<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!isSystemError(error, 'ENOSPC', 'EDQUOT')) throw error;
    throw new BuilderError('disk-full', say`The disk that holds the blobs is full`, {
      cause: error,
      hint: say`Free some space under the data directory, then try again.`,
    });
  }
}
