import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { BuilderError } from '../errors.ts';
import type { LayerCompression } from '../oci/media-types.ts';
import { fromPlainError } from '../threads/plain-error.ts';
import { gatherChunks } from './gather-chunks.ts';
import type { LayerIndex } from './layer-index.ts';
import { decodeLayerIndex } from './layer-index-codec.ts';
import type { ScanOptions } from './scan-layer.ts';
import type { FromScanner, ToScanner } from './scan-messages.ts';

/** A thread that scans layers, one at a time, beside what else the process does: unpacking and hashing would hold that up. */
export interface ScanThread extends AsyncDisposable {
  /** As `scanLayer`; the thread starts with the first call and ends with a scan that fails. */
  scan(
    stream: AsyncIterable<Uint8Array>,
    compression: LayerCompression,
    options: ScanOptions & Required<Pick<ScanOptions, 'diffId'>>,
  ): Promise<LayerIndex>;
}

/** Chunks that may wait in the thread: what is being unpacked, what comes next, and one on its way. */
const chunksUnderWay = 3;

export function createScanThread(): ScanThread {
  let worker: Worker | undefined;
  const end = async () => {
    const ending = worker;
    worker = undefined;
    await ending?.terminate();
  };
  return {
    async scan(stream, compression, options) {
      const { diffId, limits = {} } = options;
      worker ??= startWorker();
      try {
        return await scanIn(worker, stream, { type: 'scan', compression, diffId, limits }, options);
      } catch (error) {
        await end();
        throw error;
      }
    },
    [Symbol.asyncDispose]: end,
  };
}

function startWorker(): Worker {
  const worker = new Worker(new URL(`./scan-worker${extname(import.meta.url)}`, import.meta.url), { execArgv: [] });
  // Whoever scans hears of the thread's death by 'exit'; without a listener an 'error' would end the process.
  worker.on('error', () => {});
  worker.unref();
  return worker;
}

async function scanIn(
  worker: Worker,
  stream: AsyncIterable<Uint8Array>,
  task: Extract<ToScanner, { type: 'scan' }>,
  { signal, onPath }: ScanOptions,
): Promise<LayerIndex> {
  const answer = Promise.withResolvers<LayerIndex>();
  const room = createRoom(chunksUnderWay);
  const tell = (message: ToScanner, transferred: ArrayBuffer[] = []) => worker.postMessage(message, transferred);
  const listeners = {
    message(message: FromScanner) {
      if (message.type === 'failed') return answer.reject(fromPlainError(message.error));
      for (const path of message.paths) onPath?.(path);
      if (message.type === 'taken') room.leave();
      else answer.resolve(decodeLayerIndex(Buffer.from(message.encoded))!.index);
    },
    error: (error: unknown) =>
      answer.reject(new Error(`the scanning thread failed: ${String(error)}`, { cause: error })),
    exit: (code: number) =>
      answer.reject(new Error(`the scanning thread ended with ${code} in the middle of its work`)),
  };
  const cancel = () =>
    answer.reject(new BuilderError('cancelled', 'reading a layer was cancelled', { cause: signal?.reason }));

  let isOver = false;
  const feed = async () => {
    for await (const bytes of gatherChunks(stream)) {
      await room.enter();
      if (isOver) return;
      tell({ type: 'bytes', bytes }, [bytes.buffer]);
    }
    tell({ type: 'end' });
  };

  worker.ref();
  for (const [event, listener] of Object.entries(listeners)) worker.on(event, listener);
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    if (signal?.aborted) cancel();
    tell(task);
    feed().catch(answer.reject);
    return await answer.promise;
  } finally {
    isOver = true;
    room.leave();
    signal?.removeEventListener('abort', cancel);
    for (const [event, listener] of Object.entries(listeners)) worker.off(event, listener);
    worker.unref();
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
