import { canonicalJson } from '../oci/canonical-json.ts';
import type { LayerCompression } from '../oci/media-types.ts';
import { compressionLevels } from './blob-writer.ts';
import type { LayerSource } from './layer-source.ts';

/** Raised whenever the same sources would give other bytes than before. */
const assemblerVersion = 3;

/** All that can change a layer's bytes, except the base's directories: the key of the layer cache. */
export function layerKey(sources: readonly Pick<LayerSource, 'key'>[], compression: LayerCompression): string {
  return canonicalJson({
    assembler: assemblerVersion,
    ...compressionKey(compression),
    sources: sources.map(({ key }) => key),
  });
}

/** The part of a key that says how the layer is packed. */
export function compressionKey(compression: LayerCompression) {
  const { zlib, zstd } = process.versions;
  return {
    compression: { name: compression, level: compressionLevels[compression] },
    // Another release of a compressor may pack the same bytes otherwise.
    compressor: compression === 'zstd' ? zstd : compression === 'gzip' ? zlib : undefined,
  };
}
