import { extname } from 'node:path';
import { BuilderError } from '../errors.ts';
import type { Digest } from '../oci/digest.ts';
import type { LayerCompression } from '../oci/media-types.ts';
import { say } from '../sentence.ts';
import type { Tell, ThreadPool } from '../threads/thread-pool.ts';
import { gatherChunks } from './gather-chunks.ts';
import type { LayerIndex } from './layer-index.ts';
import { decodeLayerIndex } from './layer-index-codec.ts';
import type { ScanOptions } from './scan-layer.ts';
import type { ScanResult, ScanSaid, ScanTask, ScanTold } from './scan-messages.ts';

export interface ScanInThreadOptions extends Pick<ScanOptions, 'limits' | 'onPath'> {
  readonly diffId: Digest;
  readonly signal: AbortSignal;
  readonly threads: ThreadPool;
  /** Bytes of the blob. */
  readonly sizeBytes: number;
}

/** Chunks that may wait in the thread: what is being unpacked, what comes next, and one on its way. */
const chunksUnderWay = 3;

const module = new URL(`./scan-task${extname(import.meta.url)}`, import.meta.url).href;

/** As `scanLayer`, beside what else the process does: unpacking and hashing would hold that up. */
export async function scanInThread(
  stream: AsyncIterable<Uint8Array>,
  compression: LayerCompression,
  { threads, sizeBytes, signal, onPath, diffId, limits = {} }: ScanInThreadOptions,
): Promise<LayerIndex> {
  const input: ScanTask = { compression, diffId, limits };
  const room = createRoom(chunksUnderWay);
  // What fails here, beside the thread, ends its job.
  const feeding = new AbortController();
  let isOver = false;
  const feed = async (tell: Tell<ScanTold>) => {
    for await (const bytes of gatherChunks(stream)) {
      await room.enter();
      if (isOver) return;
      tell({ type: 'bytes', bytes }, [bytes.buffer]);
    }
    tell({ type: 'end' });
  };
  try {
    const encoded = await threads.run<ScanResult, ScanTold, ScanSaid>({
      module,
      input,
      weight: sizeBytes,
      signal: AbortSignal.any([signal, feeding.signal]),
      converse(tell) {
        feed(tell).catch((error) => feeding.abort(error));
        return ({ isTaken, paths }) => {
          if (isTaken) room.leave();
          for (const path of paths) onPath?.(path);
        };
      },
    });
    return decodeLayerIndex(Buffer.from(encoded))!.index;
  } catch (error) {
    if (signal.aborted)
      throw new BuilderError('cancelled', say`reading a layer was cancelled`, { cause: signal.reason });
    throw feeding.signal.aborted ? feeding.signal.reason : error;
  } finally {
    isOver = true;
    room.leave();
  }
}

/** Lets so many in; whoever comes then waits until one leaves. For one who enters at a time. */
function createRoom(places: number) {
  let free = places;
  let waiting: (() => void) | undefined;
  return {
    async enter(): Promise<void> {
      if (free === 0) await new Promise<void>((resolve) => (waiting = resolve));
      free--;
    },
    leave(): void {
      free++;
      waiting?.();
      waiting = undefined;
    },
  };
}
