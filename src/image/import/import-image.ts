import type { Platform } from '../../oci/platform.ts';
import type { Reference } from '../../oci/reference.ts';
import type { RegistryClient } from '../../registry/client/registry-client.ts';
import { type CopiedImage, copyContent } from './copy-content.ts';
import { openDockerArchiveContent } from './docker-archive-content.ts';
import type { ImageContent } from './image-content.ts';
import type { ImportSource } from './import-source.ts';
import { openLayoutContent } from './oci-layout-content.ts';
import { openRegistryContent } from './registry-content.ts';
import { openRootfsContent, type RootfsConfig } from './rootfs-content.ts';

export interface ImportOptions {
  /** Speaks with the target, and with the source when that is a registry. */
  readonly client: RegistryClient;
  /** An existing directory for what is being compressed. */
  readonly temporaryDir: string;
  /** For layers that come as plain tars, zstd unless told. */
  readonly compression?: 'gzip' | 'zstd' | undefined;
  /** Which image of several; all, unless told. For a root file system: what it is for, linux/amd64 unless told. */
  readonly platform?: Platform | undefined;
  /** How a container of a root file system starts. */
  readonly config?: RootfsConfig | undefined;
  readonly signal?: AbortSignal | undefined;
  onEvent?(event: ImportEvent): void;
}

export type ImportEvent =
  /** The source has been read and, where needed, compressed. */
  { readonly type: 'opened'; readonly seconds: number } | { readonly type: 'pushed'; readonly bytes: number };

export interface ImportedImage extends CopiedImage {
  /** The target with its digest. */
  readonly reference: Reference;
  readonly bytesPushed: number;
}

/** Brings an image into a registry. Its parts keep their digests wherever they are already what a registry holds. */
export async function importImage(
  source: ImportSource,
  target: Reference,
  options: ImportOptions,
): Promise<ImportedImage> {
  const { client, platform, signal, onEvent } = options;
  const start = performance.now();
  await using content = await openContent(source, options);
  onEvent?.({ type: 'opened', seconds: (performance.now() - start) / 1000 });
  let bytesPushed = 0;
  const onBytes = (bytes: number) => {
    bytesPushed += bytes;
    onEvent?.({ type: 'pushed', bytes });
  };
  // A root file system becomes an image for that platform; there is nothing to choose.
  const choice = source.type === 'rootfs' ? undefined : platform;
  const copied = await copyContent(content, target, { client, platform: choice, signal, onBytes });
  return { ...copied, reference: { ...target, digest: copied.digest }, bytesPushed };
}

function openContent(source: ImportSource, options: ImportOptions): Promise<ImageContent> {
  const { client, temporaryDir, compression = 'zstd', platform, config, signal } = options;
  switch (source.type) {
    case 'registry':
      return openRegistryContent(client, source.reference, { signal });
    case 'docker-archive':
      return openDockerArchiveContent(source, { compression, temporaryDir });
    case 'oci':
      return openLayoutContent(source, temporaryDir);
    case 'rootfs':
      return openRootfsContent(source.path, { compression, temporaryDir, platform, config, signal });
  }
}
