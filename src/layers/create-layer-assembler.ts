import { extname } from 'node:path';
import type { LayerCompression } from '../oci/media-types.ts';
import { isWithin, parentOf } from '../rootfs/paths.ts';
import type { ThreadPool } from '../threads/thread-pool.ts';
import { type AssembledBlob, type AssembleTask, writeDirectories, writeLayer } from './assemble-layer.ts';
import { type AskedDirectory, type BaseSurvey, compareText, holds, surveyBase, withAncestors } from './base-survey.ts';
import { layerOf } from './cached-layer.ts';
import { createDiskLayerCache } from './disk-layer-cache.ts';
import type { Layer } from './layer.ts';
import type { AssembleRequest, LayerAssembler } from './layer-assembler.ts';
import type { LayerCache } from './layer-cache.ts';
import { layerKey } from './layer-key.ts';
import { createTurns } from './turns.ts';

export interface LayerAssemblerOptions {
  /** Directory that layers are kept in; made when missing. */
  readonly cacheDir: string;
  /** Where layers are made. */
  readonly threads: ThreadPool;
  /** Modules of layer sources that will likely be asked for. */
  readonly modules?: readonly string[];
}

interface Parts {
  readonly cache: LayerCache;
  readonly threads: ThreadPool;
}

const assembleModule = new URL(`./assemble-task${extname(import.meta.url)}`, import.meta.url).href;

/** Makes an assembler. */
export function createLayerAssembler({ cacheDir, threads, modules = [] }: LayerAssemblerOptions): LayerAssembler {
  const cache = createDiskLayerCache({ cacheDir });
  const turns = createTurns();
  return {
    warm: () => threads.warm([assembleModule, ...modules]),
    assemble(request) {
      // Who asks for a layer that is being made waits, and then finds it in the cache.
      const key = layerKey(request.sources, request.compression);
      return turns.take(key, request.signal, () => findOrAssemble({ cache, threads }, key, request));
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
  };
}

async function findOrAssemble({ cache, threads }: Parts, key: string, request: AssembleRequest): Promise<Layer> {
  const { rootfs, compression, noCache, signal, onEvent } = request;
  if (!noCache) {
    const fits = await cache.find(key, ({ conditions }) => conditions.every((each) => holds(rootfs, each)));
    if (fits !== undefined) {
      onEvent?.({ type: 'cached' });
      return layerOf(cache, fits, compression);
    }
  }
  threads.warm([assembleModule]);
  const onBytes = (bytes: number) => onEvent?.({ type: 'download', bytes });
  await Promise.all(request.sources.map((source) => source.prepare({ signal, onBytes })));
  onEvent?.({ type: 'assembling' });
  const file = await cache.newFile();
  try {
    const { blob, survey } = await assembleInThread(threads, file, request);
    await cache.add(key, { ...blob, conditions: survey.conditions }, file);
    onEvent?.({ type: 'assembled', sizeBytes: blob.sizeBytes });
    return layerOf(cache, blob, compression);
  } finally {
    await cache.discard(file);
  }
}

async function assembleInThread(
  threads: ThreadPool,
  file: string,
  { sources, rootfs, compression, signal }: AssembleRequest,
) {
  let survey: BaseSurvey | undefined;
  const task: AssembleTask = {
    sources: sources.map(({ title, module, input }) => ({ title, module, input })),
    compression,
    file,
  };
  const blob = await threads.run<AssembledBlob, BaseSurvey, readonly AskedDirectory[]>({
    module: assembleModule,
    input: task,
    weight: sources.reduce((sum, { downloadBytes }) => sum + downloadBytes, 0),
    signal,
    converse: (tell) => (asked) => {
      survey = surveyBase(rootfs, asked);
      tell(survey);
    },
  });
  if (survey === undefined) throw new Error('a thread assembled a layer without asking about the base');
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
