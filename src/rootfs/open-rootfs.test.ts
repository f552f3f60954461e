import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BuilderError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, digestOf } from '../oci/digest.ts';
import { mediaTypes } from '../oci/media-types.ts';
import { parseReference } from '../oci/reference.ts';
import type { ResolvedImage } from '../registry/client/resolved-image.ts';
import { say } from '../sentence.ts';
import { createThreadPool } from '../threads/thread-pool.ts';
import type { RootfsEntry } from './entry.ts';
import { decodeLayerIndex, encodeLayerIndex } from './layer-index-codec.ts';
import { type BlobSource, type IndexProgress, type OpenRootfsOptions, openRootfs } from './open-rootfs.ts';
import { inChunks, writeTar } from './tar.fixture.ts';

interface FixtureLayer {
  readonly tar: Buffer;
  readonly blob: Buffer;
  readonly diffId: Digest;
  readonly descriptor: Descriptor;
}

function layer(path: string, body: string): FixtureLayer {
  const tar = writeTar([{ path, body }]);
  const blob = gzipSync(tar);
  const descriptor = { mediaType: mediaTypes.ociLayerGzip, digest: digestOf(blob), size: blob.length };
  return { tar, blob, diffId: digestOf(tar), descriptor };
}

function imageOf(layers: readonly FixtureLayer[]): ResolvedImage {
  const config = { mediaType: mediaTypes.ociConfig, digest: digestOf('{}'), size: 2 };
  return {
    reference: parseReference('registry.example.com/team/base:1'),
    digest: digestOf('manifest'),
    platform: { os: 'linux', architecture: 'amd64' },
    manifest: {
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config,
      layers: layers.map((each) => each.descriptor),
    },
    config: {
      os: 'linux',
      architecture: 'amd64',
      rootfs: { type: 'layers', diff_ids: layers.map((each) => each.diffId) },
    },
  };
}

/** Serves blobs from memory, verifies them at their end as a client does, and notes what was asked for. */
function blobsOf(layers: readonly FixtureLayer[], damage = (blob: Buffer) => blob): BlobSource & { asked: string[] } {
  const asked: string[] = [];
  async function* verified(digest: Digest) {
    const bytes = damage(layers.find(({ descriptor }) => descriptor.digest === digest)!.blob);
    yield* inChunks(bytes, [50]);
    if (digestOf(bytes) !== digest) throw new BuilderError('content-mismatch', say`the bytes are other ones`);
  }
  return {
    asked,
    async getBlob(repository, { digest }) {
      expect(repository.name).toBe('team/base');
      asked.push(digest);
      return verified(digest);
    },
  };
}

let cacheDir: string;
const threads = createThreadPool(2);
const open = (image: ResolvedImage, options: Omit<OpenRootfsOptions, 'threads'>) =>
  openRootfs(image, { threads, ...options });

beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'open-rootfs-'));
});
afterAll(async () => {
  await threads[Symbol.asyncDispose]();
  await rm(cacheDir, { recursive: true });
});

describe('openRootfs', () => {
  test('reads each layer once for ever, in the order of the manifest', async () => {
    const layers = [layer('etc/os-release', 'ID=a\n'), layer('etc/os-release', 'ID=b\n'), layer('c', 'c')];
    const image = imageOf([...layers, layers[0]!]);
    const client = blobsOf(layers);
    const progress: IndexProgress[] = [];
    const rootfs = await open(image, { client, cacheDir, onProgress: (each) => progress.push(each) });
    expect(rootfs.read('/etc/os-release')?.toString()).toBe('ID=a\n');
    expect(rootfs.entry('/c')).toMatchObject({ type: 'file', sizeBytes: 1 });
    expect(client.asked.sort()).toEqual(layers.map(({ descriptor }) => descriptor.digest).sort());
    const bytes = layers.reduce((sum, { blob }) => sum + blob.length, 0);
    expect(progress.at(-1)).toEqual({ done: 3, total: 3, bytes });

    const again = await open(image, { client: blobsOf([]), cacheDir });
    expect(again.read('/etc/os-release')?.toString()).toBe('ID=a\n');
  });

  test('makes a damaged index anew', async () => {
    const layers = [layer('d', 'damaged')];
    await open(imageOf(layers), { client: blobsOf(layers), cacheDir });
    const name = (await readdir(join(cacheDir, 'rootfs'))).find((file) =>
      file.includes(layers[0]!.descriptor.digest.slice(7)),
    )!;
    const file = join(cacheDir, 'rootfs', name);
    const good = await readFile(file);
    const bad = Buffer.from(good);
    bad[good.length >> 1]! ^= 1;
    await writeFile(file, bad);
    const client = blobsOf(layers);
    const rootfs = await open(imageOf(layers), { client, cacheDir });
    expect(rootfs.entry('/d')?.type).toBe('file');
    expect(client.asked).toHaveLength(1);
    expect((await readFile(file)).equals(good)).toBe(true);
  });

  test('refuses a layer that is not what the configuration says, also when its index is kept', async () => {
    const honest = layer('e', 'e');
    const lying = { ...honest, diffId: digestOf('other') };
    const openLying = () => open(imageOf([lying]), { client: blobsOf([honest]), cacheDir });
    await expect(openLying()).rejects.toMatchObject({ code: 'image-invalid' });
    await open(imageOf([honest]), { client: blobsOf([honest]), cacheDir });
    await expect(openLying()).rejects.toMatchObject({ code: 'image-invalid' });
    const missing = imageOf([honest]);
    const config = { ...missing.config, rootfs: { type: 'layers' as const, diff_ids: [] } };
    await expect(open({ ...missing, config }, { client: blobsOf([]), cacheDir })).rejects.toMatchObject({
      code: 'image-invalid',
    });
  });

  test('blames the way, not the image, for bytes damaged on it', async () => {
    const layers = [layer('f', 'f'.repeat(5000))];
    const damage = (blob: Buffer) => Buffer.concat([blob.subarray(0, 20), Buffer.from([255]), blob.subarray(21)]);
    const client = blobsOf(layers, damage);
    await expect(open(imageOf(layers), { client, cacheDir })).rejects.toMatchObject({ code: 'content-mismatch' });
  });

  test('blames the image for a blob that is what its digest says, but no tar', async () => {
    const blob = Buffer.from('no gzip at all');
    const broken = {
      ...layer('g', 'g'),
      blob,
      descriptor: { mediaType: mediaTypes.ociLayerGzip, digest: digestOf(blob), size: 14 },
    };
    const client = blobsOf([broken]);
    await expect(open(imageOf([broken]), { client, cacheDir })).rejects.toMatchObject({ code: 'image-invalid' });
  });

  test('refuses layers of a type that it cannot read', async () => {
    const foreign = layer('h', 'h');
    const mediaType = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip';
    const image = imageOf([{ ...foreign, descriptor: { ...foreign.descriptor, mediaType } }]);
    await expect(open(image, { client: blobsOf([foreign]), cacheDir })).rejects.toMatchObject({
      code: 'base-unsupported',
      message: expect.stringContaining(mediaType),
    });
  });

  test('stops when it is told to, before and while it reads', async () => {
    const layers = [layer('i', 'i')];
    const client = blobsOf(layers);
    const signal = AbortSignal.abort();
    await expect(open(imageOf(layers), { client, cacheDir, signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(client.asked).toEqual([]);
    const abort = new AbortController();
    const stuck: BlobSource = {
      async getBlob() {
        setImmediate(() => abort.abort());
        return new ReadableStream<Uint8Array>();
      },
    };
    await expect(open(imageOf(layers), { client: stuck, cacheDir, signal: abort.signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});

describe('a kept index', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((each) => !each.includes('\0'));
  const attributes = { mode: fc.nat(0o7777), uid: fc.nat(), gid: fc.nat() };
  const xattrs = fc.dictionary(
    text.filter((key) => key !== '__proto__'),
    fc.base64String(),
    { minKeys: 1, maxKeys: 2, noNullPrototype: true },
  );
  const entry = fc.oneof(
    fc.record(
      { type: fc.constant('directory' as const), ...attributes, xattrs },
      { requiredKeys: ['type', 'mode', 'uid', 'gid'] },
    ),
    fc.record({ type: fc.constant('file' as const), ...attributes, sizeBytes: fc.maxSafeNat() }),
    fc.record({ type: fc.constant('symlink' as const), ...attributes, target: text }),
    fc.record({ type: fc.constant('other' as const), ...attributes }),
  ) as fc.Arbitrary<RootfsEntry>;
  const paths = fc.array(
    text.map((each) => `/${each}`),
    { maxLength: 3 },
  );
  const index = fc.record(
    {
      entries: fc
        .array(
          fc.tuple(
            text.map((each) => `/${each}`),
            entry,
          ),
          { maxLength: 20 },
        )
        .map((pairs) => new Map(pairs)),
      whiteouts: paths,
      opaques: paths,
      contents: fc
        .array(
          fc.tuple(
            text,
            fc.uint8Array().map((bytes) => Buffer.from(bytes)),
          ),
        )
        .map((pairs) => new Map(pairs)),
      omitted: paths,
    },
    { requiredKeys: ['entries', 'whiteouts', 'opaques', 'contents'] },
  );
  const diffId = digestOf('tar');

  test('says what it said', () => {
    fc.assert(
      fc.property(index, (given) => {
        expect(decodeLayerIndex(encodeLayerIndex({ index: given, diffId }))).toEqual({ index: given, diffId });
      }),
    );
  });

  test('is not read when anything of it is damaged or missing', () => {
    const bytes = encodeLayerIndex({
      index: {
        entries: new Map([['/a', { type: 'file', mode: 0o644, uid: 0, gid: 0, sizeBytes: 1 }]]),
        whiteouts: ['/b'],
        opaques: [],
        contents: new Map([['/a', Buffer.from('x')]]),
      },
      diffId,
    });
    for (let at = 0; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 0x10;
      expect(decodeLayerIndex(damaged)).toBeUndefined();
      expect(decodeLayerIndex(bytes.subarray(0, at))).toBeUndefined();
    }
  });
});
