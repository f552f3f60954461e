import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lockDirectory } from '../src/store/lock-directory.ts';

/** Where what is slow to make is kept between runs: bases, wheels that pip fetched. */
export const testCache = resolve(process.env.IMAGEWRIGHT_TEST_CACHE ?? join(import.meta.dirname, '../.cache/test'));

/** What is being made by this process. */
const making = new Map<string, Promise<string>>();

/** Gives where `make` has put it, under that name in the test cache: whole or not at all, and made once whoever else wants it at that time. */
export function kept(name: string, make: (target: string) => Promise<void>): Promise<string> {
  const target = join(testCache, name);
  if (existsSync(target)) return Promise.resolve(target);
  const known = making.get(name) ?? makeOnce(name, target, make).finally(() => making.delete(name));
  making.set(name, known);
  return known;
}

async function makeOnce(name: string, target: string, make: (target: string) => Promise<void>): Promise<string> {
  await mkdir(testCache, { recursive: true });
  const release = await lockWhenFree(`${target}.lock`);
  try {
    if (!existsSync(target)) await makeHere(name, target, make);
  } finally {
    await release();
  }
  return target;
}

async function lockWhenFree(file: string): Promise<() => Promise<void>> {
  for (;;) {
    try {
      return await lockDirectory(file);
    } catch (error) {
      if ((error as { code?: string }).code !== 'command-invalid') throw error;
      await sleep(200);
    }
  }
}

async function makeHere(name: string, target: string, make: (target: string) => Promise<void>): Promise<void> {
  const place = await mkdtemp(join(testCache, 'making-'));
  try {
    console.info(`making ${name}`);
    const began = Date.now();
    await make(join(place, 'it'));
    console.info(`made ${name} in ${Math.round((Date.now() - began) / 1000)} s`);
    await rename(join(place, 'it'), target);
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}
