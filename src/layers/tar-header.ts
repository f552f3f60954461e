import type { Attributes } from '../rootfs/entry.ts';

/**
 * The one modification time of all that we lay down: 1980-01-02T00:00:00Z, in seconds. Zip files cannot hold a time before 1980,
 * local time, and programs that zip their own installation at run time (Spark, Ray) fail on older ones; the second of January
 * is in 1980 in every time zone.
 */
export const fixedMtime = 315_619_200;

/** What a tar says of one path. Symbolic links need no mode: they have 0o777. */
export type TarEntry = { readonly path: string; readonly mtimeSeconds?: number } & Partial<Attributes> &
  (
    | { readonly type: 'directory' }
    | { readonly type: 'file'; readonly sizeBytes: number }
    | { readonly type: 'symlink'; readonly target: string }
    /** `target` is the absolute path of an entry before it. */
    | { readonly type: 'hardlink'; readonly target: string }
  );

const blockBytes = 512;
const maxOctal7 = 0o7777777;
const maxOctal11 = 0o77777777777;
const typeFlags = { file: '0', hardlink: '1', symlink: '2', directory: '5' } as const;

/** Zero bytes to add after content of that size, to fill the last block. */
export function paddingAfter(sizeBytes: number): number {
  return (blockBytes - (sizeBytes % blockBytes)) % blockBytes;
}

/**
 * The header blocks of one entry: POSIX ustar, led by a pax extended header only for what ustar cannot say (long or non-ASCII
 * paths, sizes from 8 GiB, large ids, extended attributes). Same entry, same bytes.
 */
export function tarHeader(entry: TarEntry): Buffer {
  const name = entry.path.slice(1) + (entry.type === 'directory' ? '/' : '');
  const records = paxRecords(entry, name);
  const header = ustarBlock(entry, name);
  if (records.length === 0) return header;
  const body = Buffer.concat(records);
  const pax = ustarBlock({ type: 'file', path: '/', sizeBytes: body.length, mode: 0o644 }, 'PaxHeaders/entry', 'x');
  return Buffer.concat([pax, body, Buffer.alloc(paddingAfter(body.length)), header]);
}

function ustarBlock(entry: TarEntry, fullName: string, typeFlag: string = typeFlags[entry.type]): Buffer {
  const { name, prefix } = splitName(fullName) ?? { name: asciiOf(fullName).slice(-100), prefix: '' };
  const block = Buffer.alloc(blockBytes);
  block.write(name, 0, 100, 'latin1');
  block.write(octal(entry.type === 'symlink' ? 0o777 : (entry.mode ?? 0o755), 7), 100, 'latin1');
  block.write(octal(Math.min(entry.uid ?? 0, maxOctal7), 7), 108, 'latin1');
  block.write(octal(Math.min(entry.gid ?? 0, maxOctal7), 7), 116, 'latin1');
  block.write(octal(entry.type === 'file' ? Math.min(entry.sizeBytes, maxOctal11) : 0, 11), 124, 'latin1');
  block.write(octal(entry.mtimeSeconds ?? fixedMtime, 11), 136, 'latin1');
  block.write(typeFlag, 156, 'latin1');
  block.write(asciiOf(linkName(entry)), 157, 100, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  block.write(prefix, 345, 155, 'latin1');
  block.fill(' ', 148, 156);
  let sum = 0;
  for (let at = 0; at < blockBytes; at++) sum += block[at]!;
  block.write(`${octal(sum, 6)}\0 `, 148, 'latin1');
  return block;
}

/** A hard link names its target as a member of the archive. */
function linkName(entry: TarEntry): string {
  if (entry.type === 'hardlink') return entry.target.slice(1);
  return entry.type === 'symlink' ? entry.target : '';
}

/** The two name fields of ustar, or `undefined` when the name does not fit them. */
function splitName(name: string): { name: string; prefix: string } | undefined {
  if (!isAscii(name)) return undefined;
  if (name.length <= 100) return { name, prefix: '' };
  // A directory's own trailing slash is no place to split.
  const cut = name.indexOf('/', name.length - 101);
  if (cut <= 0 || cut > 155 || cut === name.length - 1) return undefined;
  return { name: name.slice(cut + 1), prefix: name.slice(0, cut) };
}

function paxRecords(entry: TarEntry, name: string): Buffer[] {
  const records: Buffer[] = [];
  const add = (key: string, value: string | Buffer) => records.push(paxRecord(key, Buffer.from(value)));
  if (entry.gid !== undefined && entry.gid > maxOctal7) add('gid', String(entry.gid));
  const link = linkName(entry);
  if (!isAscii(link) || link.length > 100) add('linkpath', link);
  if (splitName(name) === undefined) add('path', name);
  if (entry.type === 'file' && entry.sizeBytes > maxOctal11) add('size', String(entry.sizeBytes));
  if (entry.uid !== undefined && entry.uid > maxOctal7) add('uid', String(entry.uid));
  for (const key of Object.keys(entry.xattrs ?? {}).sort()) {
    add(`SCHILY.xattr.${key}`, Buffer.from(entry.xattrs![key]!, 'base64'));
  }
  return records;
}

/** `<length> <key>=<value>\n`, where the length counts itself. */
function paxRecord(key: string, value: Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')]);
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

function isAscii(text: string): boolean {
  return /^[\x01-\x7f]*$/.test(text);
}

function asciiOf(text: string): string {
  return text.replace(/[^\x20-\x7e]/gu, '_');
}
