import { open } from 'node:fs/promises';
import type { LayerCompression } from '../../oci/media-types.ts';

/** How a file is compressed, by its first bytes. */
export async function compressionOfFile(path: string): Promise<LayerCompression> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return compressionOfBytes(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

/** RFC 1952 section 2.3.1 and RFC 8878 section 3.1.1. */
export function compressionOfBytes(start: Buffer): LayerCompression {
  if (start[0] === 0x1f && start[1] === 0x8b) return 'gzip';
  return start.length >= 4 && start.readUInt32LE(0) === 0xfd2fb528 ? 'zstd' : 'none';
}
