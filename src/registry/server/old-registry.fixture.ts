import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { algorithmOf, type Digest, hexOf } from '../../oci/digest.ts';
import { mediaTypes } from '../../oci/media-types.ts';
import type { BlobStore } from '../blobs/blob-store.ts';

export interface OldManifestOptions {
  readonly tags?: readonly string[];
  readonly subject?: Digest;
}

export function oldPathOf(digest: Digest): string {
  return join(algorithmOf(digest), hexOf(digest));
}

/** Writes what older versions kept of a registry, as they wrote it; see `OldRegistryFiles`. */
export function oldRegistry(root: string, blobs: BlobStore) {
  const fileIn = (repository: string, ...names: string[]) => join(root, 'repositories', repository, ...names);
  const put = async (path: string, text = '') => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  };

  async function blob(repository: string, bytes: Buffer) {
    const { digest } = await blobs.write(Readable.from([bytes]));
    await put(fileIn(repository, '_blobs', oldPathOf(digest)));
    return { digest, size: bytes.length };
  }

  async function manifest(repository: string, content: object, { tags = [], subject }: OldManifestOptions) {
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, ...content }));
    const { digest } = await blobs.write(Readable.from([bytes]));
    const { mediaType } = content as { readonly mediaType: string };
    const descriptor = { mediaType, digest, size: bytes.length };
    await put(fileIn(repository, '_manifests', oldPathOf(digest)), JSON.stringify({ descriptor, subject }));
    if (subject) await put(fileIn(repository, '_referrers', oldPathOf(subject), oldPathOf(digest)));
    for (const tag of tags) await put(fileIn(repository, '_tags', tag), digest);
    return descriptor;
  }

  return {
    fileIn,
    put,
    /** With a configuration of its own and a layer that all share. */
    async image(repository: string, name: string, options: OldManifestOptions = {}) {
      const config = { mediaType: mediaTypes.ociConfig, ...(await blob(repository, Buffer.from(`config ${name}`))) };
      const layer = { mediaType: mediaTypes.ociLayer, ...(await blob(repository, Buffer.from('a shared layer'))) };
      const { subject } = options;
      const about = subject && { subject: { mediaType: mediaTypes.ociManifest, digest: subject, size: 1 } };
      const content = { mediaType: mediaTypes.ociManifest, config, layers: [layer], ...about };
      return { ...(await manifest(repository, content, options)), config, layer };
    },
    index: (repository: string, manifests: readonly object[], options: OldManifestOptions = {}) =>
      manifest(repository, { mediaType: mediaTypes.ociIndex, manifests }, options),
  };
}
