import { BuilderError } from '../errors.ts';
import { algorithmOf, createDigestMeter, type Digest, type DigestMeter } from '../oci/digest.ts';
import type { LayerCompression } from '../oci/media-types.ts';
import type { Sentence } from '../sentence.ts';
import { say } from '../sentence.ts';
import { decompress } from './decompress.ts';
import type { RootfsEntry } from './entry.ts';
import { keepRule } from './kept-files.ts';
import { createLayerBuilder, type LayerBuilder } from './layer-builder.ts';
import type { LayerIndex } from './layer-index.ts';
import { layerPath } from './layer-path.ts';
import { joinPath, nameOf, parentOf } from './paths.ts';
import { readTar, type TarEntry, type TarHeader } from './tar-reader.ts';

export interface ScanLimits {
  /** Most bytes of the uncompressed tar, 128 GiB unless told. */
  readonly maxUnpackedBytes: number;
  /** Most members, a million unless told. */
  readonly maxEntries: number;
  /** Most bytes of names, link targets and extended attributes together, 256 MiB unless told. */
  readonly maxNameBytes: number;
  /** Most bytes of kept content; what is beyond is omitted and listed. 512 MiB unless told. */
  readonly maxContentBytes: number;
}

export interface ScanOptions {
  /** What the uncompressed tar must have as its digest; not looked at when absent. */
  readonly diffId?: Digest;
  readonly limits?: Partial<ScanLimits>;
  readonly signal?: AbortSignal | undefined;
  /** Told of every path that the layer names, in the tar's order. */
  readonly onPath?: ((path: string) => void) | undefined;
}

const mebibyte = 1024 * 1024;
const defaultLimits: ScanLimits = {
  maxUnpackedBytes: 128 * 1024 * mebibyte,
  maxEntries: 1_000_000,
  maxNameBytes: 256 * mebibyte,
  maxContentBytes: 512 * mebibyte,
};

/**
 * Reads a layer's blob once and tells what it says. Memory grows with the number of paths and the kept content, not with the layer's
 * bytes. Throws `image-invalid` for what no runtime could unpack or whose `diffId` is another, `limit-exceeded`, `cancelled`.
 */
export async function scanLayer(
  stream: AsyncIterable<Uint8Array>,
  compression: LayerCompression,
  options: ScanOptions = {},
): Promise<LayerIndex> {
  const { diffId, signal, onPath } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const meter = diffId === undefined ? undefined : createDigestMeter(algorithmOf(diffId));
  const index = await decompress(
    stream,
    compression,
    (unpacked) => indexTar(metered(unpacked, meter, limits), { limits, onPath }),
    { signal },
  );
  const actual = meter?.digest();
  if (actual !== diffId) {
    throw new BuilderError(
      'image-invalid',
      say`a layer unpacks to ${actual}, but the image's configuration says ${diffId}`,
    );
  }
  return index;
}

async function* metered(
  unpacked: AsyncIterable<Uint8Array>,
  meter: DigestMeter | undefined,
  { maxUnpackedBytes }: ScanLimits,
): AsyncGenerator<Uint8Array> {
  let sizeBytes = 0;
  for await (const chunk of unpacked) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > maxUnpackedBytes) exceed(say`unpacks to more than ${maxUnpackedBytes} bytes`);
    meter?.update(chunk);
    yield chunk;
  }
}

async function indexTar(
  tar: AsyncIterable<Uint8Array>,
  { limits, onPath }: { readonly limits: ScanLimits; readonly onPath: ScanOptions['onPath'] },
): Promise<LayerIndex> {
  const builder = createLayerBuilder();
  const omitted: string[] = [];
  const used = { entries: 0, nameBytes: 0, contentBytes: 0 };
  for await (const member of readTar(tar)) {
    const { header } = member;
    if (++used.entries > limits.maxEntries) exceed(say`has more than ${limits.maxEntries} members`);
    used.nameBytes += nameBytesOf(header);
    if (used.nameBytes > limits.maxNameBytes) exceed(say`has more than ${limits.maxNameBytes} bytes of names`);
    const place = builder.place(layerPath(header.path));
    onPath?.(place);
    if (header.type === 'hardlink') {
      builder.addHardLink(place, builder.place(layerPath(header.linkPath)), entryOf(header));
    } else if (nameOf(place).startsWith('.wh.')) addWhiteout(builder, place);
    else {
      const content = await keptContent(member, place, limits.maxContentBytes - used.contentBytes);
      if (content === 'omitted') omitted.push(place);
      const kept = content === 'omitted' ? undefined : content;
      used.contentBytes += kept?.length ?? 0;
      builder.add(place, entryOf(header), kept);
    }
  }
  return { ...builder.build(), ...(omitted.length > 0 && { omitted }) };
}

function nameBytesOf({ path, linkPath, xattrs }: TarHeader): number {
  const xattrBytes =
    xattrs === undefined ? 0 : Object.entries(xattrs).reduce((sum, [k, v]) => sum + k.length + v.length, 0);
  return path.length + linkPath.length + xattrBytes;
}

/** Image-spec layer.md "Whiteouts"; other names that begin with `.wh..wh.` are AUFS's own and mean nothing. */
function addWhiteout(builder: LayerBuilder, place: string): void {
  const name = nameOf(place);
  if (name === '.wh..wh..opq') builder.addOpaque(parentOf(place));
  if (name.startsWith('.wh..wh.')) return;
  const removed = name.slice('.wh.'.length);
  if (removed === '' || removed === '.' || removed === '..') {
    throw new BuilderError('image-invalid', say`a layer has a whiteout that names nothing: ${place.slice(0, 200)}`);
  }
  builder.addWhiteout(joinPath(parentOf(place), removed));
}

async function keptContent(member: TarEntry, place: string, budget: number): Promise<Buffer | 'omitted' | undefined> {
  const { type, sizeBytes } = member.header;
  const rule = type === 'file' ? keepRule(place) : undefined;
  if (rule === undefined) return undefined;
  if (rule.excerpt === undefined && sizeBytes > Math.min(rule.maxBytes, budget)) return 'omitted';
  const content = await member.read(rule.maxBytes);
  if (rule.excerpt === undefined) return content;
  const excerpt = rule.excerpt(content);
  if (excerpt === undefined) return undefined;
  return excerpt.length > budget ? 'omitted' : Buffer.from(excerpt);
}

function entryOf({ type, mode, uid, gid, sizeBytes, linkPath, xattrs }: TarHeader): RootfsEntry {
  const attributes = { mode, uid, gid, ...(xattrs && { xattrs }) };
  if (type === 'directory') return { type, ...attributes };
  if (type === 'symlink') return { type, ...attributes, target: linkPath };
  if (type === 'file' || type === 'hardlink') return { type: 'file', ...attributes, sizeBytes };
  return { type: 'other', ...attributes };
}

function exceed(why: Sentence): never {
  throw new BuilderError('limit-exceeded', say`a layer ${why}`, { hint: say`Use a smaller base image.` });
}
