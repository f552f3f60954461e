import { paddingAfter, type TarEntry, tarHeader } from './tar-header.ts';

/** Size of all chunks but the last, so that a compressor sees the same chunks whatever the sizes of the files. */
export const tarChunkBytes = 2 * 1024 * 1024;

/** Takes a filled chunk and gives back a buffer of `tarChunkBytes` to fill next; the taken one is its own until it gives it back. */
export type TarSink = (chunk: Buffer) => Promise<Buffer> | Buffer;

export interface TarWriter {
  /** Begins an entry; a file's content follows by `content`, `sizeBytes` in all. */
  entry(entry: TarEntry): Promise<void>;
  content(bytes: Uint8Array): Promise<void>;
  /** Writes the end of the archive and tells its size in bytes. */
  end(): Promise<number>;
}

const zeros = Buffer.alloc(1024);

/** Writes a deterministic tar as chunks of exactly `tarChunkBytes`, the last one shorter. The order of entries is the caller's. */
export function createTarWriter(sink: TarSink): TarWriter {
  let chunk: Buffer = Buffer.allocUnsafeSlow(tarChunkBytes);
  let filled = 0;
  let sizeBytes = 0;
  let padding = 0;
  let awaited = 0;

  async function put(bytes: Uint8Array): Promise<void> {
    let at = 0;
    while (at < bytes.length) {
      const part = bytes.subarray(at, at + tarChunkBytes - filled);
      chunk.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled === tarChunkBytes) await flush();
    }
    sizeBytes += bytes.length;
  }

  async function flush(): Promise<void> {
    const next = sink(chunk.subarray(0, filled));
    chunk = next instanceof Promise ? await next : next;
    filled = 0;
  }

  async function finishContent(): Promise<void> {
    if (awaited !== 0) throw new Error(`the content of a tar entry is ${awaited} bytes short`);
    if (padding > 0) await put(zeros.subarray(0, padding));
    padding = 0;
  }

  return {
    async entry(entry) {
      await finishContent();
      await put(tarHeader(entry));
      if (entry.type !== 'file') return;
      awaited = entry.sizeBytes;
      padding = paddingAfter(entry.sizeBytes);
    },
    async content(bytes) {
      awaited -= bytes.length;
      if (awaited < 0) throw new Error(`the content of a tar entry is ${-awaited} bytes too long`);
      await put(bytes);
    },
    async end() {
      await finishContent();
      await put(zeros);
      if (filled > 0) await flush();
      return sizeBytes;
    },
  };
}
