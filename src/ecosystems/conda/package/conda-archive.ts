import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createZstdDecompress } from 'node:zlib';
import { BuilderError, isBuilderError, messageOf } from '../../../errors.ts';
import { readTar, type TarEntry } from '../../../rootfs/tar-reader.ts';
import { splitZstdFrames } from '../../../rootfs/zstd-frames.ts';
import { quoted, say } from '../../../sentence.ts';
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

/** The files in `info/` that say what there is and how it is installed. */
export const describing: ReadonlySet<string> = new Set(
  ['index.json', 'paths.json', 'files', 'has_prefix', 'no_link', 'no_softlink', 'link.json'].map(
    (name) => `info/${name}`,
  ),
);

const gibibyte = 1024 ** 3;
const maxUnpackedBytes = 20 * gibibyte;
const pieceBytes = 512 * 1024;
const streamOptions = { chunkSize: 1024 * 1024, readableHighWaterMark: 4 * 1024 * 1024 };

/** Opens a package by file; `title` names it in messages. Throws `package-corrupt`, `limit-exceeded`, and `PackageFormatError` as it is read. */
export function openCondaArchive(file: string, filename: string, title: string): CondaArchive {
  const limited = (bytes: AsyncIterable<Uint8Array>) => withLimit(bytes, title);
  if (filename.endsWith('.tar.bz2')) {
    const members = () => readMembers(limited(unpackBzip2(createReadStream(file, { highWaterMark: pieceBytes }))));
    return { info: () => leadingInfo(members()), content: () => contentAfterInfo(members()), [Symbol.dispose]() {} };
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

/** What tells of a package leads its archive: what comes after need not be unpacked twice. Where it does not lead, all is looked at. */
async function* leadingInfo(members: AsyncIterable<PackageMember>): AsyncGenerator<PackageMember> {
  const seen = new Set<string>();
  for await (const member of members) {
    if (isInfo(member.path)) {
      seen.add(member.path);
      yield member;
    } else if (isWhole(seen)) return;
  }
}

function isWhole(seen: ReadonlySet<string>): boolean {
  return seen.has('info/index.json') && (seen.has('info/paths.json') || seen.has('info/files'));
}

/** Refuses what tells of the package where nobody looked for it any more: other readers would take it for the better word. */
async function* contentAfterInfo(members: AsyncIterable<PackageMember>): AsyncGenerator<PackageMember> {
  const seen = new Set<string>();
  let isOver = false;
  for await (const member of members) {
    if (!isInfo(member.path)) {
      isOver ||= isWhole(seen);
      yield member;
    } else if (isOver && describing.has(member.path)) {
      throw new PackageFormatError(say`its "${member.path}" comes after its files`);
    } else seen.add(member.path);
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
    throw new PackageFormatError(say`it has ${found.length} parts "${part}-….tar.zst", and one is needed`);
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
        say`${title} is too large: it unpacks to more than ${maxUnpackedBytes} bytes`,
        {
          hint: say`Leave the package out, or build it into a base image.`,
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
        throw new PackageFormatError(say`"${path}" is neither a file nor a link`);
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
  if (problem !== undefined) throw new PackageFormatError(quoted(problem));
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
  return new PackageFormatError(say`it does not unpack: ${messageOf(error)}`, { cause: error });
}
