import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { withDiskErrors } from '../../registry/blobs/durable-files.ts';
import { decompress } from '../../rootfs/decompress.ts';
import { compressionOfFile } from './file-compression.ts';
import { openTarFile, type TarFile } from './tar-file.ts';
import { boundedBy, maxUnpackedBytes } from './unpacked-limit.ts';

/** Opens a tar of an image for reading anywhere; a compressed one is unpacked to a temporary file first. Throws `image-invalid`, `disk-full`. */
export async function openPlainTar(path: string, temporaryDir: string): Promise<TarFile> {
  const compression = await compressionOfFile(path);
  if (compression === 'none') return openTarFile(path);
  const plain = join(temporaryDir, `${randomUUID()}.tar`);
  try {
    await withDiskErrors(() =>
      decompress(createReadStream(path), compression, (unpacked) =>
        pipeline(Readable.from(boundedBy(unpacked, maxUnpackedBytes)), createWriteStream(plain, { flags: 'wx' })),
      ),
    );
    const tar = await openTarFile(plain);
    return {
      ...tar,
      async [Symbol.asyncDispose]() {
        await tar[Symbol.asyncDispose]();
        await rm(plain, { force: true });
      },
    };
  } catch (error) {
    await rm(plain, { force: true });
    throw error;
  }
}
