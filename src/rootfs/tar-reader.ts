import { BuilderError, type ErrorCode } from '../errors.ts';
import type { Sentence } from '../sentence.ts';
import { say } from '../sentence.ts';
import { type ByteReader, createByteReader } from './byte-reader.ts';
import { checkGlobalPaxRecords, type PaxRecords, parsePaxRecords } from './pax-records.ts';
import { blockSize, isZeroBlock, parseTarBlock, type TarBlock, TarFormatError } from './tar-header.ts';

export type TarEntryType = 'file' | 'directory' | 'symlink' | 'hardlink' | 'character' | 'block' | 'fifo';

/** What a tar says of one member, long names and PAX records applied. */
export interface TarHeader {
  /** As written: may begin with `./` or `/`, end with `/`, or hold `..`. */
  readonly path: string;
  readonly type: TarEntryType;
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of the body; 0 for all but files. */
  readonly sizeBytes: number;
  readonly mtimeSeconds: number;
  /** Target of a symbolic link, or the member that a hard link names; else empty. */
  readonly linkPath: string;
  /** By name, values in base64; absent when there are none. */
  readonly xattrs?: Readonly<Record<string, string>>;
}

/** One member; its body can be read until the next one is asked for, and what is left unread is passed over. */
export interface TarEntry {
  readonly header: TarHeader;
  /** The first `maxBytes` of the body, or all of it; memory of its own, not a view. */
  read(maxBytes: number): Promise<Buffer>;
  /** What is left of the body, in pieces as they come. */
  chunks(): AsyncIterable<Buffer>;
}

export interface TarOptions {
  /** Code of the `BuilderError`s, `image-invalid` unless told: whose fault a broken archive is. */
  readonly errorCode?: ErrorCode;
  /** Longest name or link target in bytes, 4096 (Linux' PATH_MAX) unless told. */
  readonly maxPathBytes?: number;
  /** Largest body of a PAX or long-name header, 1 MiB unless told. */
  readonly maxPaxBytes?: number;
  /** Most headers of all kinds, 3 million unless told; more is `limit-exceeded`. */
  readonly maxHeaders?: number;
}

/**
 * Reads a tar as it streams: ustar, PAX, GNU long names, old GNU and V7, as Go's archive/tar (and so every container runtime) reads
 * them. Sparse and multi-volume members are refused. The stream is read to its end, past the archive's. Throws `image-invalid` (or the
 * code told) for what is no such archive, and `limit-exceeded`.
 */
export async function* readTar(stream: AsyncIterable<Uint8Array>, options: TarOptions = {}): AsyncGenerator<TarEntry> {
  const reader = createByteReader(stream);
  const archive: Archive = {
    reader,
    errorCode: 'image-invalid',
    maxPathBytes: 4096,
    maxPaxBytes: 1024 * 1024,
    maxHeaders: 3_000_000,
    ...options,
  };
  try {
    const count = { headers: 0 };
    for (;;) {
      const header = await readHeader(archive, count);
      if (header === undefined) break;
      const body = createBody(archive, header);
      yield body.entry;
      await body.finish();
    }
    await reader.skip(Number.POSITIVE_INFINITY);
  } finally {
    await reader.close();
  }
}

interface Archive extends Required<TarOptions> {
  readonly reader: ByteReader;
}

/** The next member's header with all that stands before it; `undefined` at the end of the archive. */
async function readHeader(archive: Archive, count: { headers: number }): Promise<TarHeader | undefined> {
  let pax: PaxRecords = {};
  const long: { path?: string; linkPath?: string } = {};
  for (;;) {
    const block = await readBlock(archive);
    if (block === undefined) return undefined;
    if (++count.headers > archive.maxHeaders) {
      throw new BuilderError('limit-exceeded', say`an archive has more than ${archive.maxHeaders} members`);
    }
    const parsed = orRefuse(archive, () => parseTarBlock(block));
    if (parsed.flag === 'x') {
      const body = await readSpecial(archive, parsed);
      pax = orRefuse(archive, () => parsePaxRecords(body));
    } else if (parsed.flag === 'g') {
      const body = await readSpecial(archive, parsed);
      orRefuse(archive, () => checkGlobalPaxRecords(body));
    } else if (parsed.flag === 'L') long.path = untilNul(await readSpecial(archive, parsed));
    else if (parsed.flag === 'K') long.linkPath = untilNul(await readSpecial(archive, parsed));
    else if (parsed.flag === 'V') await readSpecial(archive, parsed);
    else return orRefuse(archive, () => mergeHeader(parsed, { ...pax, ...long }, archive.maxPathBytes));
  }
}

async function readBlock(archive: Archive): Promise<Buffer | undefined> {
  const { reader } = archive;
  const block = reader.readNow(blockSize) ?? (await reader.read(blockSize));
  if (block.length === 0) return undefined;
  if (block.length < blockSize) return refuse(archive, say`it ends within a header`);
  if (!isZeroBlock(block)) return block;
  const second = await reader.read(blockSize);
  if (second.length > 0 && !(second.length === blockSize && isZeroBlock(second))) {
    refuse(archive, say`a block of zeros stands in its middle`);
  }
  return undefined;
}

async function readSpecial(archive: Archive, { sizeBytes }: TarBlock): Promise<Buffer> {
  if (sizeBytes > archive.maxPaxBytes) refuse(archive, say`an extended header has ${sizeBytes} bytes`);
  const body = await archive.reader.read(sizeBytes);
  if (body.length < sizeBytes) refuse(archive, say`it ends within an extended header`);
  await archive.reader.skip(paddingOf(sizeBytes));
  return body;
}

const entryTypes: ReadonlyMap<string, TarEntryType> = new Map([
  ['0', 'file'],
  ['\0', 'file'],
  ['7', 'file'],
  ['1', 'hardlink'],
  ['2', 'symlink'],
  ['3', 'character'],
  ['4', 'block'],
  ['5', 'directory'],
  ['6', 'fifo'],
]);

function mergeHeader(block: TarBlock, pax: PaxRecords, maxPathBytes: number): TarHeader {
  const path = pax.path ?? block.path;
  const linkPath = pax.linkPath ?? block.linkPath;
  const type = typeOf(block, path);
  if (path === '') throw new TarFormatError(say`a member has no name`);
  if (Math.max(Buffer.byteLength(path), Buffer.byteLength(linkPath)) > maxPathBytes) {
    throw new TarFormatError(say`a name is longer than ${maxPathBytes} bytes: ${path.slice(0, 100)}…`);
  }
  const { uid, gid, mtimeSeconds } = { ...block, ...pax };
  return {
    path,
    type,
    mode: block.mode,
    uid,
    gid,
    sizeBytes: type === 'file' ? (pax.sizeBytes ?? block.sizeBytes) : 0,
    mtimeSeconds,
    linkPath: type === 'hardlink' || type === 'symlink' ? linkPath : '',
    ...(pax.xattrs && { xattrs: pax.xattrs }),
  };
}

/** V7 tars have no flag for directories, only the slash at the end. */
function typeOf({ flag }: TarBlock, path: string): TarEntryType {
  if (flag === '\0' && path.endsWith('/')) return 'directory';
  if (flag === 'S') throw new TarFormatError(say`sparse files are not read`);
  const type = entryTypes.get(flag);
  if (type === undefined) throw new TarFormatError(say`a member is of the unknown type ${JSON.stringify(flag)}`);
  return type;
}

function createBody(archive: Archive, header: TarHeader): { entry: TarEntry; finish(): Promise<void> } {
  const { reader } = archive;
  let left = header.sizeBytes;
  const readPart = async (maxBytes: number) => {
    const part = await reader.readSome(Math.min(left, maxBytes));
    if (part.length === 0) refuse(archive, say`it ends within ${header.path.slice(0, 200)}`);
    left -= part.length;
    return part;
  };
  const entry: TarEntry = {
    header,
    async read(maxBytes) {
      const parts: Buffer[] = [];
      for (let wanted = Math.min(maxBytes, left); wanted > 0; ) {
        const part = await readPart(wanted);
        parts.push(part);
        wanted -= part.length;
      }
      return Buffer.concat(parts);
    },
    async *chunks() {
      while (left > 0) yield await readPart(left);
    },
  };
  const finish = async () => {
    const padded = left + paddingOf(header.sizeBytes);
    if (padded === 0 || reader.readNow(padded) !== undefined) return;
    while (left > 0) await readPart(left);
    await reader.skip(paddingOf(header.sizeBytes));
  };
  return { entry, finish };
}

function paddingOf(sizeBytes: number): number {
  return (blockSize - (sizeBytes % blockSize)) % blockSize;
}

function untilNul(body: Buffer): string {
  const nul = body.indexOf(0);
  return body.toString('utf8', 0, nul < 0 ? body.length : nul);
}

function orRefuse<T>(archive: Archive, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof TarFormatError)) throw error;
    return refuse(archive, error.message);
  }
}

function refuse({ errorCode, reader }: Archive, why: Sentence): never {
  throw new BuilderError(errorCode, say`the tar archive is invalid near byte ${reader.offset}: ${why}`);
}
