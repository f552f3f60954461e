import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BuilderError } from '../errors.ts';
import { algorithmOf, type Digest, hexOf } from '../oci/digest.ts';
import type { LayerCompression } from '../oci/media-types.ts';
import { say } from '../sentence.ts';
import { decodeLayerIndex, encodeLayerIndex, type StoredLayerIndex } from './layer-index-codec.ts';

/** Which blob an index was made of, and how it was read. */
export interface LayerIndexKey {
  readonly digest: Digest;
  readonly compression: LayerCompression;
}

/** The indexes of layers on disk, shared by all images and processes; whoever finds none, or a damaged one, makes it anew. */
export interface LayerIndexCache {
  load(key: LayerIndexKey): Promise<StoredLayerIndex | undefined>;
  /** Throws `disk-full`. */
  save(key: LayerIndexKey, stored: StoredLayerIndex): Promise<void>;
}

/** Raised whenever what an index holds, or how it is read from a layer, changes. */
const version = 2;

export function createLayerIndexCache(directory: string): LayerIndexCache {
  const fileOf = ({ digest, compression }: LayerIndexKey) =>
    join(directory, `${algorithmOf(digest)}-${hexOf(digest)}-${compression}-v${version}`);
  return {
    async load(key) {
      const bytes = await readFile(fileOf(key)).catch(ignoreMissing);
      return bytes && decodeLayerIndex(bytes);
    },
    async save(key, stored) {
      const file = fileOf(key);
      const temporary = `${file}.${randomUUID()}.tmp`;
      try {
        await mkdir(directory, { recursive: true });
        await writeFile(temporary, encodeLayerIndex(stored));
        await rename(temporary, file);
      } catch (error) {
        await rm(temporary, { force: true });
        throw asDiskFull(error, directory);
      }
    },
  };
}

function ignoreMissing(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error;
}

function asDiskFull(error: unknown, directory: string): unknown {
  if (!['ENOSPC', 'EDQUOT'].includes(codeOf(error))) return error;
  return new BuilderError('disk-full', say`no space is left to keep the index of a layer in ${directory}`, {
    hint: say`Free some space, or choose another data directory.`,
    cause: error,
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
