import { BuilderError } from '../../../errors.ts';
import { layerOf } from '../../../layers/cached-layer.ts';
import { createDiskLayerCache } from '../../../layers/disk-layer-cache.ts';
import { indexLayer } from '../../../layers/index-layer.ts';
import type { Layer } from '../../../layers/layer.ts';
import type { LayerCache, LayerRecord } from '../../../layers/layer-cache.ts';
import { compressionKey } from '../../../layers/layer-key.ts';
import { canonicalJson } from '../../../oci/canonical-json.ts';
import { environmentVariable } from '../../../oci/image-config.ts';
import type { Rootfs } from '../../../rootfs/rootfs.ts';
import { defaultPath } from '../../../rootfs/search-path.ts';
import { say } from '../../../sentence.ts';
import type { BaseRooms } from '../../base-rooms.ts';
import type { FinishRequest } from '../../ecosystem.ts';
import { keepChanges } from '../../keep-changes.ts';
import { type LinkScript, runLinkScripts } from './link-scripts.ts';

export interface LinkScriptTools {
  readonly cacheDir: string;
  readonly rooms: BaseRooms;
}

export interface LinkScriptRequest
  extends Pick<FinishRequest, 'base' | 'rootfs' | 'compression' | 'noCache' | 'signal' | 'onEvent'> {
  /** In link order. */
  readonly scripts: readonly LinkScript[];
  readonly prefix: string;
  /** All layers on the base, lowest first. */
  readonly below: readonly Layer[];
}

/** Raised whenever the same scripts would leave another layer than before. */
const layerVersion = 1;

/** The layer that link scripts make of an environment: from the cache, or made now. */
export async function linkScriptLayer(request: LinkScriptRequest, tools: LinkScriptTools): Promise<Layer> {
  const { compression, noCache, onEvent } = request;
  const cache = createDiskLayerCache(tools);
  const key = keyOf(request);
  const kept = noCache ? undefined : await cache.find(key, () => true);
  if (kept !== undefined) onEvent?.({ type: 'cached' });
  return layerOf(cache, kept ?? (await makeLayer(request, key, { ...tools, cache })), compression);
}

/** Scripts see all that lies below, so each of these layers counts. */
function keyOf({ scripts, prefix, below, base, compression }: LinkScriptRequest): string {
  return canonicalJson({
    condaLinkScripts: layerVersion,
    ...compressionKey(compression),
    path: environmentVariable(base.config, 'PATH') ?? '',
    prefix,
    below: [...base.config.rootfs.diff_ids, ...below.map(({ diffId }) => diffId)],
    scripts: scripts.map(({ pkg, path }) => [pkg.name, pkg.version, pkg.buildNumber, path]),
  });
}

async function makeLayer(
  request: LinkScriptRequest,
  key: string,
  { rooms, cache, cacheDir }: LinkScriptTools & { readonly cache: LayerCache },
): Promise<LayerRecord> {
  const { base, below, scripts, prefix, compression, signal, onEvent } = request;
  const missing = await rooms.missing();
  if (missing !== undefined) throw noSandbox(scripts[0]!, missing);
  await using room = await rooms.openOn(base, below, { signal });
  onEvent?.({ type: 'assembling' });
  const startedSeconds = Math.floor(Date.now() / 1000);
  await runLinkScripts(room, scripts, {
    prefix,
    path: environmentVariable(base.config, 'PATH') ?? defaultPath,
    limits: rooms.limits,
    signal,
    onLine: (line) => onEvent?.({ type: 'output', line }),
  });
  const rootfs = await withLayers(request.rootfs, below, { cacheDir, signal });
  const changes = await room.changes();
  // Awaited here: the room closes when this function returns.
  return await keepChanges({ key, changes, rootfs, startedSeconds, compression, onEvent }, cache);
}

async function withLayers(
  rootfs: Rootfs,
  layers: readonly Layer[],
  options: { readonly cacheDir: string; readonly signal: AbortSignal },
): Promise<Rootfs> {
  let found = rootfs;
  for (const layer of layers) found = found.with(await indexLayer(layer, options));
  return found;
}

function noSandbox({ pkg }: LinkScript, missing: string): BuilderError {
  return new BuilderError(
    'tool-missing',
    say`The conda package ${pkg.name} has a script to run, and there is no sandbox: ${missing}`,
    {
      hint: say`Install what is missing, or leave the package out.`,
    },
  );
}
