import { open } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { constants, createGzip, createZstdCompress } from 'node:zlib';
import { createDigestMeter, type Digest } from '../oci/digest.ts';
import type { LayerCompression } from '../oci/media-types.ts';
import { refuseFullDisk } from './full-disk.ts';

/** Level of each compressor; part of the layer cache's key. */
export const compressionLevels: Readonly<Record<LayerCompression, number>> = { none: 0, gzip: 6, zstd: 3 };

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
  const compressor = compression === 'none' ? undefined : createCompressor(compression, store);
  return {
    write: (bytes) => (compressor === undefined ? store(bytes) : compressor.write(bytes)),
    async end() {
      await compressor?.end();
      return { digest: meter.digest(), sizeBytes: meter.sizeBytes };
    },
    async [Symbol.asyncDispose]() {
      compressor?.destroy();
      await file.close();
    },
  };
}

const chunkSize = 256 * 1024;

function createCompressor(compression: 'gzip' | 'zstd', store: (bytes: Uint8Array) => Promise<void>) {
  const stream =
    compression === 'gzip'
      ? createGzip({ level: compressionLevels.gzip, chunkSize })
      : createZstdCompress({
          chunkSize,
          params: { [constants.ZSTD_c_compressionLevel]: compressionLevels.zstd },
        });
  const drained = (async () => {
    for await (const bytes of stream) await store(bytes as Buffer);
  })();
  // Told to whoever writes or ends; without this it would be unhandled until then.
  drained.catch(() => {});
  return {
    async write(bytes: Uint8Array) {
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
