import { type FileHandle, open } from 'node:fs/promises';
import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { BuilderError } from '../../errors.ts';
import { parsePaxRecords } from '../../rootfs/pax-records.ts';
import { blockSize, isZeroBlock, parseTarBlock, type TarBlock, TarFormatError } from '../../rootfs/tar-header.ts';
import type { Sentence } from '../../sentence.ts';
import { say } from '../../sentence.ts';

/** A tar on disk whose members are read where they lie. Names are without a leading `./`. */
export interface TarFile extends AsyncDisposable {
  has(name: string): boolean;
  /** The stream fails with `image-invalid` when there is no such file. May be called again. */
  open(name: string): Readable;
  /** A small file as a whole. Throws `image-invalid`, also when it has more bytes than that. */
  read(name: string, maxBytes: number): Promise<Buffer>;
}

interface Member {
  readonly offset: number;
  readonly sizeBytes: number;
}

/** An archive of an image has a few hundred members. */
const maxMembers = 200_000;
const maxSpecialBytes = 1024 * 1024;
const maxLinkHops = 8;
const readBytes = 256 * 1024;

/** Opens a tar and goes once over its headers. Throws `image-invalid` for what is no tar, or is cut off. */
export async function openTarFile(path: string): Promise<TarFile> {
  const handle = await open(path, 'r');
  try {
    const { files, links } = await indexMembers(handle, path);
    const find = (name: string) => files.get(followLinks(links, name));
    const require = (name: string): Member => find(name) ?? refuse(path, say`it has no file ${JSON.stringify(name)}`);
    return {
      has: (name) => find(name) !== undefined,
      open: (name) =>
        Readable.from(
          readMember(handle, () => require(name)),
          { objectMode: false },
        ),
      async read(name, maxBytes) {
        const member = require(name);
        if (member.sizeBytes > maxBytes) refuse(path, say`${name} is larger than ${maxBytes} bytes`);
        return readAt(handle, member.offset, member.sizeBytes);
      },
      [Symbol.asyncDispose]: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    if (error instanceof TarFormatError) refuse(path, error.message);
    throw error;
  }
}

async function indexMembers(handle: FileHandle, path: string) {
  const files = new Map<string, Member>();
  const links = new Map<string, string>();
  const { size: end } = await handle.stat();
  let pax: ReturnType<typeof parsePaxRecords> = {};
  let long: { path?: string; linkPath?: string } = {};
  for (let at = 0, count = 0; ; count++) {
    const block = await readAt(handle, at, blockSize);
    if (block.length === 0 || isZeroBlock(block)) return { files, links };
    if (block.length < blockSize) refuse(path, say`it is cut off`);
    if (count >= maxMembers) throw new BuilderError('limit-exceeded', say`${path} has more than ${maxMembers} members`);
    const header = parseTarBlock(block);
    const sizeBytes = pax.sizeBytes ?? header.sizeBytes;
    const offset = at + blockSize;
    if (offset + sizeBytes > end) refuse(path, say`it is cut off`);
    at = offset + Math.ceil(sizeBytes / blockSize) * blockSize;
    if ('xLK'.includes(header.flag)) {
      const body = await readSpecial(handle, { offset, sizeBytes }, path);
      if (header.flag === 'x') pax = parsePaxRecords(body);
      else long = { ...long, [header.flag === 'L' ? 'path' : 'linkPath']: body.toString('utf8').replace(/\0.*$/s, '') };
      continue;
    }
    // The last one of a name counts, as when it is unpacked.
    addMember({ files, links }, { ...header, ...long, ...pax }, { offset, sizeBytes });
    pax = {};
    long = {};
  }
}

interface Members {
  readonly files: Map<string, Member>;
  readonly links: Map<string, string>;
}

function addMember({ files, links }: Members, { path, linkPath, flag }: TarBlock, member: Member): void {
  const name = normalName(path);
  files.delete(name);
  links.delete(name);
  if ('0\x007'.includes(flag)) files.set(name, member);
  // `docker save` links a layer that stands there twice.
  if (flag === '1') links.set(name, normalName(linkPath));
  if (flag === '2') links.set(name, normalName(posix.join(posix.dirname(name), linkPath)));
}

function followLinks(links: ReadonlyMap<string, string>, name: string): string {
  let current = name;
  for (let hops = 0; hops < maxLinkHops; hops++) {
    const target = links.get(current);
    if (target === undefined) break;
    current = target;
  }
  return current;
}

function normalName(name: string): string {
  return posix.normalize(name).replace(/^\/+|\/+$/g, '');
}

async function readSpecial(handle: FileHandle, { offset, sizeBytes }: Member, path: string): Promise<Buffer> {
  if (sizeBytes > maxSpecialBytes) refuse(path, say`an extended header has ${sizeBytes} bytes`);
  return readAt(handle, offset, sizeBytes);
}

async function* readMember(handle: FileHandle, find: () => Member): AsyncGenerator<Buffer> {
  const { offset, sizeBytes } = find();
  for (let done = 0; done < sizeBytes; ) {
    const part = await readAt(handle, offset + done, Math.min(readBytes, sizeBytes - done));
    if (part.length === 0) throw new BuilderError('image-invalid', say`The archive was cut off while it was read`);
    done += part.length;
    yield part;
  }
}

/** Fewer bytes than asked for only at the end of the file. */
async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(bytes, done, length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

function refuse(path: string, why: Sentence): never {
  throw new BuilderError('image-invalid', say`${path} cannot be read as an archive of an image: ${why}`, {
    hint: say`Save the image again, or name its kind: docker-archive:FILE, oci:FILE, rootfs:FILE.`,
  });
}
