import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, type JsonValue } from '../oci/canonical-json.ts';
import { type Digest, hexOf, isDigest } from '../oci/digest.ts';
import { refuseFullDisk } from './full-disk.ts';
import type { LayerCache, LayerRecord } from './layer-cache.ts';
import { noteUse } from './note-use.ts';

/**
 * A layer cache in a directory: blobs in `blobs/sha256/<hex>`, records in `layers/<hash of key>/<hash of conditions>.json`. All is
 * written beside its place and renamed, so a killed process leaves no half thing; one record a file, so processes do not overwrite
 * each other's. A record that cannot be read, or whose blob is missing or of another size, counts as absent.
 */
export function createDiskLayerCache({ cacheDir }: { readonly cacheDir: string }): LayerCache {
  const blobDir = join(cacheDir, 'blobs', 'sha256');
  const temporaryDir = join(cacheDir, 'tmp');
  const blobPath = (digest: Digest) => join(blobDir, hexOf(digest));
  const recordDir = (key: string) => join(cacheDir, 'layers', sha256(key));
  const newFile = async () => {
    await mkdir(temporaryDir, { recursive: true });
    return join(temporaryDir, randomUUID());
  };

  return {
    newFile,
    async find(key, fits) {
      const directory = recordDir(key);
      for (const name of (await namesIn(directory)).sort()) {
        const record = await readRecord(join(directory, name));
        if (record !== undefined && fits(record) && (await sizeOf(blobPath(record.digest))) === record.sizeBytes) {
          // One that the registry has is used without being read.
          await noteUse(blobPath(record.digest));
          return record;
        }
      }
      return undefined;
    },
    async add(key, record, file) {
      await mkdir(blobDir, { recursive: true });
      await rename(file, blobPath(record.digest));
      const directory = recordDir(key);
      await mkdir(directory, { recursive: true });
      const temporary = await newFile();
      await writeFile(temporary, canonicalJson(record as unknown as JsonValue), { flag: 'wx' }).catch(refuseFullDisk);
      const name = sha256(canonicalJson(record.conditions as unknown as JsonValue));
      await rename(temporary, join(directory, `${name}.json`));
    },
    open: ({ digest }) => createReadStream(blobPath(digest), { highWaterMark: 1024 * 1024 }),
    discard: (file) => rm(file, { force: true }),
  };
}

async function readRecord(path: string): Promise<LayerRecord | undefined> {
  try {
    const record = JSON.parse(await readFile(path, 'utf8')) as LayerRecord;
    const isWhole =
      isDigest(record.digest) &&
      isDigest(record.diffId) &&
      Number.isSafeInteger(record.sizeBytes) &&
      Number.isSafeInteger(record.unpackedBytes) &&
      Array.isArray(record.conditions);
    return isWhole ? record : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch(absent([]));
}

async function sizeOf(path: string): Promise<number | undefined> {
  return stat(path).then(({ size }) => size, absent(undefined));
}

function absent<T>(fallback: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === 'ENOENT') return fallback;
    throw error;
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
