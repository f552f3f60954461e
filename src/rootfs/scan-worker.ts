import { on } from 'node:events';
import { parentPort } from 'node:worker_threads';
import { toPlainError } from '../threads/plain-error.ts';
import { encodeLayerIndex } from './layer-index-codec.ts';
import { scanLayer } from './scan-layer.ts';
import type { FromScanner, ToScanner } from './scan-messages.ts';

// The scanning thread's program.
const port = parentPort!;
const inbox = on(port, 'message') as AsyncIterableIterator<[ToScanner]>;
const tell = (message: FromScanner, transferred: ArrayBuffer[] = []) => port.postMessage(message, transferred);

async function scan({ compression, diffId, limits }: Extract<ToScanner, { type: 'scan' }>): Promise<void> {
  let paths: string[] = [];
  async function* bytes() {
    for (;;) {
      const { value, done } = await inbox.next();
      if (done || value[0].type !== 'bytes') return;
      tell({ type: 'taken', paths });
      paths = [];
      yield value[0].bytes;
    }
  }
  const index = await scanLayer(bytes(), compression, { diffId, limits, onPath: (path) => void paths.push(path) });
  const encoded = new Uint8Array(encodeLayerIndex({ index, diffId }));
  tell({ type: 'done', paths, encoded }, [encoded.buffer]);
}

for await (const [message] of inbox) {
  if (message.type === 'scan')
    await scan(message).catch((error) => tell({ type: 'failed', error: toPlainError(error) }));
}
