import { join } from 'node:path';
import { layerCompressionOf } from '../oci/media-types.ts';
import type { LayerIndex } from '../rootfs/layer-index.ts';
import { createLayerIndexCache } from '../rootfs/layer-index-cache.ts';
import { scanLayer } from '../rootfs/scan-layer.ts';
import type { Layer } from './layer.ts';

export interface IndexLayerOptions {
  /** Indexes are kept in its folder `rootfs`. */
  readonly cacheDir: string;
  readonly signal?: AbortSignal;
}

/** What a layer of ours holds: the kept index, or its blob read once. Throws `cancelled`. */
export async function indexLayer(
  { descriptor, diffId, open }: Pick<Layer, 'descriptor' | 'diffId' | 'open'>,
  { cacheDir, signal }: IndexLayerOptions,
): Promise<LayerIndex> {
  const indexes = createLayerIndexCache(join(cacheDir, 'rootfs'));
  const compression = layerCompressionOf(descriptor.mediaType);
  if (compression === undefined) throw new Error(`a layer of ours is ${descriptor.mediaType}`);
  const key = { digest: descriptor.digest, compression };
  const stored = await indexes.load(key);
  if (stored !== undefined) return stored.index;
  const index = await scanLayer(open(), compression, { diffId, signal });
  await indexes.save(key, { index, diffId });
  return index;
}
