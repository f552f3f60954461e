import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { BuilderError } from '../../errors.ts';
import type { DeflatedContent } from '../../layers/layer-source.ts';
import type { Sentence } from '../../sentence.ts';
import { say } from '../../sentence.ts';
import { type ByteReader, readZipDirectory, type ZipMember } from './zip-directory.ts';
import { deflatedMember, inflateMember, inflateMemberStream, wholeMemberBytes } from './zip-inflate.ts';

export type { ZipMember } from './zip-directory.ts';

/** A zip archive of which every reader would give the same content: what could be read in two ways is refused when it is opened. */
export interface ZipArchive extends Disposable {
  /** The files, in the order of their bytes. */
  readonly members: readonly ZipMember[];
  /** A file's content, whole; for files of up to `wholeMemberBytes`, or larger when `maxBytes` says so. */
  read(member: ZipMember, maxBytes?: number): Buffer;
  /** The first bytes of a file: at least `count`, or all. */
  readStart(member: ZipMember, count: number): Buffer;
  /** A file's content in pieces; it throws at the end when the checksum is wrong. */
  stream(member: ZipMember): AsyncIterable<Uint8Array>;
  /** A file's content as the archive holds it; `undefined` for what is stored or empty. Right only where the content was read without an error. */
  deflated(member: ZipMember): DeflatedContent | undefined;
}

export interface ZipLimits {
  /** Most members, 200 000 unless told. */
  readonly maxMembers: number;
  /** Most bytes unpacked, 20 GiB unless told. */
  readonly maxUnpackedBytes: number;
  /** Most bytes unpacked for each byte of the archive, 100 unless told; small archives (up to 1 GiB unpacked) are spared. */
  readonly maxRatio: number;
}

const gibibyte = 1024 ** 3;
const defaultLimits: ZipLimits = { maxMembers: 200_000, maxUnpackedBytes: 20 * gibibyte, maxRatio: 100 };

/** Opens an archive by file. Throws `package-corrupt`, `limit-exceeded`; `title` names the package in the message. */
export function openZipArchive(path: string, title: string, limits: Partial<ZipLimits> = {}): ZipArchive {
  const descriptor = openSync(path, 'r');
  const refuse = (why: Sentence): never => {
    throw new BuilderError('package-corrupt', say`${title} is not a proper archive: ${why}`, {
      hint: say`Take another version of the package, or tell its makers.`,
    });
  };
  let scratch: Buffer<ArrayBuffer> = Buffer.alloc(0);
  const reader: ByteReader = {
    sizeBytes: fstatSync(descriptor).size,
    read: (offset, length) => readExactly(descriptor, { offset, length }, Buffer.allocUnsafeSlow(length), refuse),
    readOver(offset, length) {
      if (scratch.length < length) scratch = Buffer.allocUnsafeSlow(length);
      return readExactly(descriptor, { offset, length }, scratch, refuse);
    },
    refuse,
  };
  try {
    const all = { ...defaultLimits, ...limits };
    const members = readZipDirectory(reader, all.maxMembers, title);
    checkTotal(members, reader.sizeBytes, all, title);
    return {
      members,
      read(member, maxBytes = wholeMemberBytes) {
        if (member.sizeBytes > maxBytes) throw tooLarge(title, say`"${member.name}" is larger than ${maxBytes} bytes`);
        return inflateMember(reader, member);
      },
      readStart: (member, count) => inflateMember(reader, member, count),
      stream: (member) => inflateMemberStream(reader, member),
      deflated: (member) => deflatedMember(reader, member),
      [Symbol.dispose]: () => closeSync(descriptor),
    };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

function checkTotal(members: readonly ZipMember[], archiveBytes: number, limits: ZipLimits, title: string): void {
  const unpackedBytes = members.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (unpackedBytes > limits.maxUnpackedBytes) {
    throw tooLarge(title, say`it unpacks to ${unpackedBytes} bytes, and ${limits.maxUnpackedBytes} are allowed`);
  }
  if (unpackedBytes > gibibyte && unpackedBytes > limits.maxRatio * archiveBytes) {
    throw tooLarge(title, say`its ${archiveBytes} bytes unpack to ${unpackedBytes}, which looks like an attack`);
  }
}

function tooLarge(title: string, why: Sentence): BuilderError {
  return new BuilderError('limit-exceeded', say`${title} is too large: ${why}`, {
    hint: say`Leave the package out, or build it into a base image.`,
  });
}

function readExactly(
  descriptor: number,
  { offset, length }: { readonly offset: number; readonly length: number },
  bytes: Buffer<ArrayBuffer>,
  refuse: (why: Sentence) => never,
): Buffer<ArrayBuffer> {
  for (let at = 0; at < length; ) {
    const count = readSync(descriptor, bytes, at, length - at, offset + at);
    if (count === 0) refuse(say`it ends too early`);
    at += count;
  }
  return bytes.subarray(0, length);
}
