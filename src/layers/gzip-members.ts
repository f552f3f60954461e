import { promisify } from 'node:util';
import { crc32, deflateRaw } from 'node:zlib';
import { combineCrc32 } from './crc32-combine.ts';
import { deflateRuns } from './deflate-runs.ts';
import type { DeflatedContent } from './layer-source.ts';

/*
 * Members of a gzip file, RFC 1952. A file is any number of them, one after another, and unpacks to their contents joined (section 2.2);
 * so a member may be made around a deflate stream that somebody else has packed.
 */

/** Section 2.3: deflate, no flags, no time, no hint at the compressor, no system. */
const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);

const deflate = promisify(deflateRaw);

/** Packs bytes as a member. */
export async function packMember(bytes: Uint8Array, level: number): Promise<Buffer> {
  const deflated = isShort(bytes)
    ? deflateRuns(bytes, { isLast: true })
    : await deflate(bytes, { level, chunkSize: bytes.length + 65_536 });
  return Buffer.concat([header, deflated, trailer(crc32(bytes), bytes.length)]);
}

/** True for what is no more than the headers and padding between two files, or as little. */
export function isShort(bytes: Uint8Array): boolean {
  return bytes.length <= 4096;
}

/** A member of some bytes, which are short, and content that is deflated already; in pieces, each is good until the next. */
export function* memberOf(before: Uint8Array, content: DeflatedContent): Generator<Uint8Array> {
  yield header;
  yield deflateRuns(before, { isLast: false });
  yield* content.open();
  const { sizeBytes } = content;
  yield trailer(combineCrc32(crc32(before), content.crc32, sizeBytes), before.length + sizeBytes);
}

/** Section 2.3.1, CRC32 and ISIZE. */
function trailer(checksum: number, sizeBytes: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeUInt32LE(checksum);
  bytes.writeUInt32LE(sizeBytes % 2 ** 32, 4);
  return bytes;
}
