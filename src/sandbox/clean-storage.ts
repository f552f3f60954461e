import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isBuilderError } from '../errors.ts';
import type { BuildahStorage } from './buildah-storage.ts';

export interface CleanOptions {
  /** What the layers of all images may take together; the images that were used longest ago go first. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  /** Milliseconds since 1970; now unless told. */
  readonly now?: number;
}

export const usualMaxStorageBytes = 20 * 1024 ** 3;

/** An image that was used a moment ago is about to be used: its layers are there, its container is not yet. */
const graceMs = 10 * 60_000;
/** What is older belongs to no room that is open: nothing may run so long. */
const abandonedMs = 24 * 60 * 60_000;

/**
 * Keeps the storage within its bound, and removes what processes have left that were killed. Safe beside rooms of this process and of others: buildah
 * removes no image that has a container, and one that is wanted again is pulled again.
 */
export async function cleanStorage(storage: BuildahStorage, options: CleanOptions): Promise<void> {
  await removeAbandoned(storage, options);
  await removeOldestImages(storage, options);
}

/** Notes that an image is wanted now. */
export async function touchImage(name: string, { directory }: Pick<BuildahStorage, 'directory'>): Promise<void> {
  await writeFile(stampOf(name, directory), '');
}

function stampOf(name: string, directory: string): string {
  return join(directory, `used-${name}`);
}

async function removeAbandoned(storage: BuildahStorage, { now = Date.now(), signal }: CleanOptions): Promise<void> {
  for (const { id, created } of await readList<{ id: string; created: string }>('containers', storage)) {
    if (now - Date.parse(created) > abandonedMs) await storage.call(['rm', id], { signal }).catch(leaveIt);
  }
  for (const name of await readdir(storage.directory)) {
    const path = join(storage.directory, name);
    if (/^(?:room|pull)-/.test(name) && now - (await changedMs(path)) > abandonedMs) {
      await rm(path, { recursive: true, force: true });
    }
  }
}

interface StoredImage {
  readonly id: string;
  readonly layer?: string;
  readonly names?: readonly string[];
}

interface StoredLayer {
  readonly id: string;
  readonly parent?: string;
  readonly 'diff-size'?: number;
}

async function removeOldestImages(
  storage: BuildahStorage,
  { maxBytes, now = Date.now(), signal }: CleanOptions,
): Promise<void> {
  const layers = new Map((await readList<StoredLayer>('layers', storage)).map((layer) => [layer.id, layer]));
  let images = await readList<StoredImage>('images', storage);
  if (bytesOf(images, layers) <= maxBytes) return;
  const used = await Promise.all(images.map(async (image) => ({ image, usedMs: await lastUse(image, storage) })));
  for (const { image, usedMs } of used.sort((a, b) => a.usedMs - b.usedMs)) {
    if (bytesOf(images, layers) <= maxBytes || now - usedMs < graceMs) return;
    await storage.call(['rmi', image.id], { signal }).catch(leaveIt);
    images = images.filter((each) => each !== image);
  }
}

/** Of all layers of the images, those that they share once. */
function bytesOf(images: readonly StoredImage[], layers: ReadonlyMap<string, StoredLayer>): number {
  const counted = new Set<string>();
  for (const { layer } of images) {
    for (let id = layer; id !== undefined && !counted.has(id); id = layers.get(id)?.parent) counted.add(id);
  }
  return [...counted].reduce((sum, id) => sum + (layers.get(id)?.['diff-size'] ?? 0), 0);
}

async function lastUse({ names = [] }: StoredImage, { directory }: BuildahStorage): Promise<number> {
  const name = /^localhost\/([^:]+):latest$/.exec(names[0] ?? '')?.[1];
  return name === undefined ? 0 : changedMs(stampOf(name, directory));
}

/** 0 for what is not there. */
async function changedMs(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return 0;
  }
}

/** What containers/storage keeps lists of; none while there is no such list yet. */
async function readList<T>(what: 'containers' | 'images' | 'layers', { root }: BuildahStorage): Promise<readonly T[]> {
  try {
    return JSON.parse(await readFile(join(root, `overlay-${what}`, `${what}.json`), 'utf8')) as T[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return [];
  }
}

/** It is in use, or another process was quicker. */
function leaveIt(error: unknown): void {
  if (!isBuilderError(error, 'build-failed')) throw error;
}
