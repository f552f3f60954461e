import { BuilderError } from '../../errors.ts';
import { quoted, type Sentence, say } from '../../sentence.ts';
import { checkMemberName } from './member-name.ts';

/*
 * A zip archive says everything twice: in a header before each member and in the directory at the end. Readers differ in which they
 * believe, in where they look for the end, and in what they skip, so one archive can be two packages (CVE-2025-54368). Here the
 * whole file must be accounted for, without gap or overlap, and both tellings must agree:
 *
 *   0 ─ header · data · [descriptor] ─ header · data · [descriptor] ─ … ─ directory ─ [zip64 end · locator] ─ end · comment ─ EOF
 *
 * Names of fields and numbers are those of the format's specification, APPNOTE.TXT 6.3.10, section 4.3.
 */

/** One file of an archive. */
export interface ZipMember {
  /** `numpy/__init__.py`: relative, no `.` or `..` parts. */
  readonly name: string;
  readonly isStored: boolean;
  readonly crc32: number;
  readonly compressedBytes: number;
  readonly sizeBytes: number;
  /** Of its compressed content in the file. */
  readonly offset: number;
  /** True when it is marked executable for anyone. */
  readonly isExecutable: boolean;
}

/** Reads any part of the archive's file. */
export interface ByteReader {
  readonly sizeBytes: number;
  read(offset: number, length: number): Buffer<ArrayBuffer>;
  /** As `read`, but the bytes are good until the next call only. */
  readOver(offset: number, length: number): Buffer<ArrayBuffer>;
  /** Throws `package-corrupt`. */
  refuse(why: Sentence): never;
}

/** What the directory says of a member. */
interface CentralHeader {
  readonly name: string;
  readonly nameBytes: Buffer;
  readonly flags: number;
  readonly method: number;
  readonly crc32: number;
  readonly compressedBytes: number;
  readonly sizeBytes: number;
  readonly headerOffset: number;
  readonly unixMode: number;
}

interface DirectoryPlace {
  readonly offset: number;
  readonly sizeBytes: number;
  readonly members: number;
}

const maxUint16 = 0xffff;
const maxUint32 = 0xffffffff;
/** Directories of 200 000 members with long names stay well below. */
const maxDirectoryBytes = 256 * 1024 * 1024;
const flag = { encrypted: 0x1, descriptor: 0x8, strongEncryption: 0x40, utf8: 0x800, masked: 0x2000 } as const;
/** Flags that change what is read; the others are hints on how it was written. */
const meaningfulFlags = flag.encrypted | flag.descriptor | flag.strongEncryption | flag.utf8 | flag.masked | 0x20;

/** Reads the directory and compares it with the members' own headers. Gives the files, in the order of their bytes. */
export function readZipDirectory(reader: ByteReader, maxMembers: number, title: string): ZipMember[] {
  const place = findDirectory(reader);
  if (place.members > maxMembers) {
    throw new BuilderError('limit-exceeded', say`${title} holds ${place.members} files, and ${maxMembers} are allowed`);
  }
  const headers = readCentralHeaders(reader, place);
  checkNames(reader, headers);
  headers.sort((a, b) => a.headerOffset - b.headerOffset);
  let end = 0;
  const members: ZipMember[] = [];
  headers.forEach((header, index) => {
    if (header.headerOffset !== end) reader.refuse(say`there is a gap or an overlap before "${header.name}"`);
    end = headers[index + 1]?.headerOffset ?? place.offset;
    const member = readMember(reader, header, end);
    if (!header.name.endsWith('/')) members.push(member);
    // An empty deflate stream has two bytes.
    else if (header.sizeBytes !== 0 || header.compressedBytes > 2)
      reader.refuse(say`the directory "${header.name}" has content`);
  });
  if (end !== place.offset) reader.refuse(say`there is something before its directory`);
  return members;
}

/** Sections 4.3.14–16. The end record must be exactly at the end of the file, with its comment. */
function findDirectory(reader: ByteReader): DirectoryPlace {
  const tailBytes = Math.min(reader.sizeBytes, 22 + maxUint16);
  const tail = reader.read(reader.sizeBytes - tailBytes, tailBytes);
  const at = tail.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  if (at < 0 || at + 22 > tailBytes) reader.refuse(say`it has no end record`);
  const end = tail.subarray(at);
  if (22 + end.readUInt16LE(20) !== end.length) reader.refuse(say`its comment does not end where the file ends`);
  const offset = reader.sizeBytes - end.length;
  const plain = {
    disk: end.readUInt16LE(4),
    directoryDisk: end.readUInt16LE(6),
    membersHere: end.readUInt16LE(8),
    members: end.readUInt16LE(10),
    sizeBytes: end.readUInt32LE(12),
    offset: end.readUInt32LE(16),
  };
  const found = readZip64End(reader, offset, plain) ?? { ...plain, end: offset };
  if (found.disk !== 0 || found.directoryDisk !== 0 || found.membersHere !== found.members) {
    reader.refuse(say`it is one part of several`);
  }
  if (found.offset + found.sizeBytes !== found.end)
    reader.refuse(say`its directory does not end where the end record begins`);
  return found;
}

type EndRecord = Record<'disk' | 'directoryDisk' | 'membersHere' | 'members' | 'sizeBytes' | 'offset', number>;

/** The zip64 end record, if there is one; what both records say must agree. */
function readZip64End(
  reader: ByteReader,
  endOffset: number,
  plain: EndRecord,
): (EndRecord & { end: number }) | undefined {
  const locator = endOffset >= 76 ? reader.read(endOffset - 20, 20) : Buffer.alloc(20);
  if (locator.toString('latin1', 0, 4) !== 'PK\x06\x07') {
    const isSaturated = plain.members === maxUint16 || plain.sizeBytes === maxUint32 || plain.offset === maxUint32;
    if (isSaturated) reader.refuse(say`it needs a zip64 end record and has none`);
    return undefined;
  }
  const offset = number64(reader, locator, 8);
  if (offset + 56 + 20 !== endOffset) reader.refuse(say`its zip64 end record is not where it has to be`);
  const end = reader.read(offset, 56);
  if (end.toString('latin1', 0, 4) !== 'PK\x06\x06' || number64(reader, end, 4) !== 44) {
    reader.refuse(say`its zip64 end record is malformed`);
  }
  if (locator.readUInt32LE(4) !== 0 || locator.readUInt32LE(16) !== 1) reader.refuse(say`it is one part of several`);
  const record: EndRecord = {
    disk: end.readUInt32LE(16),
    directoryDisk: end.readUInt32LE(20),
    membersHere: number64(reader, end, 24),
    members: number64(reader, end, 32),
    sizeBytes: number64(reader, end, 40),
    offset: number64(reader, end, 48),
  };
  for (const key of Object.keys(record) as (keyof EndRecord)[]) {
    const saturated = key === 'sizeBytes' || key === 'offset' ? maxUint32 : maxUint16;
    if (plain[key] !== record[key] && plain[key] !== saturated) reader.refuse(say`its two end records disagree`);
  }
  return { ...record, end: offset };
}

/** Section 4.3.12. */
function readCentralHeaders(reader: ByteReader, place: DirectoryPlace): CentralHeader[] {
  if (place.sizeBytes > maxDirectoryBytes) reader.refuse(say`its directory is too large`);
  const bytes = reader.read(place.offset, place.sizeBytes);
  const headers: CentralHeader[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + 46 > bytes.length || bytes.toString('latin1', at, at + 4) !== 'PK\x01\x02') {
      reader.refuse(say`its directory is malformed`);
    }
    const nameEnd = at + 46 + bytes.readUInt16LE(at + 28);
    const extraEnd = nameEnd + bytes.readUInt16LE(at + 30);
    const next = extraEnd + bytes.readUInt16LE(at + 32);
    if (next > bytes.length) reader.refuse(say`its directory is malformed`);
    headers.push(
      parseCentralHeader(reader, bytes.subarray(at, at + 46), {
        nameBytes: bytes.subarray(at + 46, nameEnd),
        extra: bytes.subarray(nameEnd, extraEnd),
      }),
    );
    at = next;
  }
  if (headers.length !== place.members)
    reader.refuse(say`its directory has not as many members as its end record says`);
  return headers;
}

function parseCentralHeader(
  reader: ByteReader,
  fixed: Buffer,
  { nameBytes, extra }: { readonly nameBytes: Buffer; readonly extra: Buffer },
): CentralHeader {
  const flags = fixed.readUInt16LE(8);
  const method = fixed.readUInt16LE(10);
  const name = decodeName(reader, nameBytes, flags);
  if (flags & (flag.encrypted | flag.strongEncryption | flag.masked)) reader.refuse(say`"${name}" is encrypted`);
  if (flags & 0x20) reader.refuse(say`"${name}" is a patch`);
  if (method !== 0 && method !== 8) reader.refuse(say`"${name}" is compressed by method ${method}, not by deflate`);
  if (fixed.readUInt16LE(34) !== 0) reader.refuse(say`it is one part of several`);
  const sizes = resolveSizes(reader, extra, {
    sizeBytes: fixed.readUInt32LE(24),
    compressedBytes: fixed.readUInt32LE(20),
    headerOffset: fixed.readUInt32LE(42),
  });
  if (method === 0 && sizes.sizeBytes !== sizes.compressedBytes) reader.refuse(say`the sizes of "${name}" disagree`);
  // Deflate adds a few bytes in a thousand to what it cannot pack; what is far larger only costs memory.
  if (sizes.compressedBytes > 2 * sizes.sizeBytes + 65_536)
    reader.refuse(say`"${name}" is packed into more than it holds`);
  const unixMode = fixed.readUInt32LE(38) >>> 16;
  checkType(reader, name, unixMode);
  return { name, nameBytes, flags, method, crc32: fixed.readUInt32LE(16), ...sizes, unixMode };
}

function decodeName(reader: ByteReader, bytes: Buffer, flags: number): string {
  const name = bytes.toString('utf8');
  if (!Buffer.from(name).equals(bytes)) reader.refuse(say`the name "${name}" is not UTF-8`);
  // Without the flag a name is in code page 437: the same bytes are two names.
  if (bytes.some((byte) => byte > 0x7f) && !(flags & flag.utf8))
    reader.refuse(say`the name "${name}" is not marked as UTF-8`);
  const problem = checkMemberName(name);
  if (problem !== undefined) reader.refuse(quoted(problem));
  return name;
}

/** Files and directories only: pip would write a link's target as a file's content, others would make the link. */
function checkType(reader: ByteReader, name: string, unixMode: number): void {
  const type = unixMode & 0o170000;
  const isDirectory = name.endsWith('/');
  if (type !== 0 && type !== (isDirectory ? 0o040000 : 0o100000)) {
    reader.refuse(say`"${name}" is neither a file nor a directory`);
  }
}

interface Sizes {
  readonly sizeBytes: number;
  readonly compressedBytes: number;
  readonly headerOffset: number;
}

/** Section 4.5.3: what does not fit 32 bits stands in an extra field, in this order. A value told twice must be the same. */
function resolveSizes(reader: ByteReader, extra: Buffer, fixed: Sizes): Sizes {
  const zip64 = findZip64(reader, extra);
  const values = { ...fixed } as Record<keyof Sizes, number>;
  const keys = ['sizeBytes', 'compressedBytes', 'headerOffset'] as const;
  const saturated = keys.filter((key) => fixed[key] === maxUint32);
  if (zip64 === undefined) {
    if (saturated.length > 0) reader.refuse(say`a size of zip64 is missing`);
    return values;
  }
  if (zip64.length % 8 === 4 && zip64.readUInt32LE(zip64.length - 4) !== 0)
    reader.refuse(say`it is one part of several`);
  // Either only what is saturated, or, as some writers do, all in order.
  const told = zip64.length >> 3 === saturated.length ? saturated : keys.slice(0, zip64.length >> 3);
  if (!saturated.every((key) => told.includes(key)) || zip64.length > 28)
    reader.refuse(say`its zip64 sizes are malformed`);
  told.forEach((key, index) => {
    const value = number64(reader, zip64, index * 8);
    if (fixed[key] !== maxUint32 && fixed[key] !== value) reader.refuse(say`its zip64 sizes disagree with the others`);
    values[key] = value;
  });
  return values;
}

function findZip64(reader: ByteReader, extra: Buffer): Buffer | undefined {
  let found: Buffer | undefined;
  for (let at = 0; at < extra.length; ) {
    const end = at + 4 + (at + 4 <= extra.length ? extra.readUInt16LE(at + 2) : extra.length);
    if (end > extra.length) reader.refuse(say`an extra field is malformed`);
    const id = extra.readUInt16LE(at);
    if (id === 0x7075) reader.refuse(say`a member has a second name (an Info-ZIP Unicode path)`);
    if (id === 0x0001) {
      if (found !== undefined) reader.refuse(say`a member has its zip64 sizes twice`);
      found = extra.subarray(at + 4, end);
    }
    at = end;
  }
  return found;
}

/** Compares a member's own header (4.3.7) and descriptor (4.3.9) with the directory. `end` is where the next one begins. */
function readMember(reader: ByteReader, central: CentralHeader, end: number): ZipMember {
  const { name, nameBytes, flags, method, crc32, compressedBytes, sizeBytes, headerOffset, unixMode } = central;
  const disagrees = (): never => reader.refuse(say`its directory and the header of "${name}" disagree`);
  const isWithin = (length: number) => headerOffset + length <= end;
  const local = isWithin(30 + nameBytes.length) ? reader.read(headerOffset, 30 + nameBytes.length) : disagrees();
  if (local.toString('latin1', 0, 4) !== 'PK\x03\x04') disagrees();
  const extraBytes = local.readUInt16LE(28);
  if (local.readUInt16LE(26) !== nameBytes.length || !local.subarray(30).equals(nameBytes)) disagrees();
  if ((local.readUInt16LE(6) & meaningfulFlags) !== (flags & meaningfulFlags)) disagrees();
  if (local.readUInt16LE(8) !== method) disagrees();
  const offset = headerOffset + local.length + extraBytes;
  if (offset + compressedBytes > end) disagrees();

  const extra = extraBytes > 0 ? reader.read(headerOffset + local.length, extraBytes) : Buffer.alloc(0);
  const told = resolveLocalSizes(reader, extra, local);
  const hasDescriptor = (flags & flag.descriptor) !== 0;
  const agrees = told.crc32 === crc32 && told.sizeBytes === sizeBytes && told.compressedBytes === compressedBytes;
  // Before a descriptor they are zero, or already known.
  const isBlank = [crc32, sizeBytes, compressedBytes].every((value, i) => {
    const own = [told.crc32, told.sizeBytes, told.compressedBytes][i];
    return own === 0 || own === value;
  });
  if (!(hasDescriptor ? isBlank : agrees)) disagrees();
  checkDescriptor(reader, { ...central, hasDescriptor }, offset + compressedBytes, end);
  const isExecutable = (unixMode & 0o170000) === 0o100000 && (unixMode & 0o111) !== 0;
  return { name, isStored: method === 0, crc32, compressedBytes, sizeBytes, offset, isExecutable };
}

function resolveLocalSizes(reader: ByteReader, extra: Buffer, local: Buffer) {
  const fixed = { sizeBytes: local.readUInt32LE(22), compressedBytes: local.readUInt32LE(18), headerOffset: 0 };
  // Zeros that a descriptor will fill may be told in 64 bits all the same.
  const { sizeBytes, compressedBytes } = resolveSizes(reader, extra, fixed);
  return { crc32: local.readUInt32LE(14), sizeBytes, compressedBytes };
}

/** The descriptor has 32 or 64 bits and a signature or none; only one of the four fills the bytes up to the next member. */
function checkDescriptor(
  reader: ByteReader,
  { name, crc32, compressedBytes, sizeBytes, hasDescriptor }: CentralHeader & { readonly hasDescriptor: boolean },
  offset: number,
  end: number,
): void {
  const length = end - offset;
  if (!hasDescriptor) {
    if (length !== 0) reader.refuse(say`there is something hidden after "${name}"`);
    return;
  }
  if (![12, 16, 20, 24].includes(length)) reader.refuse(say`the descriptor of "${name}" is malformed`);
  const bytes = reader.read(offset, length);
  const isSigned = length % 8 === 0;
  const body = isSigned ? bytes.subarray(4) : bytes;
  const sizes =
    body.length === 12
      ? [body.readUInt32LE(4), body.readUInt32LE(8)]
      : [number64(reader, body, 4), number64(reader, body, 12)];
  const isRight =
    (!isSigned || bytes.toString('latin1', 0, 4) === 'PK\x07\x08') &&
    body.readUInt32LE(0) === crc32 &&
    sizes[0] === compressedBytes &&
    sizes[1] === sizeBytes;
  if (!isRight) reader.refuse(say`the descriptor of "${name}" is not what its directory says`);
}

/** Refuses what could stand for one another on a file system: the same name twice, a file that is also a directory. */
function checkNames(reader: ByteReader, headers: readonly CentralHeader[]): void {
  const names = new Set<string>();
  for (const { name } of headers) {
    if (names.has(name)) reader.refuse(say`it holds "${name}" twice`);
    names.add(name);
  }
  for (const name of names) {
    for (let slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1)) {
      const directory = name.slice(0, slash);
      if (names.has(directory)) reader.refuse(say`"${directory}" is both a file and a directory`);
    }
  }
}

function number64(reader: ByteReader, bytes: Buffer, at: number): number {
  const value = Number(bytes.readBigUInt64LE(at));
  return Number.isSafeInteger(value) ? value : reader.refuse(say`a number in it is too large`);
}
