import type { DeflatedContent } from './layer-source.ts';
import { paddingAfter, type TarEntry, tarHeader } from './tar-header.ts';

/** Size of a full chunk, so that a compressor sees the same chunks whatever the sizes of the files. */
export const tarChunkBytes = 2 * 1024 * 1024;

/** Where a tar goes, in order. */
export interface TarSink {
  /** Takes a filled chunk and gives back a buffer of `tarChunkBytes` to fill next; the taken one is its own until it gives it back. */
  take(chunk: Buffer): Promise<Buffer> | Buffer;
  /**
   * Takes a file's content that has a deflated form, and the part of the tar before it that is not taken yet; left out by a sink that
   * has no use for one.
   */
  takeDeflated?(before: Buffer, content: AsyncIterable<Uint8Array>, deflated: DeflatedContent): Promise<void>;
}

export interface TarWriter {
  /** Begins an entry; a file's content follows by `content`, `sizeBytes` in all. */
  entry(entry: TarEntry): Promise<void>;
  content(bytes: Uint8Array): Promise<void>;
  /** The whole content of a file, of which a deflated form is known. */
  deflatedContent(pieces: Content, deflated: DeflatedContent): Promise<void>;
  /** Writes the end of the archive and tells its size in bytes. */
  end(): Promise<number>;
}

type Content = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

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
    const next = sink.take(chunk.subarray(0, filled));
    chunk = next instanceof Promise ? await next : next;
    filled = 0;
  }

  async function putContent(bytes: Uint8Array): Promise<void> {
    countContent(bytes);
    await put(bytes);
  }

  function countContent(bytes: Uint8Array): void {
    awaited -= bytes.length;
    if (awaited < 0) throw new Error(`the content of a tar entry is ${-awaited} bytes too long`);
  }

  async function* counted(pieces: Content): AsyncGenerator<Uint8Array> {
    for await (const bytes of pieces) {
      countContent(bytes);
      sizeBytes += bytes.length;
      yield bytes;
    }
    checkContentEnd();
  }

  function checkContentEnd(): void {
    if (awaited !== 0) throw new Error(`the content of a tar entry is ${awaited} bytes short`);
  }

  async function finishContent(): Promise<void> {
    checkContentEnd();
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
    content: putContent,
    async deflatedContent(pieces, deflated) {
      if (sink.takeDeflated === undefined) {
        for await (const bytes of pieces) await putContent(bytes);
        return;
      }
      await sink.takeDeflated(chunk.subarray(0, filled), counted(pieces), deflated);
      filled = 0;
    },
    async end() {
      await finishContent();
      await put(zeros);
      if (filled > 0) await flush();
      return sizeBytes;
    },
  };
}
