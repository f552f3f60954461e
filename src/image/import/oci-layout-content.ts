import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { BuilderError } from '../../errors.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { algorithmOf, digestOf, hexOf } from '../../oci/digest.ts';
import { isIndex, maxManifestBytes, parseManifestOrIndex } from '../../oci/manifest.ts';
import { mediaTypes } from '../../oci/media-types.ts';
import { ignoreMissing, isSystemError } from '../../registry/blobs/durable-files.ts';
import { say } from '../../sentence.ts';
import type { ImageContent } from './image-content.ts';
import type { ImportSource } from './import-source.ts';
import { openPlainTar } from './plain-tar.ts';
import type { TarFile } from './tar-file.ts';
import { layoutIndexName } from './well-known-names.ts';

/** What annotates an entry of a layout's index with a name; the second is containerd's. */
const nameAnnotations = ['org.opencontainers.image.ref.name', 'io.containerd.image.name'];

/** An image of an OCI image layout, image-spec image-layout.md; its bytes and digests stay as they are. Throws `image-invalid`, `base-not-found`. */
export async function openLayoutContent(
  { path, name }: Extract<ImportSource, { readonly type: 'oci' }>,
  temporaryDir: string,
): Promise<ImageContent> {
  const directory = (await stat(path)).isDirectory();
  const files = directory ? directoryFiles(path) : await openPlainTar(path, temporaryDir);
  try {
    const indexBytes = await files.read(layoutIndexName, maxManifestBytes);
    const root = chooseImage(indexBytes, { path, name });
    return {
      root,
      async readManifest(descriptor) {
        if (descriptor.digest === digestOf(indexBytes)) return indexBytes;
        if (await files.has(blobName(descriptor))) return files.read(blobName(descriptor), maxManifestBytes);
        throw new BuilderError(
          'image-invalid',
          say`${path} does not hold all of the image: ${descriptor.digest} is missing`,
          {
            hint: say`When it holds one platform only, name that platform with --platform.`,
          },
        );
      },
      openBlob: (descriptor) => files.open(blobName(descriptor)),
      [Symbol.asyncDispose]: () => files[Symbol.asyncDispose](),
    };
  } catch (error) {
    await files[Symbol.asyncDispose]();
    throw error;
  }
}

/** The only image, the one of that name, or, when they differ by platform only, all of them. */
function chooseImage(
  indexBytes: Buffer,
  { path, name }: { readonly path: string; readonly name: string | undefined },
): Descriptor {
  const index = parseManifestOrIndex(indexBytes, mediaTypes.ociIndex);
  const entries = isIndex(index) ? index.manifests : [];
  const namesOf = (entry: Descriptor) => nameAnnotations.flatMap((key) => entry.annotations?.[key] ?? []);
  const found = name === undefined ? entries : entries.filter((entry) => namesOf(entry).includes(name));
  if (found.length === 1) return found[0]!;
  if (found.length > 1 && name === undefined && found.every(({ platform }) => platform)) {
    return { mediaType: mediaTypes.ociIndex, digest: digestOf(indexBytes), size: indexBytes.length };
  }
  const names = [...new Set(entries.flatMap(namesOf))].slice(0, 20);
  throw new BuilderError(
    'base-not-found',
    name === undefined
      ? say`${path} holds ${entries.length} images`
      : say`${path} holds no image named ${JSON.stringify(name)}`,
    {
      hint:
        names.length > 0
          ? say`It has: ${names.join(', ')}. Name one: oci:${path}:NAME`
          : say`Its images have no names.`,
    },
  );
}

/** Made of a checked digest only, so it stays below `blobs/`. */
function blobName({ digest }: Descriptor): string {
  return `blobs/${algorithmOf(digest)}/${hexOf(digest)}`;
}

interface LayoutFiles extends Pick<TarFile, 'open' | 'read'>, AsyncDisposable {
  has(name: string): boolean | Promise<boolean>;
}

function directoryFiles(root: string): LayoutFiles {
  return {
    has: async (name) => (await stat(join(root, name)).catch(ignoreMissing)) !== undefined,
    open: (name) => Readable.from(readLayoutFile(root, name), { objectMode: false }),
    async read(name, maxBytes) {
      const handle = await open(join(root, name), 'r');
      try {
        if ((await handle.stat()).size > maxBytes) {
          throw new BuilderError('limit-exceeded', say`${name} of ${root} is larger than ${maxBytes} bytes`);
        }
        return await handle.readFile();
      } finally {
        await handle.close();
      }
    },
    async [Symbol.asyncDispose]() {},
  };
}

async function* readLayoutFile(root: string, name: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(join(root, name), { highWaterMark: 256 * 1024 });
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error;
    throw new BuilderError('image-invalid', say`${root} does not hold all of the image: ${name} is missing`, {
      cause: error,
    });
  }
}
