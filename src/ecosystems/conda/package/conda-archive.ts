import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createZstdDecompress } from 'node:zlib';
import { BuilderError, isBuilderError, messageOf } from '../../../errors.ts';
import { readTar, type TarEntry } from '../../../rootfs/tar-reader.ts';
import { splitZstdFrames } from '../../../rootfs/zstd-frames.ts';
import { Bzip2Error, unpackBzip2 } from '../../archives/bzip2.ts';
import { checkMemberName } from '../../archives/member-name.ts';
import { openZipArchive, type ZipArchive } from '../../archives/zip-archive.ts';
import { PackageFormatError } from './package-format-error.ts';

/*
 * The two formats of conda packages (CEP-35). `.tar.bz2` is one tar, in which what stands below `info/` is about the package. `.conda` is
 * a zip of stored members, with a tar for each of the two parts:
 *
 *   metadata.json · info-<name>.tar.zst · pkg-<name>.tar.zst
 */

/** One member of a package. Its content can be read until the next one is asked for. */
export interface PackageMember extends TarEntry {
  /** Relative, no `.` or `..` parts: `lib/libz.so.1`. */
  readonly path: string;
}

/** A conda package by its file. Each call reads its part from the beginning, as it streams. */
export interface CondaArchive extends Disposable {
  /** What is about the package: `info/index.json`. */
  info(): AsyncIterable<PackageMember>;
  /** What is to be installed. Directories are left out. */
  content(): AsyncIterable<PackageMember>;
}

const gibibyte = 1024 ** 3;
const maxUnpackedBytes = 20 * gibibyte;
const pieceBytes = 512 * 1024;
const streamOptions = { chunkSize: 1024 * 1024, readableHighWaterMark: 4 * 1024 * 1024 };

/** Opens a package by file; `title` names it in messages. Throws `package-corrupt`, `limit-exceeded`, and `PackageFormatError` as it is read. */
export function openCondaArchive(file: string, filename: string, title: string): CondaArchive {
  const limited = (bytes: AsyncIterable<Uint8Array>) => withLimit(bytes, title);
  if (filename.endsWith('.tar.bz2')) {
    const members = () => readMembers(limited(unpackBzip2(createReadStream(file, { highWaterMark: pieceBytes }))));
    return {
      info: () => filtered(members(), isInfo),
      content: () => filtered(members(), (path) => !isInfo(path)),
      [Symbol.dispose]() {},
    };
  }
  const zip = openZipArchive(file, title);
  try {
    const [info, content] = [partOf(zip, 'info'), partOf(zip, 'pkg')];
    return {
      info: () => filtered(readMembers(limited(info())), isInfo),
      content: () => filtered(readMembers(limited(content())), (path) => !isInfo(path)),
      [Symbol.dispose]: () => zip[Symbol.dispose](),
    };
  } catch (error) {
    zip[Symbol.dispose]();
    throw error;
  }
}

function isInfo(path: string): boolean {
  return path.startsWith('info/');
}

/** Reads `info-<name>.tar.zst` or `pkg-<name>.tar.zst`. */
function partOf(zip: ZipArchive, part: 'info' | 'pkg'): () => AsyncGenerator<Buffer> {
  const found = zip.members.filter(({ name }) => name.startsWith(`${part}-`) && name.endsWith('.tar.zst'));
  const [member] = found;
  if (member === undefined || found.length > 1) {
    throw new PackageFormatError(`it has ${found.length} parts "${part}-….tar.zst", and one is needed`);
  }
  return () => unpackZstd(zip.stream(member));
}

async function* unpackZstd(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const unpacker = createZstdDecompress(streamOptions);
  pipeline(Readable.from(splitZstdFrames(packed)), unpacker, () => {
    // The error comes out of the loop below.
  });
  for await (const piece of unpacker) yield piece as Buffer;
}

async function* withLimit(bytes: AsyncIterable<Uint8Array>, title: string): AsyncGenerator<Uint8Array> {
  let left = maxUnpackedBytes;
  for await (const piece of bytes) {
    left -= piece.length;
    if (left < 0) {
      throw new BuilderError(
        'limit-exceeded',
        `${title} is too large: it unpacks to more than ${maxUnpackedBytes} bytes`,
        {
          hint: 'Leave the package out, or build it into a base image.',
        },
      );
    }
    yield piece;
  }
}

async function* readMembers(tar: AsyncIterable<Uint8Array>): AsyncGenerator<PackageMember> {
  try {
    for await (const entry of readTar(tar, { errorCode: 'package-corrupt', maxHeaders: 1_000_000 })) {
      const { type, path } = entry.header;
      if (type === 'directory') continue;
      if (type !== 'file' && type !== 'symlink' && type !== 'hardlink') {
        throw new PackageFormatError(`"${path}" is neither a file nor a link`);
      }
      yield { ...entry, path: memberName(path) };
    }
  } catch (error) {
    throw asFormatError(error);
  }
}

/** The path of a tar's member or of what a hard link names. Throws `PackageFormatError` for one that leads elsewhere. */
export function memberName(path: string): string {
  const name = path.replace(/^(?:\.\/)+/, '');
  const problem =
    checkMemberName(name) ?? (name.endsWith('/') ? `the name ${JSON.stringify(name)} is a directory's` : undefined);
  if (problem !== undefined) throw new PackageFormatError(problem);
  return name;
}

async function* filtered(
  members: AsyncIterable<PackageMember>,
  isWanted: (path: string) => boolean,
): AsyncGenerator<PackageMember> {
  for await (const member of members) if (isWanted(member.path)) yield member;
}

/** What does not unpack is the package's fault, whoever found it. */
function asFormatError(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const isOurs =
    error instanceof Bzip2Error || isBuilderError(error, 'image-invalid') || isBuilderError(error, 'package-corrupt');
  if (!isOurs && !code.startsWith('ZSTD_')) return error;
  return new PackageFormatError(`it does not unpack: ${messageOf(error)}`, { cause: error });
}
