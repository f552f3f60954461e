import { BuilderError } from '../errors.ts';
import type { Sentence } from '../sentence.ts';
import { say } from '../sentence.ts';
import { type ByteReader, createByteReader } from './byte-reader.ts';

const frameMagic = 0xfd2fb528;
/** Skippable frames have 16 magic numbers, 0x184D2A50 to 0x184D2A5F. */
const skippableMagic = 0x184d2a5;

/**
 * The same zstd data with every frame beginning a chunk of its own and without skippable frames (RFC 8878 §3.1). Node's decompressor
 * ends in silence after the first frame of a chunk, and zstd:chunked layers have a frame a file. Throws `image-invalid`.
 */
export async function* splitZstdFrames(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const reader = createByteReader(stream);
  try {
    for (;;) {
      const magic = await reader.read(4);
      if (magic.length === 0) return;
      if (magic.length < 4) refuse(say`it ends within a frame`);
      if (magic.readUInt32LE() >>> 4 === skippableMagic) {
        const size = (await readExactly(reader, 4)).readUInt32LE();
        if ((await reader.skip(size)) < size) refuse(say`it ends within a frame`);
      } else if (magic.readUInt32LE() === frameMagic) yield* readFrame(reader, magic);
      else refuse(say`it is not zstd data`);
    }
  } finally {
    await reader.close();
  }
}

/** Passes a frame on in pieces of some 64 KiB, so that small blocks do not each cost a turn of the decompressor. */
async function* readFrame(reader: ByteReader, magic: Buffer): AsyncGenerator<Buffer> {
  const descriptor = await readExactly(reader, 1);
  const hasChecksum = (descriptor[0]! & 0x04) !== 0;
  let parts = [magic, descriptor, await readExactly(reader, headerRestBytes(descriptor[0]!))];
  let size = 0;
  for (let last = false; !last; ) {
    const blockHeader = await readExactly(reader, 3);
    const bits = blockHeader.readUIntLE(0, 3);
    last = (bits & 1) === 1;
    const isRunLength = ((bits >> 1) & 3) === 1;
    const block = await readExactly(reader, isRunLength ? 1 : bits >> 3);
    parts.push(blockHeader, block);
    size += block.length;
    if (last && hasChecksum) parts.push(await readExactly(reader, 4));
    if (last || size >= 65_536) {
      yield Buffer.concat(parts);
      parts = [];
      size = 0;
    }
  }
}

/** Bytes of the frame header after its descriptor: window, dictionary id and content size, RFC 8878 §3.1.1.1. */
function headerRestBytes(descriptor: number): number {
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const contentSizeFlag = descriptor >> 6;
  const contentSizeBytes = contentSizeFlag === 0 ? (isSingleSegment ? 1 : 0) : 1 << contentSizeFlag;
  return (isSingleSegment ? 0 : 1) + [0, 1, 2, 4][descriptor & 3]! + contentSizeBytes;
}

async function readExactly(reader: ByteReader, size: number): Promise<Buffer> {
  const bytes = reader.readNow(size) ?? (await reader.read(size));
  return bytes.length === size ? bytes : refuse(say`it ends within a frame`);
}

function refuse(why: Sentence): never {
  throw new BuilderError('image-invalid', say`the zstd data is invalid: ${why}`);
}
