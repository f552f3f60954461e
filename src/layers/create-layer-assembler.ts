import { availableParallelism } from 'node:os';
import type { LayerCompression } from '../oci/media-types.ts';
import { isWithin, parentOf } from '../rootfs/paths.ts';
import { type AssembledBlob, writeDirectories, writeLayer } from './assemble-layer.ts';
import { type BaseSurvey, compareText, holds, surveyBase, withAncestors } from './base-survey.ts';
import { layerOf } from './cached-layer.ts';
import { createDiskLayerCache } from './disk-layer-cache.ts';
import type { Layer } from './layer.ts';
import type { AssembleRequest, LayerAssembler } from './layer-assembler.ts';
import type { LayerCache } from './layer-cache.ts';
import { layerKey } from './layer-key.ts';
import { createTurns } from './turns.ts';
import { createWorkerPool, type WorkerPool } from './worker-pool.ts';

export interface LayerAssemblerOptions {
  /** Directory that layers are kept in; made when missing. */
  readonly cacheDir: string;
  /** Worker threads at most; one a processor, but no more than three, unless told. */
  readonly threads?: number;
  /** Modules of layer sources that will likely be asked for: each thread loads them as it starts. */
  readonly modules?: readonly string[];
}

interface Parts {
  readonly cache: LayerCache;
  readonly pool: WorkerPool;
}

/** Each thread takes some 80 MB. What packs the frames runs beside them, so three keep more processors than that at work. */
function defaultThreads(): number {
  return Math.min(availableParallelism(), 3);
}

/** Makes an assembler. Its threads start with the first layer that is not cached, and end when it is disposed. */
export function createLayerAssembler({
  cacheDir,
  threads = defaultThreads(),
  modules,
}: LayerAssemblerOptions): LayerAssembler {
  const cache = createDiskLayerCache({ cacheDir });
  const pool = createWorkerPool({ threads, ...(modules !== undefined && { modules }) });
  const turns = createTurns();
  return {
    warm: () => pool.warm(),
    assemble(request) {
      // Who asks for a layer that is being made waits, and then finds it in the cache.
      const key = layerKey(request.sources, request.compression);
      return turns.take(key, request.signal, () => findOrAssemble({ cache, pool }, key, request));
    },
    async assembleRemovals({ paths, rootfs, compression }) {
      const removed = topmost(paths);
      const survey = surveyBase(
        rootfs,
        [...new Set(removed.flatMap((path) => withAncestors(parentOf(path))))].sort(compareText).map((path) => ({
          path,
          names: [],
        })),
      );
      const file = await cache.newFile();
      try {
        const blob = await writeRemovals(removed, survey, { file, compression });
        await cache.add(`removals:${blob.digest}`, { ...blob, conditions: [] }, file);
        return layerOf(cache, blob, compression);
      } finally {
        await cache.discard(file);
      }
    },
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  };
}

async function findOrAssemble({ cache, pool }: Parts, key: string, request: AssembleRequest): Promise<Layer> {
  const { rootfs, compression, noCache, signal, onEvent } = request;
  if (!noCache) {
    const fits = await cache.find(key, ({ conditions }) => conditions.every((each) => holds(rootfs, each)));
    if (fits !== undefined) {
      onEvent?.({ type: 'cached' });
      return layerOf(cache, fits, compression);
    }
  }
  pool.warm();
  const onBytes = (bytes: number) => onEvent?.({ type: 'download', bytes });
  await Promise.all(request.sources.map((source) => source.prepare({ signal, onBytes })));
  onEvent?.({ type: 'assembling' });
  const file = await cache.newFile();
  try {
    const { blob, survey } = await assembleInPool(pool, file, request);
    await cache.add(key, { ...blob, conditions: survey.conditions }, file);
    onEvent?.({ type: 'assembled', sizeBytes: blob.sizeBytes });
    return layerOf(cache, blob, compression);
  } finally {
    await cache.discard(file);
  }
}

async function assembleInPool(
  pool: WorkerPool,
  file: string,
  { sources, rootfs, compression, signal }: AssembleRequest,
) {
  let survey: BaseSurvey | undefined;
  const blob = await pool.run({
    task: { sources: sources.map(({ title, module, input }) => ({ title, module, input })), compression, file },
    weight: sources.reduce((sum, { downloadBytes }) => sum + downloadBytes, 0),
    signal,
    survey(asked) {
      survey = surveyBase(rootfs, asked);
      return survey;
    },
  });
  if (survey === undefined) throw new Error('a worker assembled a layer without asking about the base');
  return { blob, survey };
}

/** Whiteouts, image-spec layer.md "Whiteouts"; a removed directory needs none for what it holds. */
function writeRemovals(
  paths: readonly string[],
  survey: BaseSurvey,
  target: { readonly file: string; readonly compression: LayerCompression },
): Promise<AssembledBlob> {
  return writeLayer(target, async (tar) => {
    await writeDirectories(tar, survey);
    for (const path of paths) {
      const cut = path.lastIndexOf('/') + 1;
      await tar.entry({
        type: 'file',
        path: `${path.slice(0, cut)}.wh.${path.slice(cut)}`,
        sizeBytes: 0,
        mode: 0o644,
      });
    }
  });
}

function topmost(paths: readonly string[]): string[] {
  const found: string[] = [];
  // In the order of their parts what is within a directory comes right after it.
  for (const path of [...new Set(paths)].sort((a, b) =>
    compareText(a.replaceAll('/', '\0'), b.replaceAll('/', '\0')),
  )) {
    if (!path.startsWith('/') || path === '/') throw new Error(`"${path}" cannot be removed`);
    const last = found.at(-1);
    if (last === undefined || !isWithin(path, last)) found.push(path);
  }
  return found;
}
