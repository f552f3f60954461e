import type { RunInThread } from '../threads/thread.ts';
import { encodeLayerIndex } from './layer-index-codec.ts';
import { scanLayer } from './scan-layer.ts';
import type { ScanResult, ScanSaid, ScanTask, ScanTold } from './scan-messages.ts';

/** See `scanInThread`. */
export const runInThread: RunInThread<ScanTask, ScanResult, ScanTold, ScanSaid> = async (task, talk) => {
  const { compression, ...options } = task;
  let paths: string[] = [];
  const tell = (isTaken: boolean) => {
    talk.say({ isTaken, paths });
    paths = [];
  };
  async function* bytes() {
    for (;;) {
      const told = await talk.next();
      if (told.type === 'end') return;
      tell(true);
      yield told.bytes;
    }
  }
  const index = await scanLayer(bytes(), compression, { ...options, onPath: (path) => void paths.push(path) });
  tell(false);
  return encodeLayerIndex({ index, diffId: task.diffId });
};
