import { stat } from 'node:fs/promises';

/** How long names hold: they change more slowly than versions do. */
export const maxListAgeMs = 24 * 60 * 60_000;

/** How old a file is; infinitely where there is none. */
export async function ageOf(file: string): Promise<number> {
  try {
    return Math.max(0, Date.now() - (await stat(file)).mtimeMs);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return Number.POSITIVE_INFINITY;
  }
}
