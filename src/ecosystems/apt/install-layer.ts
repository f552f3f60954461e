import { layerOf } from '../../layers/cached-layer.ts';
import { createDiskLayerCache } from '../../layers/disk-layer-cache.ts';
import { indexLayer } from '../../layers/index-layer.ts';
import type { LayerCache, LayerRecord } from '../../layers/layer-cache.ts';
import { compressionKey } from '../../layers/layer-key.ts';
import type { Turns } from '../../layers/turns.ts';
import type { LockedDeb } from '../../lock/lock.ts';
import { canonicalJson } from '../../oci/canonical-json.ts';
import type { InstalledLayer, InstallRequest } from '../ecosystem.ts';
import { keepChanges } from '../keep-changes.ts';
import { type AptTools, openBaseRoom } from './apt-room.ts';
import type { DebStore } from './deb-store.ts';
import { installDebs } from './install-debs.ts';

export interface InstallTools extends AptTools {
  readonly debs: DebStore;
  readonly turns: Turns;
}

/** Raised whenever the same packages would leave another layer than before. */
const layerVersion = 1;

/** The layer that the packages make on the base: from the cache, or made now. */
export function installLayer(request: InstallRequest, tools: InstallTools): Promise<InstalledLayer> {
  const key = keyOf(request);
  // Who asks for a layer that is being made waits, and then finds it in the cache.
  return tools.turns.take(key, request.signal, () => findOrInstall(key, request, tools));
}

async function findOrInstall(key: string, request: InstallRequest, tools: InstallTools): Promise<InstalledLayer> {
  const { compression, noCache, onEvent } = request;
  const cache = createDiskLayerCache({ cacheDir: tools.cacheDir });
  const kept = noCache ? undefined : await cache.find(key, () => true);
  if (kept !== undefined) onEvent?.({ type: 'cached' });
  const record = kept ?? (await makeLayer(request, key, { ...tools, cache }));
  const layer = layerOf(cache, record, compression);
  return { layer, index: () => indexLayer(layer, tools) };
}

/** All that can change the layer: what lies below and what is installed, told which of it is asked for. */
function keyOf({ packages, base, compression }: InstallRequest): string {
  return canonicalJson({
    install: layerVersion,
    ...compressionKey(compression),
    below: [...base.config.rootfs.diff_ids],
    packages: packages.map((each) => [each.name, each.version, each.sha256, each.requestedBy.length > 0]),
  });
}

async function makeLayer(
  request: InstallRequest,
  key: string,
  tools: InstallTools & { readonly cache: LayerCache },
): Promise<LayerRecord> {
  const { base, rootfs, compression, signal, onEvent } = request;
  const { cache, limits } = tools;
  const packages = request.packages.filter((each): each is LockedDeb => each.ecosystem === 'apt');
  await using shown = await tools.debs.show(packages, {
    signal,
    onBytes: (bytes) => onEvent?.({ type: 'download', bytes }),
  });
  await using room = await openBaseRoom(base, tools, signal);
  onEvent?.({ type: 'assembling' });
  const startedSeconds = Math.floor(Date.now() / 1000);
  const onLine = (line: string) => onEvent?.({ type: 'output', line });
  await installDebs(room, packages, { ...shown, limits, signal, onLine });
  const changes = await room.changes();
  // Awaited here: the room closes when this function returns.
  return await keepChanges({ key, changes, rootfs, startedSeconds, compression, onEvent }, cache);
}
