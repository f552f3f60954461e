import { pipeline, Readable } from 'node:stream';
import { constants, crc32, createInflateRaw, type InflateRaw, inflateRawSync } from 'node:zlib';
import type { DeflatedContent } from '../../layers/layer-source.ts';
import { say } from '../../sentence.ts';
import type { ByteReader, ZipMember } from './zip-directory.ts';

/** Files up to this size are inflated in one call, which is quicker; larger ones pass in pieces, so that memory stays bounded. */
export const wholeMemberBytes = 2 * 1024 * 1024;

const pieceBytes = 512 * 1024;

/** The content, whole and checked; or, when `start` is given, its first bytes (at least that many), unchecked. */
export function inflateMember(reader: ByteReader, member: ZipMember, start?: number): Buffer {
  if (start !== undefined && start < member.sizeBytes) return inflateStart(reader, member, start);
  const content = member.isStored
    ? reader.read(member.offset, member.compressedBytes)
    : inflateWhole(reader, member, reader.readOver(member.offset, member.compressedBytes));
  if (crc32(content) !== member.crc32) reader.refuse(say`the checksum of "${member.name}" is wrong`);
  return content;
}

function inflateWhole(reader: ByteReader, member: ZipMember, packed: Buffer<ArrayBuffer>): Buffer {
  const { buffer, engine } = inflateOrRefuse(reader, member, () => {
    // One byte more than it should have: so one buffer does, and what is too long is found.
    const chunkSize = Math.max(64, member.sizeBytes + 1);
    return inflateRawSync(packed, { chunkSize, maxOutputLength: chunkSize, info: true }) as unknown as {
      buffer: Buffer;
      engine: InflateRaw;
    };
  });
  checkEnd(reader, member, buffer.length, engine.bytesWritten);
  return buffer;
}

function inflateStart(reader: ByteReader, member: ZipMember, count: number): Buffer {
  // Deflate cannot need more than a few hundred bytes of tables and a byte or two for each byte of content.
  const packed = reader.read(member.offset, Math.min(member.compressedBytes, 4096 + 2 * count));
  if (member.isStored) return packed;
  return inflateOrRefuse(reader, member, () => inflateRawSync(packed, { finishFlush: constants.Z_SYNC_FLUSH }));
}

function inflateOrRefuse<T>(reader: ByteReader, member: ZipMember, inflate: () => T): T {
  try {
    return inflate();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (!code.startsWith('Z_') && code !== 'ERR_BUFFER_TOO_LARGE') throw error;
    return reader.refuse(say`"${member.name}" cannot be inflated`);
  }
}

/** The content in pieces; throws after the last one when the checksum or size is wrong. */
export async function* inflateMemberStream(reader: ByteReader, member: ZipMember): AsyncGenerator<Uint8Array> {
  let checksum = 0;
  let sizeBytes = 0;
  const inflater = member.isStored ? undefined : createInflateRaw({ chunkSize: pieceBytes });
  const pieces = inflater === undefined ? packedPieces(reader, member) : inflated(reader, member, inflater);
  for await (const piece of pieces) {
    checksum = crc32(piece, checksum);
    sizeBytes += piece.length;
    if (sizeBytes > member.sizeBytes) checkEnd(reader, member, sizeBytes, 0);
    yield piece;
  }
  checkEnd(reader, member, sizeBytes, inflater?.bytesWritten ?? member.compressedBytes);
  if (checksum !== member.crc32) reader.refuse(say`the checksum of "${member.name}" is wrong`);
}

async function* inflated(reader: ByteReader, member: ZipMember, inflater: InflateRaw): AsyncGenerator<Buffer> {
  pipeline(Readable.from(packedPieces(reader, member), { objectMode: false }), inflater, () => {
    // The error comes out of the loop below.
  });
  try {
    for await (const piece of inflater) yield piece as Buffer;
  } catch (error) {
    inflateOrRefuse(reader, member, () => {
      throw error;
    });
  }
}

function* packedPieces(reader: ByteReader, { offset, compressedBytes }: ZipMember): Generator<Buffer> {
  for (let at = 0; at < compressedBytes; at += pieceBytes) {
    yield reader.read(offset + at, Math.min(pieceBytes, compressedBytes - at));
  }
}

/** The deflate stream of a member, as it is. */
export function deflatedMember(reader: ByteReader, member: ZipMember): DeflatedContent | undefined {
  const { isStored, sizeBytes, crc32, offset, compressedBytes } = member;
  if (isStored || sizeBytes === 0) return undefined;
  return {
    sizeBytes,
    crc32,
    *open() {
      for (let at = 0; at < compressedBytes; at += pieceBytes) {
        yield reader.readOver(offset + at, Math.min(pieceBytes, compressedBytes - at));
      }
    },
  };
}

/** Exactly the bytes that were promised, from exactly the bytes that were there. */
function checkEnd(reader: ByteReader, member: ZipMember, sizeBytes: number, consumedBytes: number): void {
  if (sizeBytes !== member.sizeBytes) reader.refuse(say`"${member.name}" is not as long as its directory says`);
  if (consumedBytes !== member.compressedBytes) reader.refuse(say`there is something hidden after "${member.name}"`);
}
