import { type LayerCompression, ociLayerType } from '../oci/media-types.ts';
import type { AssembledBlob } from './assemble-layer.ts';
import type { Layer } from './layer.ts';
import type { LayerCache } from './layer-cache.ts';

/** A layer whose blob the cache keeps. */
export function layerOf(cache: LayerCache, blob: AssembledBlob, compression: LayerCompression): Layer {
  const { digest, sizeBytes, diffId, unpackedBytes } = blob;
  return {
    descriptor: { mediaType: ociLayerType(compression), digest, size: sizeBytes },
    diffId,
    unpackedBytes,
    open: () => cache.open(blob),
  };
}
