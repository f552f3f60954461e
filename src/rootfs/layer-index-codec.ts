import { crc32 } from 'node:zlib';
import { type Digest, isDigest } from '../oci/digest.ts';
import { isObject } from '../oci/manifest.ts';
import type { RootfsEntry } from './entry.ts';
import type { LayerIndex } from './layer-index.ts';

/** An index as it is kept: with the digest of the tar that it was read from. */
export interface StoredLayerIndex {
  readonly index: LayerIndex;
  readonly diffId: Digest;
}

/*
 * The bytes, little-endian:
 *
 *   "IWLI0001" | crc32 of the rest (u32) | header bytes (u32) | header: JSON | kinds (u32 each) | sizes (f64 each) | names | contents
 *
 * `names` are the paths and then the targets of the links, in UTF-8 with a zero byte after each, so that one decode and one split give
 * all strings. `kinds` has for each path the number of a row of `header.attributes`: many paths, few rows. Content that several paths
 * share (hard links) is stored once.
 */
const magic = Buffer.from('IWLI0001');
const prefixBytes = magic.length + 8;

interface Header {
  readonly diffId: Digest;
  readonly count: number;
  readonly nameBytes: number;
  /** What entries have in common: all but size and target. */
  readonly attributes: readonly Omit<RootfsEntry, 'sizeBytes' | 'target'>[];
  readonly whiteouts: readonly string[];
  readonly opaques: readonly string[];
  readonly omitted?: readonly string[];
  /** Path, start and length within the contents. */
  readonly contents: readonly (readonly [path: string, start: number, length: number])[];
}

/** The bytes of an index, for `decodeLayerIndex`. */
export function encodeLayerIndex({ index, diffId }: StoredLayerIndex): Buffer {
  const { whiteouts, opaques, omitted } = index;
  const { attributes, kinds, sizes, targets } = encodeEntries(index.entries);
  const names = Buffer.from([...index.entries.keys(), ...targets].map((name) => `${name}\0`).join(''));
  const { contents, buffers } = encodeContents(index.contents);
  const header: Header = {
    diffId,
    count: index.entries.size,
    nameBytes: names.length,
    attributes,
    whiteouts,
    opaques,
    ...(omitted && { omitted }),
    contents,
  };
  const json = Buffer.from(JSON.stringify(header));
  const headerSize = Buffer.alloc(4);
  headerSize.writeUInt32LE(json.length);
  const body = [headerSize, json, Buffer.from(kinds.buffer), Buffer.from(sizes.buffer), names, ...buffers];
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(body.reduce((sum, part) => crc32(part, sum), 0));
  return Buffer.concat([magic, checksum, ...body]);
}

function encodeEntries(entries: ReadonlyMap<string, RootfsEntry>) {
  const attributes: Header['attributes'][number][] = [];
  const rows = new Map<string, number>();
  const kinds = new Uint32Array(entries.size);
  const sizes = new Float64Array(entries.size);
  const targets: string[] = [];
  let at = 0;
  for (const entry of entries.values()) {
    const { type, mode, uid, gid, xattrs } = entry;
    const key = `${type} ${mode} ${uid} ${gid} ${xattrs === undefined ? '' : JSON.stringify(xattrs)}`;
    let row = rows.get(key);
    if (row === undefined) {
      row = attributes.push({ type, mode, uid, gid, ...(xattrs && { xattrs }) }) - 1;
      rows.set(key, row);
    }
    kinds[at] = row;
    if (entry.type === 'file') sizes[at] = entry.sizeBytes;
    if (entry.type === 'symlink') targets.push(entry.target);
    at++;
  }
  return { attributes, kinds, sizes, targets };
}

function encodeContents(contents: ReadonlyMap<string, Buffer>) {
  const starts = new Map<Buffer, number>();
  let size = 0;
  const rows = [...contents].map(([path, content]) => {
    let start = starts.get(content);
    if (start === undefined) {
      start = size;
      starts.set(content, start);
      size += content.length;
    }
    return [path, start, content.length] as const;
  });
  return { contents: rows, buffers: [...starts.keys()] };
}

/** Reads what `encodeLayerIndex` made; `undefined` for anything else, a damaged or an older one too. */
export function decodeLayerIndex(bytes: Buffer): StoredLayerIndex | undefined {
  if (bytes.length < prefixBytes + 4 || !bytes.subarray(0, magic.length).equals(magic)) return undefined;
  const body = bytes.subarray(magic.length + 4);
  if (bytes.readUInt32LE(magic.length) !== crc32(body)) return undefined;
  const headerEnd = prefixBytes + bytes.readUInt32LE(magic.length + 4);
  const header = JSON.parse(bytes.toString('utf8', prefixBytes, headerEnd)) as Header;
  if (!isObject(header) || !isDigest(header.diffId)) return undefined;
  const namesStart = headerEnd + header.count * (4 + 8);
  const contentsStart = namesStart + header.nameBytes;
  const contents = header.contents.map(([path, start, length]): [string, Buffer] => [
    path,
    bytes.subarray(contentsStart + start, contentsStart + start + length),
  ]);
  const { diffId, whiteouts, opaques, omitted } = header;
  const index = {
    entries: decodeEntries(bytes, header, headerEnd),
    whiteouts,
    opaques,
    contents: new Map(contents),
    ...(omitted && { omitted }),
  };
  return { index, diffId };
}

function decodeEntries(bytes: Buffer, { count, attributes, nameBytes }: Header, start: number) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sizesStart = start + count * 4;
  const namesStart = sizesStart + count * 8;
  const names = bytes.toString('utf8', namesStart, namesStart + nameBytes).split('\0');
  const entries = new Map<string, RootfsEntry>();
  let nextTarget = count;
  for (let i = 0; i < count; i++) {
    const common = attributes[view.getUint32(start + i * 4, true)] as RootfsEntry;
    if (common.type === 'file') {
      entries.set(names[i]!, { ...common, sizeBytes: view.getFloat64(sizesStart + i * 8, true) });
    } else if (common.type === 'symlink') entries.set(names[i]!, { ...common, target: names[nextTarget++]! });
    else entries.set(names[i]!, common);
  }
  return entries;
}
