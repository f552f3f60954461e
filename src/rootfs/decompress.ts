import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { BuilderError, messageOf } from '../errors.ts';
import type { LayerCompression } from '../oci/media-types.ts';
import { say } from '../sentence.ts';
import { gatherChunks } from './gather-chunks.ts';
import { splitZstdFrames } from './zstd-frames.ts';

/** Large, so that a turn of the event loop is paid rarely; several may wait, so that unpacking goes on while they are looked at. */
const streamOptions = { chunkSize: 1024 * 1024, readableHighWaterMark: 4 * 1024 * 1024 };
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
  const abort = abortion(signal);
  try {
    await Promise.race([pipe(stream, compression, sink, signal), abort.promise]);
  } catch (error) {
    throw asBuilderError(error, compression, signal);
  } finally {
    abort.forget();
  }
  return result!.value;
}

/** A stream of Node's own stands at the front, as an iterable alone would not be stopped by the signal. */
async function pipe(
  stream: AsyncIterable<Uint8Array>,
  compression: LayerCompression,
  sink: (unpacked: AsyncIterable<Uint8Array>) => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const source = Readable.from(compression === 'zstd' ? splitZstdFrames(gatherChunks(stream)) : gatherChunks(stream));
  const options = signal === undefined ? {} : { signal };
  if (compression === 'none') await pipeline(source, sink, options);
  else if (compression === 'gzip') await pipeline(source, createGunzip(streamOptions), sink, options);
  else await pipeline(source, createZstdDecompress(streamOptions), sink, options);
}

/** Fails when the signal fires, at once, also when the stream is one that waits for something that never comes. */
function abortion(signal: AbortSignal | undefined): { promise: Promise<never>; forget(): void } {
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal!.reason);
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort);
  return { promise, forget: () => signal?.removeEventListener('abort', onAbort) };
}

function asBuilderError(error: unknown, compression: LayerCompression, signal: AbortSignal | undefined): unknown {
  if (error instanceof BuilderError) return error;
  if (signal?.aborted) return new BuilderError('cancelled', say`reading a layer was cancelled`, { cause: error });
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!/^(?:Z_|ZSTD_)/.test(code)) return error;
  return new BuilderError('image-invalid', say`the ${compression} data does not unpack: ${messageOf(error)}`, {
    cause: error,
  });
}
