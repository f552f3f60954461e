/** Reads a stream of chunks by counts of bytes; gives views of the chunks, and copies only what spans two of them. */
export interface ByteReader {
  /** Bytes taken so far. */
  readonly offset: number;
  /** The next `size` bytes, or `undefined` when they are not at hand yet: the way that needs no waiting. */
  readNow(size: number): Buffer | undefined;
  /** The next `size` bytes; fewer only at the end of the stream. */
  read(size: number): Promise<Buffer>;
  /** Some of the next bytes, at most `maxSize`, as they come; empty at the end of the stream. */
  readSome(maxSize: number): Promise<Buffer>;
  /** Passes over `size` bytes; gives how many there were. */
  skip(size: number): Promise<number>;
  /** Tells the stream that no more is wanted. */
  close(): Promise<void>;
}

const empty = Buffer.alloc(0);

export function createByteReader(stream: AsyncIterable<Uint8Array>): ByteReader {
  const chunks = stream[Symbol.asyncIterator]();
  let chunk: Buffer = empty;
  /** Where in the chunk the next byte is. */
  let at = 0;
  let offset = 0;

  const take = (size: number): Buffer => {
    at += size;
    offset += size;
    return chunk.subarray(at - size, at);
  };
  const fill = async (): Promise<boolean> => {
    while (at === chunk.length) {
      const next = await chunks.next();
      if (next.done) return false;
      const { buffer, byteOffset, byteLength } = next.value;
      chunk = Buffer.from(buffer, byteOffset, byteLength);
      at = 0;
    }
    return true;
  };
  const readSome = async (maxSize: number): Promise<Buffer> =>
    maxSize > 0 && (await fill()) ? take(Math.min(maxSize, chunk.length - at)) : empty;

  return {
    get offset() {
      return offset;
    },
    readNow: (size) => (size <= chunk.length - at ? take(size) : undefined),
    async read(size) {
      if (size <= chunk.length - at) return take(size);
      const parts: Buffer[] = [];
      for (let missing = size; missing > 0; ) {
        const part = await readSome(missing);
        if (part.length === 0) break;
        parts.push(part);
        missing -= part.length;
      }
      return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    },
    readSome,
    async skip(size) {
      let missing = size;
      while (missing > 0) {
        const part = await readSome(missing);
        if (part.length === 0) break;
        missing -= part.length;
      }
      return size - missing;
    },
    async close() {
      await chunks.return?.();
    },
  };
}
