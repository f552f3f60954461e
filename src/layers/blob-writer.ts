import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { constants, createZstdCompress } from 'node:zlib';
import { createDigestMeter, type Digest } from '../oci/digest.ts';
import type { LayerCompression } from '../oci/media-types.ts';
import { refuseFullDisk } from './full-disk.ts';
import { isShort, memberOf, packMember } from './gzip-members.ts';
import type { DeflatedContent } from './layer-source.ts';

/** Level of each compressor; part of the layer cache's key. zstd 2 packs 7 % less tightly than 3 in two thirds of the time. */
export const compressionLevels: Readonly<Record<LayerCompression, number>> = { none: 0, gzip: 6, zstd: 2 };

/** Compresses into a file while it measures what it writes. */
export interface BlobWriter extends AsyncDisposable {
  /** Packs the bytes by themselves. Resolves when they are no longer needed; several writes may be under way. */
  write(bytes: Uint8Array): Promise<void>;
  /** Writes some bytes and then takes over content as it is packed already; where the compression allows (gzip). */
  writeDeflated?(before: Uint8Array, content: DeflatedContent): Promise<void>;
  /** Digest and size in bytes of the compressed file. */
  end(): Promise<{ readonly digest: Digest; readonly sizeBytes: number }>;
}

/** Opens a new file for one blob. Throws `disk-full`. */
export async function createBlobWriter(path: string, compression: LayerCompression): Promise<BlobWriter> {
  const file = await open(path, 'wx').catch(refuseFullDisk);
  const meter = createDigestMeter();
  const store = async (bytes: Uint8Array) => {
    // Several writes may be under way: each has its place, or they would overtake one another.
    const position = meter.sizeBytes;
    meter.update(bytes);
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await file.write(bytes, at, bytes.length - at, position + at).catch(refuseFullDisk);
      at += bytesWritten;
    }
  };
  const compressor = createCompressor(compression, store);
  return {
    write: compressor.write,
    ...(compressor.writeDeflated !== undefined && { writeDeflated: compressor.writeDeflated }),
    async end() {
      await compressor.end();
      return { digest: meter.digest(), sizeBytes: meter.sizeBytes };
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}

/** What stands between the tar and the file. */
interface Compressor extends Pick<BlobWriter, 'write' | 'writeDeflated'> {
  end(): Promise<void>;
}

type Store = (bytes: Uint8Array) => Promise<void>;

function createCompressor(compression: LayerCompression, store: Store): Compressor {
  if (compression === 'gzip') return createGzipMembers(store);
  if (compression === 'zstd') return createPackedRow(packFrame, store);
  return { write: store, async end() {} };
}

/**
 * Each write is packed by itself: side by side with the others, by as many threads as writes are under way, and in one call, without
 * further turns of the event loop. What unpacks zstd reads frames one after another (RFC 8878 section 3.1), as with gzip and members.
 */
function createPackedRow(pack: (bytes: Uint8Array) => Promise<Uint8Array>, store: Store): Compressor {
  let last: Promise<unknown> = Promise.resolve();
  return {
    write(bytes) {
      const stored = Promise.all([pack(bytes), last]).then(([packed]) => store(packed));
      last = stored;
      return stored;
    },
    async end() {
      await last;
    },
  };
}

/**
 * Packs a frame in one pass over `bytes`: told with the first write that it is also the last, and given room for whatever comes out
 * (ZSTD_COMPRESSBOUND), zstd reads where they lie. `zstdCompress` tells it afterwards, and has it copy all into a window of its own.
 */
async function packFrame(bytes: Uint8Array): Promise<Buffer> {
  const packer = createZstdCompress({
    params: { [constants.ZSTD_c_compressionLevel]: compressionLevels.zstd },
    flush: constants.ZSTD_e_end,
    chunkSize: bytes.length + (bytes.length >> 8) + 65_536,
  });
  try {
    packer.write(bytes);
    const [frame] = (await once(packer, 'data')) as [Buffer];
    return frame;
  } finally {
    // Not ended: that would add a frame of nothing.
    packer.destroy();
  }
}

const nothing = Buffer.alloc(0);

function createGzipMembers(store: Store): Compressor {
  const gathered = gatherBytes(store);
  const row = createPackedRow((bytes) => packMember(bytes, compressionLevels.gzip), gathered.put);
  return {
    write: row.write,
    async writeDeflated(before, content) {
      // Files that had to be gathered are worth zlib.
      const isJoined = isShort(before);
      if (!isJoined) void row.write(before);
      await row.end();
      for (const bytes of memberOf(isJoined ? before : nothing, content)) await gathered.put(bytes);
    },
    async end() {
      await row.end();
      await gathered.end();
    },
  };
}

/** Joins what comes in small pieces, so that a turn of the event loop is paid for much at once. */
function gatherBytes(store: Store): { put(bytes: Uint8Array): Promise<void>; end(): Promise<void> } {
  const buffer = Buffer.allocUnsafeSlow(1024 * 1024);
  let filled = 0;
  const flush = async () => {
    await store(buffer.subarray(0, filled));
    filled = 0;
  };
  return {
    async put(bytes) {
      for (let at = 0; at < bytes.length; ) {
        const part = bytes.subarray(at, at + buffer.length - filled);
        buffer.set(part, filled);
        filled += part.length;
        at += part.length;
        if (filled === buffer.length) await flush();
      }
    },
    end: flush,
  };
}
