import { createReadStream } from 'node:fs';
import { BuilderError, isBuilderError } from '../../errors.ts';
import type { ImageConfig } from '../../oci/image-config.ts';
import { defaultPlatform, type Platform } from '../../oci/platform.ts';
import { decompress } from '../../rootfs/decompress.ts';
import { readTar } from '../../rootfs/tar-reader.ts';
import type { Sentence } from '../../sentence.ts';
import { say } from '../../sentence.ts';
import { buildContent } from './built-content.ts';
import { compressLayer } from './compress-layer.ts';
import { compressionOfFile } from './file-compression.ts';
import type { ImageContent } from './image-content.ts';

/** How a container of a root file system starts. */
export interface RootfsConfig {
  /** `NAME=value`; a PATH is added when there is none. */
  readonly env?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly user?: string;
  /** Absolute. */
  readonly workingDir?: string;
}

export interface RootfsContentOptions {
  readonly compression: 'gzip' | 'zstd';
  readonly temporaryDir: string;
  /** linux/amd64 unless told. */
  readonly platform?: Platform | undefined;
  readonly config?: RootfsConfig | undefined;
  readonly signal?: AbortSignal | undefined;
}

const readBytes = 1024 * 1024;
const defaultPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** The layer's digest says what is in the image; a time would only make two imports of one file differ. */
const created = '1970-01-01T00:00:00Z';

/** The tar of a root file system, plain, gzip or zstd, as an image of one layer. Throws `base-unsupported` for a file that is no such tar. */
export async function openRootfsContent(path: string, options: RootfsContentOptions): Promise<ImageContent> {
  const { compression, temporaryDir, signal } = options;
  const packed = await compressionOfFile(path);
  await checkTar(path, () =>
    decompress(createReadStream(path, { highWaterMark: readBytes }), packed, countMembers, { signal }),
  );
  const layer = await decompress(
    createReadStream(path, { highWaterMark: readBytes }),
    packed,
    (tar) => compressLayer(tar, { compression, temporaryDir }),
    { signal },
  );
  const config = configOf(layer.diffId, options);
  return buildContent(Buffer.from(JSON.stringify(config)), [layer], layer);
}

/** Reads the whole tar once, so that a cut-off file is found before anything is made of it. */
async function countMembers(tar: AsyncIterable<Uint8Array>): Promise<number> {
  let count = 0;
  for await (const _member of readTar(tar)) count++;
  return count;
}

async function checkTar(path: string, count: () => Promise<number>): Promise<void> {
  const refuse = (why: Sentence, cause?: unknown) =>
    new BuilderError('base-unsupported', say`${path} is no tar of a root file system: ${why}`, {
      cause,
      hint: say`Give a tar, plain or packed with gzip or zstd, of everything below /.`,
    });
  try {
    if ((await count()) > 0) return;
  } catch (error) {
    throw isBuilderError(error, 'image-invalid') ? refuse(error.message, error) : error;
  }
  throw refuse(say`it holds nothing`);
}

function configOf(diffId: ImageConfig['rootfs']['diff_ids'][number], options: RootfsContentOptions): ImageConfig {
  const { env = [], entrypoint, cmd, user, workingDir } = options.config ?? {};
  const hasPath = env.some((entry) => entry.startsWith('PATH='));
  return {
    created,
    ...(options.platform ?? defaultPlatform),
    config: {
      Env: hasPath ? env : [defaultPath, ...env],
      ...(entrypoint && { Entrypoint: entrypoint }),
      ...(cmd && { Cmd: cmd }),
      ...(user !== undefined && { User: user }),
      ...(workingDir !== undefined && { WorkingDir: workingDir }),
    },
    rootfs: { type: 'layers', diff_ids: [diffId] },
    history: [{ created, created_by: 'imagewright import rootfs' }],
  };
}
