import { join } from 'node:path';
import { BuilderError, isBuilderError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { layerCompressionOf } from '../oci/media-types.ts';
import { formatReference, type Repository } from '../oci/reference.ts';
import type { ResolvedImage } from '../registry/client/resolved-image.ts';
import { say } from '../sentence.ts';
import type { ThreadPool } from '../threads/thread-pool.ts';
import { createRootfs } from './create-rootfs.ts';
import type { LayerIndex } from './layer-index.ts';
import { createLayerIndexCache, type LayerIndexCache, type LayerIndexKey } from './layer-index-cache.ts';
import type { Rootfs } from './rootfs.ts';
import { scanInThread } from './scan-in-thread.ts';

/** Where blobs are read from: the part of a registry client that is needed here. */
export interface BlobSource {
  /** The blob's bytes; the stream fails with `content-mismatch` when they are not what the descriptor says. */
  getBlob(
    repository: Repository,
    descriptor: Descriptor,
    options: { readonly signal?: AbortSignal },
  ): Promise<AsyncIterable<Uint8Array>>;
}

/** How far the reading of an image's layers is. */
export interface IndexProgress {
  /** Layers whose index stands. */
  readonly done: number;
  readonly total: number;
  /** Bytes of blobs read so far, 0 when all indexes were kept from an earlier time. */
  readonly bytes: number;
}

export interface OpenRootfsOptions {
  readonly client: BlobSource;
  /** Where layers are read. */
  readonly threads: ThreadPool;
  /** Indexes are kept in its folder `rootfs`. */
  readonly cacheDir: string;
  readonly signal?: AbortSignal;
  /** Called when a layer begins to be read, with every mebibyte or so, and when a layer is done. */
  readonly onProgress?: (progress: IndexProgress) => void;
  readonly onFirstSight?: FirstSight | undefined;
}

/** Told of layers that are read for the first time. */
export interface FirstSight {
  /** Before a layer is read. */
  begins(): void;
  /** Of every path, as it comes. */
  path(path: string): void;
}

/** Layers that are read at a time: more do not unpack faster, and each costs memory. */
const concurrency = 2;

/**
 * Tells what an image contains: the kept index of each layer, or its blob read once. Throws `base-unsupported` for layers of a type that
 * cannot be read (foreign, encrypted), `image-invalid`, `limit-exceeded`, `cancelled`, and what the client throws.
 */
export async function openRootfs(image: ResolvedImage, options: OpenRootfsOptions): Promise<Rootfs> {
  const layers = distinctLayers(image);
  const indexes = new Map<Digest, LayerIndex>();
  const progress = createProgress(layers.length, options.onProgress);
  const cache = createLayerIndexCache(join(options.cacheDir, 'rootfs'));
  const abort = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, abort.signal]) : abort.signal;
  const context = {
    repository: image.reference.repository,
    client: options.client,
    threads: options.threads,
    cache,
    signal,
    progress,
    onFirstSight: options.onFirstSight,
  };

  const pending = layers.values();
  const work = async () => {
    for (const layer of pending) {
      if (options.signal?.aborted) throw new BuilderError('cancelled', say`reading the base was cancelled`);
      indexes.set(layer.key.digest, await openLayer(layer, context));
      progress.layerDone();
    }
  };
  // The first failure stops the other reader, and is told only after that has stopped.
  const failures: unknown[] = [];
  const stop = (error: unknown) => {
    failures.push(error);
    abort.abort();
  };
  await Promise.all(Array.from({ length: concurrency }, () => work().catch(stop)));
  if (failures.length > 0) throw failures[0];
  return createRootfs(image.manifest.layers.map(({ digest }) => indexes.get(digest)!));
}

interface ImageLayer {
  readonly key: LayerIndexKey;
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
}

/** The layers of an image with their diff_ids; one that the manifest names twice is read once. */
function distinctLayers({ manifest, config, reference }: ResolvedImage): ImageLayer[] {
  const diffIds = config.rootfs.diff_ids;
  if (diffIds.length !== manifest.layers.length) {
    throw new BuilderError(
      'image-invalid',
      say`${formatReference(reference)} has ${manifest.layers.length} layers, but its configuration lists ${diffIds.length}`,
    );
  }
  const layers = new Map<Digest, ImageLayer>();
  manifest.layers.forEach((descriptor, i) => {
    const { mediaType, digest } = descriptor;
    const compression = layerCompressionOf(mediaType);
    if (compression === undefined) {
      throw new BuilderError(
        'base-unsupported',
        say`${formatReference(reference)} has a layer of the type ${mediaType}`,
        {
          hint: say`Layers that are foreign, encrypted or no tar cannot be read. Use another base image.`,
        },
      );
    }
    const layer = { key: { digest, compression }, descriptor, diffId: diffIds[i]! };
    const same = layers.get(digest);
    if (same) checkDiffId(same.diffId, layer);
    else layers.set(digest, layer);
  });
  return [...layers.values()];
}

interface Context {
  readonly repository: Repository;
  readonly client: BlobSource;
  readonly cache: LayerIndexCache;
  readonly signal: AbortSignal;
  readonly progress: Progress;
  readonly onFirstSight: FirstSight | undefined;
  readonly threads: ThreadPool;
}

async function openLayer(layer: ImageLayer, context: Context): Promise<LayerIndex> {
  const { key, diffId } = layer;
  const stored = await context.cache.load(key);
  if (stored) {
    checkDiffId(stored.diffId, layer);
    return stored.index;
  }
  const index = await readLayer(layer, context);
  await context.cache.save(key, { index, diffId });
  return index;
}

async function readLayer({ key, descriptor, diffId }: ImageLayer, context: Context): Promise<LayerIndex> {
  const { client, threads, repository, signal, progress, onFirstSight } = context;
  onFirstSight?.begins();
  progress.bytesRead(0);
  const blob = (await client.getBlob(repository, descriptor, { signal }))[Symbol.asyncIterator]();
  const bytes = counted(blob, progress);
  try {
    const { size: sizeBytes } = descriptor;
    return await scanInThread(bytes, key.compression, {
      threads,
      sizeBytes,
      diffId,
      signal,
      onPath: onFirstSight?.path,
    });
  } catch (error) {
    // Bytes damaged on the way are no fault of the image: the rest of the blob tells, as its digest is verified at its end.
    if (isBuilderError(error, 'image-invalid')) await drain(blob);
    throw error;
  } finally {
    // A blob that was cancelled ends by the same signal, and one that is stuck would never answer here.
    if (!signal.aborted) await blob.return?.();
  }
}

/** Passes the blob on; ending it early leaves the blob open. */
async function* counted(blob: AsyncIterator<Uint8Array>, progress: Progress): AsyncGenerator<Uint8Array> {
  for (let next = await blob.next(); !next.done; next = await blob.next()) {
    progress.bytesRead(next.value.byteLength);
    yield next.value;
  }
}

async function drain(blob: AsyncIterator<Uint8Array>): Promise<void> {
  while (!(await blob.next()).done);
}

function checkDiffId(known: Digest, { key, diffId }: ImageLayer): void {
  if (known === diffId) return;
  throw new BuilderError(
    'image-invalid',
    say`the layer ${key.digest} unpacks to ${known}, but the image's configuration says ${diffId}`,
  );
}

interface Progress {
  bytesRead(count: number): void;
  layerDone(): void;
}

const reportEveryBytes = 1024 * 1024;

function createProgress(total: number, onProgress: OpenRootfsOptions['onProgress']): Progress {
  let done = 0;
  let bytes = 0;
  let reportedBytes = 0;
  const report = () => {
    reportedBytes = bytes;
    onProgress?.({ done, total, bytes });
  };
  return {
    bytesRead(count) {
      bytes += count;
      if (count === 0 || bytes - reportedBytes >= reportEveryBytes) report();
    },
    layerDone() {
      done++;
      report();
    },
  };
}
