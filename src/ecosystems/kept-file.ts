import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { refuseFullDisk } from '../layers/full-disk.ts';

/** Reads a file that `keepFile` has written; `undefined` when there is none. */
export async function readKeptFile(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Writes a file that is there whole or not at all. Throws `disk-full`. */
export async function keepFile(file: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const partial = `${file}.${randomUUID()}.part`;
  await writeFile(partial, content).catch(refuseFullDisk);
  await rename(partial, file);
}
