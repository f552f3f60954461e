import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BuilderError, isBuilderError } from '../../../errors.ts';
import { refuseFullDisk } from '../../../layers/full-disk.ts';
import type { LayerCompression } from '../../../oci/media-types.ts';
import { decompress } from '../../../rootfs/decompress.ts';
import { say } from '../../../sentence.ts';
import { nameOfFile, type RepodataRecord, readRecord } from './record.ts';
import { createRecordScanner, RepodataFormatError } from './record-scanner.ts';
import { parseShardIndex, readShard, type ShardIndex } from './shard-index.ts';
import type { WantedShard } from './shard-store.ts';

/*
 * Repodata on disk, made so that the records of a few packages are found at once:
 *
 *     repodata.json(.zst) ──▶ records-<id>.json   as it was sent, unpacked
 *                             index.json          name ──▶ where in it the records of that name stand
 *
 * Of sharded repodata only the index is there: name ──▶ the shard that holds its records.
 */

/** What channels are known to send is a third of this. */
const maxUnpackedBytes = 4 * 1024 ** 3;

type StoredIndex = RecordsIndex | (ShardIndex & { readonly formatVersion: 1 });

interface RecordsIndex {
  readonly formatVersion: 1;
  /** File name of the records, beside the index. */
  readonly records: string;
  readonly baseUrl?: string;
  /** By name: starts and ends of runs of records. */
  readonly places: Readonly<Record<string, readonly number[]>>;
}

/** The records of one subdirectory of a channel. */
export interface SubdirRecords {
  /** Where packages are fetched from, relative to the repodata's own URL, where that is not beside it (CEP-15). */
  readonly baseUrl?: string;
  has(name: string): boolean;
  names(): readonly string[];
  /** Those of a package, by file name. */
  load(name: string): Promise<readonly (readonly [string, RepodataRecord])[]>;
}

/** What came from a channel. */
export interface PackedRepodata {
  readonly file: string;
  readonly compression: LayerCompression;
  /** It is an index of shards, each of which is fetched when it is needed. */
  readonly isSharded?: boolean;
}

/**
 * Unpacks what was fetched into the directory and indexes it, in place of what was there before. Throws `registry-invalid-response` for
 * what is no repodata, `limit-exceeded`, `disk-full`.
 */
export async function indexRepodata(source: PackedRepodata, directory: string): Promise<void> {
  const old = await readIndex(directory);
  if (source.isSharded)
    await writeIndex(directory, { formatVersion: 1, ...parseShardIndex(await readFile(source.file)) });
  else await indexRecords(source, directory);
  // Who reads it still has it open.
  if (old !== undefined && 'records' in old) await rm(join(directory, old.records), { force: true });
}

async function indexRecords(source: PackedRepodata, directory: string): Promise<void> {
  const records = `records-${randomUUID()}.json`;
  const path = join(directory, records);
  try {
    const found = await unpackAndScan(source, path);
    await writeIndex(directory, { formatVersion: 1, records, ...found });
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

async function writeIndex(directory: string, index: StoredIndex): Promise<void> {
  const temporary = join(directory, `${randomUUID()}.partial`);
  await writeFile(temporary, JSON.stringify(index)).catch(refuseFullDisk);
  await rename(temporary, join(directory, 'index.json'));
}

async function unpackAndScan(
  { file, compression }: PackedRepodata,
  target: string,
): Promise<Pick<RecordsIndex, 'baseUrl' | 'places'>> {
  const places = new Map<string, number[]>();
  let lastName: string | undefined;
  const scanner = createRecordScanner((filename, start, end) => {
    const name = nameOfFile(filename);
    if (name === undefined) return;
    const runs = places.get(name) ?? [];
    // Records of a name that follow one another are one run: what stands between them is a comma.
    if (name === lastName && start - runs.at(-1)! <= 16) runs[runs.length - 1] = end;
    else runs.push(start, end);
    lastName = name;
    places.set(name, runs);
  });
  try {
    await decompress(createReadStream(file, { highWaterMark: 1024 * 1024 }), compression, (unpacked) =>
      copyTo(target, unpacked, (chunk) => scanner.write(chunk)),
    );
    const { info } = scanner.end();
    return { ...readInfo(info), places: Object.fromEntries(places) };
  } catch (error) {
    if (!(error instanceof RepodataFormatError) && !isBuilderError(error, 'image-invalid')) throw error;
    throw new BuilderError('registry-invalid-response', say`A channel sends what is no repodata: ${error.message}`, {
      cause: error,
    });
  }
}

async function copyTo(path: string, chunks: AsyncIterable<Uint8Array>, onChunk: (chunk: Uint8Array) => void) {
  const file = createWriteStream(path, { flags: 'wx', highWaterMark: 8 * 1024 * 1024 });
  const failed = new Promise<never>((_, reject) => file.once('error', reject));
  failed.catch(() => {});
  let sizeBytes = 0;
  try {
    for await (const chunk of chunks) {
      sizeBytes += chunk.length;
      if (sizeBytes > maxUnpackedBytes) {
        throw new BuilderError(
          'limit-exceeded',
          say`The repodata of a channel is larger than ${maxUnpackedBytes} bytes`,
        );
      }
      onChunk(chunk);
      if (!file.write(chunk))
        await Promise.race([new Promise<void>((resolve) => file.once('drain', () => resolve())), failed]);
    }
    await Promise.race([new Promise<void>((resolve) => file.end(() => resolve())), failed]);
  } catch (error) {
    file.destroy();
    return refuseFullDisk(error as NodeJS.ErrnoException);
  }
}

function readInfo(text: string): { readonly baseUrl?: string } {
  try {
    const { base_url: baseUrl } = JSON.parse(text || '{}') as { base_url?: unknown };
    return typeof baseUrl === 'string' ? { baseUrl } : {};
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new RepodataFormatError('its info is no JSON');
  }
}

async function readIndex(directory: string): Promise<StoredIndex | undefined> {
  const text = await readFile(join(directory, 'index.json'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
  return text === undefined ? undefined : (JSON.parse(text) as StoredIndex);
}

export interface OpenOptions {
  /** Where the repodata itself stood, with a slash at its end. */
  readonly url: string;
  /** Gives the file of a shard. */
  readonly fetchShard: (wanted: WantedShard) => Promise<string>;
}

/** Opens what `indexRepodata` left. */
export async function openRepodataIndex(
  directory: string,
  options: OpenOptions,
): Promise<SubdirRecords & AsyncDisposable> {
  const { index, file } = await openIndexed(directory);
  return file === undefined ? openShards(index, options) : openRecords(index, file);
}

function openShards(
  { baseUrl, shardsUrl, shards: hashes }: ShardIndex,
  { url, fetchShard }: OpenOptions,
): SubdirRecords & AsyncDisposable {
  const shards = new Map(Object.entries(hashes));
  const directory = new URL(shardsUrl === '' ? '' : shardsUrl.replace(/\/*$/, '/'), url);
  return {
    ...(baseUrl !== undefined && { baseUrl }),
    has: (name) => shards.has(name),
    names: () => [...shards.keys()],
    async load(name) {
      const sha256 = shards.get(name);
      if (sha256 === undefined) return [];
      const found = await readShard(await fetchShard({ url: `${directory.href}${sha256}.msgpack.zst`, sha256 }));
      return found.filter(([, record]) => record.name === name);
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

function openRecords(index: RecordsIndex, file: FileHandle): SubdirRecords & AsyncDisposable {
  const places = new Map(Object.entries(index.places));
  const parse = async (start: number, end: number) => {
    const { buffer } = await file.read(Buffer.allocUnsafe(end - start), 0, end - start, start);
    return parseRun(buffer.toString('utf8'));
  };
  return {
    ...(index.baseUrl !== undefined && { baseUrl: index.baseUrl }),
    has: (name) => places.has(name),
    names: () => [...places.keys()],
    async load(name) {
      const runs = places.get(name) ?? [];
      const found: [string, RepodataRecord][] = [];
      for (let at = 0; at < runs.length; at += 2) {
        for (const [filename, value] of Object.entries(await parse(runs[at]!, runs[at + 1]!))) {
          const record = readRecord(filename, value);
          if (record !== undefined) found.push([filename, record]);
        }
      }
      return found;
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}

type Indexed =
  | { readonly index: RecordsIndex; readonly file: FileHandle }
  | { readonly index: ShardIndex; readonly file?: undefined };

/** What the index named may be replaced before it is open: then there is a new index. */
async function openIndexed(directory: string): Promise<Indexed> {
  for (let attempt = 1; ; attempt++) {
    const index = await readIndex(directory);
    if (index === undefined) throw new Error(`there is no repodata in ${directory}`);
    if (!('records' in index)) return { index };
    try {
      return { index, file: await open(join(directory, index.records)) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempt === 5) throw error;
    }
  }
}

function parseRun(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(`{${text}}`) as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new BuilderError('registry-invalid-response', say`A channel sends repodata that is no JSON`, {
      cause: error,
    });
  }
}
