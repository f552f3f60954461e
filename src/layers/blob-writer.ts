import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { constants, createGzip, createZstdCompress } from 'node:zlib';
import { createDigestMeter, type Digest } from '../oci/digest.ts';
import type { LayerCompression } from '../oci/media-types.ts';
import { refuseFullDisk } from './full-disk.ts';

/** Level of each compressor; part of the layer cache's key. zstd 2 packs 7 % less tightly than 3 in two thirds of the time. */
export const compressionLevels: Readonly<Record<LayerCompression, number>> = { none: 0, gzip: 6, zstd: 2 };

/** Compresses into a file while it measures what it writes. */
export interface BlobWriter extends AsyncDisposable {
  /** Resolves when the bytes are no longer needed. */
  write(bytes: Uint8Array): Promise<void>;
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
    write: (bytes) => compressor.write(bytes),
    async end() {
      await compressor.end();
      return { digest: meter.digest(), sizeBytes: meter.sizeBytes };
    },
    async [Symbol.asyncDispose]() {
      compressor.destroy();
      await file.close();
    },
  };
}

/** What stands between the tar and the file. */
interface Compressor {
  /** Resolves when the bytes are no longer needed. */
  write(bytes: Uint8Array): Promise<void>;
  end(): Promise<void>;
  destroy(): void;
}

function createCompressor(compression: LayerCompression, store: Store): Compressor {
  if (compression === 'gzip') return createGzipStream(store);
  if (compression === 'zstd') return createZstdFrames(store);
  return { write: store, async end() {}, destroy() {} };
}

type Store = (bytes: Uint8Array) => Promise<void>;

/**
 * Each write becomes a zstd frame of its own, RFC 8878 section 3.1: frames are packed side by side by as many threads as writes are under
 * way, and one call packs a frame without further turns of the event loop. What unpacks zstd reads frames one after another.
 */
function createZstdFrames(store: Store): Compressor {
  let last: Promise<unknown> = Promise.resolve();
  return {
    write(bytes) {
      const stored = Promise.all([packFrame(bytes), last]).then(([frame]) => store(frame));
      last = stored;
      return stored;
    },
    async end() {
      await last;
    },
    destroy() {},
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

function createGzipStream(store: Store): Compressor {
  const stream = createGzip({ level: compressionLevels.gzip, chunkSize: 256 * 1024 });
  const drained = (async () => {
    for await (const bytes of stream) await store(bytes as Buffer);
  })();
  // Told to whoever writes or ends; without this it would be unhandled until then.
  drained.catch(() => {});
  return {
    async write(bytes) {
      const written = new Promise<void>((resolve, reject) => {
        stream.write(bytes, (error) => (error ? reject(error) : resolve()));
      });
      // A full disk destroys the stream: then a write fails, saying only that it is destroyed, or is never answered.
      await Promise.race([written.catch((error) => drained.then(() => Promise.reject(error))), drained]);
    },
    async end() {
      stream.end();
      await Promise.all([drained, finished(stream)]);
    },
    destroy: () => void stream.destroy(),
  };
}
