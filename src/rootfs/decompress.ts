import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { BuilderError, messageOf } from '../errors.ts';
import type { LayerCompression } from '../oci/media-types.ts';
import { splitZstdFrames } from './zstd-frames.ts';

/** Large, so that a turn of the event loop is paid rarely. */
const chunkSize = 256 * 1024;

/**
 * Hands what a layer's bytes unpack to (gzip of any number of members, zstd of any number of frames) to `consume`, and gives its answer.
 * When `consume` throws or returns early the stream is destroyed. Throws `image-invalid` for data that does not unpack, `cancelled`.
 */
export async function decompress<T>(
  stream: AsyncIterable<Uint8Array>,
  compression: LayerCompression,
  consume: (unpacked: AsyncIterable<Uint8Array>) => Promise<T>,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<T> {
  const { signal } = options;
  let result: { value: T } | undefined;
  const sink = async (unpacked: AsyncIterable<Uint8Array>) => {
    result = { value: await consume(unpacked) };
  };
  try {
    const pipeOptions = signal === undefined ? {} : { signal };
    if (compression === 'none') await pipeline(stream, sink, pipeOptions);
    else if (compression === 'gzip') await pipeline(stream, createGunzip({ chunkSize }), sink, pipeOptions);
    else await pipeline(Readable.from(splitZstdFrames(stream)), createZstdDecompress({ chunkSize }), sink, pipeOptions);
  } catch (error) {
    throw asBuilderError(error, compression, signal);
  }
  return result!.value;
}

function asBuilderError(error: unknown, compression: LayerCompression, signal: AbortSignal | undefined): unknown {
  if (error instanceof BuilderError) return error;
  if (signal?.aborted) return new BuilderError('cancelled', 'reading a layer was cancelled', { cause: error });
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!/^(?:Z_|ZSTD_)/.test(code)) return error;
  return new BuilderError('image-invalid', `the ${compression} data does not unpack: ${messageOf(error)}`, {
    cause: error,
  });
}
