import type { LayerCache, LayerRecord } from '../layers/layer-cache.ts';
import { type ChangesLayerRequest, writeChangesLayer } from '../sandbox/changes-layer.ts';
import type { PackageEvent } from './ecosystem.ts';

export interface KeepChangesRequest extends Omit<ChangesLayerRequest, 'file'> {
  /** What the cache finds it by. */
  readonly key: string;
  readonly onEvent: ((event: PackageEvent) => void) | undefined;
}

/** Makes the layer of what commands changed, and keeps it in the cache. Throws what `writeChangesLayer` throws. */
export async function keepChanges(
  { key, onEvent, ...request }: KeepChangesRequest,
  cache: LayerCache,
): Promise<LayerRecord> {
  const file = await cache.newFile();
  try {
    const blob = await writeChangesLayer({ ...request, file });
    const record = { ...blob, conditions: [] };
    await cache.add(key, record, file);
    onEvent?.({ type: 'assembled', sizeBytes: blob.sizeBytes });
    return record;
  } finally {
    await cache.discard(file);
  }
}
