import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createBlobWriter } from '../../layers/blob-writer.ts';
import type { Layer } from '../../layers/layer.ts';
import { tarChunkBytes } from '../../layers/tar-writer.ts';
import { createDigestMeter } from '../../oci/digest.ts';
import { ociLayerType } from '../../oci/media-types.ts';
import { evenChunks } from './even-chunks.ts';
import { boundedBy, maxUnpackedBytes } from './unpacked-limit.ts';

/** A layer in a temporary file, which goes when it is disposed of. */
export type TemporaryLayer = Layer & AsyncDisposable;

/**
 * Compresses a plain tar into a temporary file, byte for byte as it is; the same tar gives the same layer. Throws `disk-full`,
 * `limit-exceeded`.
 */
export async function compressLayer(
  tar: AsyncIterable<Uint8Array>,
  { compression, temporaryDir }: { readonly compression: 'gzip' | 'zstd'; readonly temporaryDir: string },
): Promise<TemporaryLayer> {
  const path = join(temporaryDir, `${randomUUID()}.layer`);
  const remove = () => rm(path, { force: true });
  const unpacked = createDigestMeter();
  try {
    await using writer = await createBlobWriter(path, compression);
    for await (const chunk of evenChunks(boundedBy(tar, maxUnpackedBytes), tarChunkBytes)) {
      unpacked.update(chunk);
      await writer.write(chunk);
    }
    const { digest, sizeBytes } = await writer.end();
    return {
      descriptor: { mediaType: ociLayerType(compression), digest, size: sizeBytes },
      diffId: unpacked.digest(),
      unpackedBytes: unpacked.sizeBytes,
      open: () => createReadStream(path, { highWaterMark: 256 * 1024 }),
      [Symbol.asyncDispose]: remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
