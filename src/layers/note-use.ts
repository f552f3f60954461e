import { utimes } from 'node:fs/promises';

/** Notes that a cached file is wanted now, for whoever removes what was not used for long; where that cannot be noted, all goes on. */
export async function noteUse(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => {});
}
