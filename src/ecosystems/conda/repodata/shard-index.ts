import { readFile } from 'node:fs/promises';
import { zstdDecompressSync } from 'node:zlib';
import { BuilderError, messageOf } from '../../../errors.ts';
import { quoted, type Sentence, say } from '../../../sentence.ts';
import { decodeMessagePack } from './message-pack.ts';
import { type RepodataRecord, readRecord } from './record.ts';

/*
 * Sharded repodata (CEP-16): an index of names, and for each name a file of its records, called by the hash of its content. What a solve
 * needs of a large channel is then some hundred small files, of which most stay as they are from one day to the next.
 */

/** Largest index and shard, unpacked. */
const maxUnpackedBytes = 256 * 1024 * 1024;

export interface ShardIndex {
  /** Where packages are fetched from, relative to the index. */
  readonly baseUrl?: string;
  /** Where shards are, relative to the index. */
  readonly shardsUrl: string;
  /** sha256 of the shard of each name. */
  readonly shards: Readonly<Record<string, string>>;
}

/** Reads a `repodata_shards.msgpack.zst`. Throws `registry-invalid-response`. */
export function parseShardIndex(packed: Buffer): ShardIndex {
  const { info, shards } = members(unpack(packed));
  const { base_url: baseUrl, shards_base_url: shardsUrl } = members(info);
  const hashes = members(shards);
  const wrong = Object.values(hashes).find((hash) => typeof hash !== 'string' || !/^[0-9a-f]{64}$/.test(hash));
  if (wrong !== undefined) return refuse(say`a shard is named by no sha256`);
  return {
    ...(typeof baseUrl === 'string' && baseUrl !== '' && { baseUrl }),
    shardsUrl: typeof shardsUrl === 'string' ? shardsUrl : '',
    shards: hashes as Record<string, string>,
  };
}

/** The records of a shard, by file name. Throws `registry-invalid-response`. */
export async function readShard(file: string): Promise<readonly (readonly [string, RepodataRecord])[]> {
  const shard = members(unpack(await readFile(file)));
  return ['packages', 'packages.conda'].flatMap((section) =>
    Object.entries(members(shard[section] ?? {})).flatMap(([filename, value]) => {
      const record = readRecord(filename, value);
      return record === undefined ? [] : [[filename, record] as const];
    }),
  );
}

function unpack(packed: Buffer): unknown {
  try {
    return decodeMessagePack(zstdDecompressSync(packed, { maxOutputLength: maxUnpackedBytes }));
  } catch (error) {
    return refuse(quoted(messageOf(error)), error);
  }
}

function members(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : refuse(say`a map is missing`);
}

function refuse(why: Sentence, cause?: unknown): never {
  throw new BuilderError(
    'registry-invalid-response',
    say`A channel sends sharded repodata that cannot be read: ${why}`,
    {
      cause,
    },
  );
}
