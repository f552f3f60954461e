import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BuilderError, isBuilderError } from '../../../errors.ts';
import { refuseFullDisk } from '../../../layers/full-disk.ts';
import type { LayerCompression } from '../../../oci/media-types.ts';
import { decompress } from '../../../rootfs/decompress.ts';
import { nameOfFile, type RepodataRecord, readRecord } from './record.ts';
import { createRecordScanner, RepodataFormatError } from './record-scanner.ts';

/*
 * Repodata on disk, made so that the records of a few packages are found at once:
 *
 *     repodata.json(.zst) ──▶ records-<id>.json   as it was sent, unpacked
 *                             index.json          name ──▶ where in it the records of that name stand
 */

/** What channels are known to send is a third of this. */
const maxUnpackedBytes = 4 * 1024 ** 3;

interface StoredIndex {
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
}

/**
 * Unpacks what was fetched into the directory and indexes it, in place of what was there before. Throws `registry-invalid-response` for
 * what is no repodata, `limit-exceeded`, `disk-full`.
 */
export async function indexRepodata(source: PackedRepodata, directory: string): Promise<void> {
  const records = `records-${randomUUID()}.json`;
  const path = join(directory, records);
  try {
    const found = await unpackAndScan(source, path);
    const index: StoredIndex = { formatVersion: 1, records, ...found };
    const old = await readIndex(directory);
    const temporary = join(directory, `${randomUUID()}.partial`);
    await writeFile(temporary, JSON.stringify(index)).catch(refuseFullDisk);
    await rename(temporary, join(directory, 'index.json'));
    // Who reads it still has it open.
    if (old !== undefined) await rm(join(directory, old.records), { force: true });
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

async function unpackAndScan(
  { file, compression }: PackedRepodata,
  target: string,
): Promise<Pick<StoredIndex, 'baseUrl' | 'places'>> {
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
    throw new BuilderError('registry-invalid-response', `A channel sends what is no repodata: ${error.message}`, {
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
        throw new BuilderError('limit-exceeded', `The repodata of a channel is larger than ${maxUnpackedBytes} bytes`);
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

/** Opens what `indexRepodata` left. */
export async function openRepodataIndex(directory: string): Promise<SubdirRecords & AsyncDisposable> {
  const { index, file } = await openIndexed(directory);
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

/** What the index named may be replaced before it is open: then there is a new index. */
async function openIndexed(directory: string): Promise<{ readonly index: StoredIndex; readonly file: FileHandle }> {
  for (let attempt = 1; ; attempt++) {
    const index = await readIndex(directory);
    if (index === undefined) throw new Error(`there is no repodata in ${directory}`);
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
    throw new BuilderError('registry-invalid-response', 'A channel sends repodata that is no JSON', { cause: error });
  }
}
