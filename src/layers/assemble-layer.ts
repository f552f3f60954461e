import { BuilderError } from '../errors.ts';
import { createDigestMeter, type Digest } from '../oci/digest.ts';
import type { LayerCompression } from '../oci/media-types.ts';
import { say } from '../sentence.ts';
import type { AskedDirectory, BaseSurvey } from './base-survey.ts';
import { type BlobWriter, createBlobWriter } from './blob-writer.ts';
import type { EntryContent, LayerEntry, OpenedLayerSource, OpenLayerSource } from './layer-source.ts';
import { askedDirectories, type Placement, placeEntries } from './layer-tree.ts';
import type { TarEntry } from './tar-header.ts';
import { createTarWriter, type TarWriter, tarChunkBytes } from './tar-writer.ts';

/*
 * One layer, in one pass and in bounded memory:
 *
 *   sources ──paths──▶ askedDirectories ──▶ the base (main thread) ──▶ placement
 *      └────entries──▶ tar, in chunks of 2 MiB ──▶ sha256 (diffId)
 *                                            └──▶ compressor ──▶ sha256 + size ──▶ file
 *
 * For gzip, content that comes deflated goes past the tar's chunks: the content to the first hash, its deflated form into the file.
 *
 * Every ancestor of what is laid down is written first, parents before children, with exactly the attributes that the base gives
 * it: an overlay mount would otherwise show it as 0755 root. Paths are real paths: an entry below a link of the base would
 * replace the link by a directory in some runtimes (image-spec layer.md "Applying Changesets").
 */

/** What a layer is made of, as data that goes to another thread. */
export interface AssembleTask {
  readonly sources: readonly { readonly title: string; readonly module: string; readonly input: unknown }[];
  readonly compression: LayerCompression;
  /** File that the compressed layer is written to; must not exist. */
  readonly file: string;
}

/** A layer's numbers; its bytes are in the task's file. */
export interface AssembledBlob {
  readonly digest: Digest;
  /** Of the compressed bytes. */
  readonly sizeBytes: number;
  readonly diffId: Digest;
  readonly unpackedBytes: number;
}

/** Asks the base about the directories of the layer. */
export type AskBase = (asked: readonly AskedDirectory[]) => Promise<BaseSurvey>;

interface OpenSource extends OpenedLayerSource {
  readonly title: string;
}

/** Makes one layer. Throws `package-corrupt`, `package-conflict`, `limit-exceeded`, `disk-full`. */
export async function assembleLayer(task: AssembleTask, askBase: AskBase): Promise<AssembledBlob> {
  await using stack = new AsyncDisposableStack();
  const sources: OpenSource[] = [];
  for (const { title, module, input } of task.sources) {
    const { openLayerSource } = (await import(module)) as { openLayerSource: OpenLayerSource };
    const opened = stack.use(await openLayerSource(input as never));
    sources.push({
      title,
      paths: opened.paths,
      entries: () => opened.entries(),
      [Symbol.asyncDispose]: async () => {},
    });
  }
  const asked = askedDirectories(sources);
  const survey = await askBase(asked);
  const placement = placeEntries(sources, asked, survey);
  // Awaited here: the sources are closed when this function returns.
  return await writeLayer(task, async (tar) => {
    await writeDirectories(tar, survey);
    for (const [index, source] of sources.entries()) await writeSource(tar, source, index, placement);
  });
}

/** Writes a layer file, whatever its entries. Throws `disk-full`. */
export async function writeLayer(
  { compression, file }: Pick<AssembleTask, 'compression' | 'file'>,
  writeEntries: (tar: TarWriter) => Promise<void>,
): Promise<AssembledBlob> {
  await using blob = await createBlobWriter(file, compression);
  const tarMeter = createDigestMeter();
  const compressing = createBufferRing(blob);
  const tar = createTarWriter({
    take(chunk) {
      // Uncompressed, the layer and its tar are the same bytes: one hash does for both.
      if (compression !== 'none') tarMeter.update(chunk);
      return compressing.take(chunk);
    },
    ...(blob.writeDeflated !== undefined && {
      async takeDeflated(before, content, deflated) {
        tarMeter.update(before);
        for await (const bytes of content) tarMeter.update(bytes);
        await blob.writeDeflated!(before, deflated);
      },
    }),
  });
  await writeEntries(tar);
  const unpackedBytes = await tar.end();
  await compressing.end();
  const { digest, sizeBytes } = await blob.end();
  return { digest, sizeBytes, unpackedBytes, diffId: compression === 'none' ? digest : tarMeter.digest() };
}

/** The directories on the way, as the base has them; new ones belong to root. */
export async function writeDirectories(tar: TarWriter, survey: Pick<BaseSurvey, 'directories'>): Promise<void> {
  for (const { path, attributes } of survey.directories) {
    await tar.entry({ type: 'directory', path, mode: 0o755, ...attributes });
  }
}

async function writeSource(tar: TarWriter, source: OpenSource, index: number, placement: Placement): Promise<void> {
  const declared = new Set(source.paths.filter((each) => !each.isDirectory).map((each) => each.path));
  for await (const entry of source.entries()) {
    if (entry.content.type === 'directory') continue;
    if (!declared.delete(entry.path))
      throw new Error(`${source.title} gave "${entry.path}", which it had not declared`);
    const path = placement.place(index, entry.path);
    if (path === undefined) continue;
    const attributes = attributesOf(entry);
    if (entry.content.type === 'hardlink') {
      const target = placement.place(index, entry.content.target);
      // Where a later source gives the file, there is nothing left that the link could be another name of.
      if (target === undefined) throw lostTarget(source, entry);
      await tar.entry({ type: 'hardlink', path, target, ...attributes });
    } else await writeEntry(tar, entry.content, { path, ...attributes });
  }
  if (declared.size > 0) throw new Error(`${source.title} declared ${declared.size} files more than it gave`);
}

function lostTarget({ title }: OpenSource, { path }: LayerEntry): BuilderError {
  const why = say`another package replaces what "${path}" is a second name of`;
  return new BuilderError('package-conflict', say`${title} cannot be laid down: ${why}`, {
    hint: say`Leave one of the two out, or take another version of it.`,
  });
}

/** Set-id and sticky bits are no package's to give. */
function attributesOf({ mode, mtimeSeconds }: LayerEntry): Pick<TarEntry, 'mode' | 'mtimeSeconds'> {
  return { mode: mode & 0o777, ...(mtimeSeconds !== undefined && { mtimeSeconds }) };
}

async function writeEntry(
  tar: TarWriter,
  content: Exclude<EntryContent, { readonly type: 'hardlink' }>,
  common: Pick<TarEntry, 'path' | 'mode' | 'mtimeSeconds'>,
): Promise<void> {
  switch (content.type) {
    case 'symlink':
      return tar.entry({ type: 'symlink', target: content.target, path: common.path });
    case 'bytes':
      await tar.entry({ type: 'file', sizeBytes: content.bytes.length, ...common });
      if (content.deflated === undefined) return tar.content(content.bytes);
      return tar.deflatedContent([content.bytes], content.deflated);
    case 'stream':
      await tar.entry({ type: 'file', sizeBytes: content.sizeBytes, ...common });
      if (content.deflated !== undefined) return tar.deflatedContent(content.open(), content.deflated);
      for await (const bytes of content.open()) await tar.content(bytes);
  }
}

/** Lets the tar be filled while the compressor works: two chunks are under way, a third is filled. */
function createBufferRing(blob: BlobWriter) {
  const underWay: Promise<Buffer>[] = [];
  let allocated = 1;
  return {
    async take(chunk: Buffer): Promise<Buffer> {
      const whole = Buffer.from(chunk.buffer, chunk.byteOffset, Math.min(tarChunkBytes, chunk.buffer.byteLength));
      const taken = blob.write(chunk).then(() => whole);
      taken.catch(() => {});
      underWay.push(taken);
      if (allocated === 3) return underWay.shift()!;
      allocated += 1;
      return Buffer.allocUnsafeSlow(tarChunkBytes);
    },
    async end(): Promise<void> {
      await Promise.all(underWay);
    },
  };
}
