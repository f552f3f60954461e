import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpClient } from '../../http/create-http-client.ts';
import { digestOf, hexOf } from '../../oci/digest.ts';
import { type Index, isIndex, type Manifest, parseManifestOrIndex } from '../../oci/manifest.ts';
import { mediaTypes } from '../../oci/media-types.ts';
import { parsePlatform } from '../../oci/platform.ts';
import { parseReference, type Reference } from '../../oci/reference.ts';
import { noCredentials } from '../../registry/client/credentials.ts';
import { createRegistryClient } from '../../registry/client/registry-client.ts';
import { writeTar } from '../../rootfs/tar.fixture.ts';
import { type RunningServer, startServer } from '../../server/start-server.ts';
import { validateImage } from '../validate-image.ts';
import { detectSource } from './detect-source.ts';
import { type ImportOptions, importImage } from './import-image.ts';

const client = createRegistryClient({ http: createHttpClient(), credentials: noCredentials });
let root: string;
let temporaryDir: string;
let server: RunningServer;
let count = 0;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'import-'));
  temporaryDir = join(root, 'tmp');
  await mkdir(temporaryDir);
  const listen = { host: '127.0.0.1', port: 0 };
  server = await startServer({ listen, dataDir: join(root, 'data'), log: () => {} });
});
afterAll(async () => {
  await server.close();
  await rm(root, { recursive: true, force: true });
});

const refTo = (name: string) => parseReference(`${new URL(server.url).host}/${name}`);
const save = async (name: string, bytes: Buffer | string) => {
  const path = join(root, `${count++}-${name}`);
  await writeFile(path, bytes);
  return path;
};
const run = async (source: string, target: Reference, options: Partial<ImportOptions> = {}) => {
  const result = await importImage(await detectSource(source, temporaryDir), target, {
    client,
    temporaryDir,
    ...options,
  });
  expect(await readdir(temporaryDir)).toEqual([]);
  return result;
};

async function pull(target: Reference): Promise<Manifest | Index> {
  const served = await client.getManifest(target.repository, target.digest ?? target.tag!);
  return parseManifestOrIndex(served!.bytes, served!.mediaType);
}

async function validated(target: Reference) {
  const served = await client.getManifest(target.repository, target.digest ?? target.tag!);
  return validateImage({
    manifestBytes: served!.bytes,
    mediaType: served!.mediaType,
    open: (descriptor) => client.getBlob(target.repository, descriptor),
  });
}

const rootfsTar = writeTar([
  { path: './', flag: '5', mode: 0o755 },
  { path: './etc', flag: '5', mode: 0o755 },
  { path: './etc/os-release', body: 'ID=debian\n' },
  { path: './etc/same', flag: '1', linkPath: './etc/os-release' },
  { path: './dev', flag: '5', mode: 0o755 },
  { path: './dev/null', flag: '3' },
]);
const layerTars = ['one', 'two'].map((name) => writeTar([{ path: name, body: name.repeat(1000) }]));

const configOf = (tars: readonly Buffer[], architecture = 'amd64') =>
  JSON.stringify({
    architecture,
    os: 'linux',
    config: { Env: ['A=b'] },
    rootfs: { type: 'layers', diff_ids: tars.map((tar) => digestOf(tar)) },
  });

describe('a root file system', () => {
  it('becomes an image of one layer, the same however it is packed', async () => {
    const packed = [rootfsTar, gzipSync(rootfsTar), zstdCompressSync(rootfsTar)];
    const digests = new Set<string>();
    for (const bytes of packed) {
      const { digest, layers } = await run(await save('rootfs', bytes), refTo('rootfs:1'));
      expect(layers).toBe(1);
      digests.add(digest);
    }
    expect(digests.size).toBe(1);
    const { manifest, config, tree } = await validated(refTo('rootfs:1'));
    expect(manifest.layers[0]!.mediaType).toBe(mediaTypes.ociLayerZstd);
    expect(config.rootfs.diff_ids).toEqual([digestOf(rootfsTar)]);
    expect(config.config?.Env).toEqual([expect.stringMatching(/^PATH=.*\/usr\/bin/)]);
    expect([...tree.keys()]).toContain('/etc/os-release');
  });

  it('is started as told', async () => {
    const config = { env: ['PATH=/bin', 'A=b'], entrypoint: ['/init'], cmd: ['x'], user: '1000', workingDir: '/home' };
    const platform = parsePlatform('linux/arm64');
    await run(await save('r.tar', rootfsTar), refTo('rootfs:2'), { compression: 'gzip', config, platform });
    const image = await validated(refTo('rootfs:2'));
    expect(image.manifest.layers[0]!.mediaType).toBe(mediaTypes.ociLayerGzip);
    expect(image.config).toMatchObject({
      architecture: 'arm64',
      config: { Env: ['PATH=/bin', 'A=b'], Entrypoint: ['/init'], Cmd: ['x'], User: '1000', WorkingDir: '/home' },
    });
  });

  it('sends nothing the second time', async () => {
    const path = await save('again.tar', rootfsTar);
    const first = await run(path, refTo('rootfs/again:1'));
    expect(first.bytesPushed).toBeGreaterThan(0);
    expect(await run(path, refTo('rootfs/again:1'))).toEqual({ ...first, bytesPushed: 0 });
  });

  it.each([
    ['cut off', rootfsTar.subarray(0, 2500)],
    ['cut off within gzip', gzipSync(rootfsTar).subarray(0, 100)],
    ['no tar', Buffer.alloc(5000, 'x')],
    ['empty', Buffer.alloc(0)],
    ['an empty tar', writeTar([])],
  ])('is refused when it is %s', async (_what, bytes) => {
    const path = await save('broken.tar', bytes);
    await expect(run(`rootfs:${path}`, refTo('broken:1'))).rejects.toMatchObject({ code: 'base-unsupported' });
    expect(await client.getManifest(refTo('broken:1').repository, '1')).toBeUndefined();
    expect(await readdir(temporaryDir)).toEqual([]);
  });
});

describe('an archive of docker', () => {
  const archive = (images: readonly object[], extra: Parameters<typeof writeTar>[0] = []) =>
    writeTar([
      { path: 'aa/layer.tar', body: layerTars[0]! },
      { path: 'bb/layer.tar', body: layerTars[1]! },
      { path: 'cc/layer.tar', flag: '2', linkPath: '../aa/layer.tar' },
      { path: 'config.json', body: configOf(layerTars) },
      ...extra,
      { path: 'manifest.json', body: JSON.stringify(images) },
    ]);
  const image = { Config: 'config.json', RepoTags: ['team/a:1'], Layers: ['aa/layer.tar', 'bb/layer.tar'] };

  it.each(['plain', 'gzip'])('keeps its configuration and gets compressed layers (%s)', async (packing) => {
    const bytes = archive([image]);
    const path = await save('docker.tar', packing === 'gzip' ? gzipSync(bytes) : bytes);
    await run(`docker-archive:${path}`, refTo('docker:1'));
    const { manifest } = await validated(refTo('docker:1'));
    expect(manifest.config.digest).toBe(digestOf(configOf(layerTars)));
    expect(manifest.layers.map(({ mediaType }) => mediaType)).toEqual(Array(2).fill(mediaTypes.ociLayerZstd));
  });

  it('keeps layers that are compressed, as containerd saves them', async () => {
    const blobs = layerTars.map((tar) => gzipSync(tar));
    const names = blobs.map((blob) => `blobs/sha256/${hexOf(digestOf(blob))}`);
    const bytes = writeTar([
      ...blobs.map((body, i) => ({ path: names[i]!, body })),
      { path: 'config', body: configOf(layerTars) },
      { path: 'oci-layout', body: '{"imageLayoutVersion":"1.0.0"}' },
      { path: 'manifest.json', body: JSON.stringify([{ Config: 'config', RepoTags: null, Layers: names }]) },
    ]);
    const path = await save('containerd.tar', bytes);
    expect(await detectSource(path, temporaryDir)).toEqual({ type: 'docker-archive', path });
    await run(path, refTo('containerd:1'));
    const { manifest } = await validated(refTo('containerd:1'));
    expect(manifest.layers.map(({ digest }) => digest)).toEqual(blobs.map((blob) => digestOf(blob)));
  });

  it('reads a layer that is linked', async () => {
    const twice = [layerTars[0]!, layerTars[0]!];
    const bytes = archive(
      [{ Config: 'twice', Layers: ['aa/layer.tar', 'cc/layer.tar'] }],
      [{ path: 'twice', body: configOf(twice) }],
    );
    const { layers } = await run(`docker-archive:${await save('linked.tar', bytes)}`, refTo('linked:1'));
    expect(layers).toBe(1);
    expect(await pull(refTo('linked:1'))).toMatchObject({ layers: [{}, {}] });
  });

  it('asks which of several images is meant', async () => {
    const path = await save('two.tar', archive([image, { ...image, RepoTags: ['team/b:2'] }]));
    await expect(run(`docker-archive:${path}`, refTo('two:1'))).rejects.toMatchObject({
      code: 'base-not-found',
      hint: expect.stringContaining('team/a:1, team/b:2'),
    });
    await expect(run(`docker-archive:${path}:team/c:3`, refTo('two:1'))).rejects.toMatchObject({
      code: 'base-not-found',
    });
    expect((await run(`docker-archive:${path}:team/b:2`, refTo('two:1'))).layers).toBe(2);
  });

  it.each([
    ['a layer that is another', [{ ...image, Layers: ['bb/layer.tar', 'aa/layer.tar'] }]],
    ['a layer too few', [{ ...image, Layers: ['aa/layer.tar'] }]],
    ['a layer that is missing', [{ ...image, Layers: ['aa/layer.tar', '../../etc/hostname'] }]],
    ['no list of layers', [{ Config: 'config.json' }]],
    ['numbers for layers', [{ Config: 'config.json', Layers: [1] }]],
    ['no configuration', [{ Config: '/etc/hostname', Layers: [] }]],
  ])('is refused with %s', async (_what, images) => {
    const path = await save('bad.tar', archive(images));
    await expect(run(`docker-archive:${path}`, refTo('bad:1'))).rejects.toMatchObject({ code: 'image-invalid' });
    expect(await readdir(temporaryDir)).toEqual([]);
  });
});

describe('an OCI image layout', () => {
  const bytesOf = (value: object) => Buffer.from(JSON.stringify(value));
  const descriptorOf = (mediaType: string, bytes: Buffer, more: object = {}) => {
    return { mediaType, digest: digestOf(bytes), size: bytes.length, ...more };
  };

  function twoPlatforms() {
    const blobs: Buffer[] = [];
    const manifests = ['amd64', 'arm64'].map((architecture, i) => {
      const layer = gzipSync(layerTars[i]!);
      const config = Buffer.from(configOf([layerTars[i]!], architecture));
      const manifest = bytesOf({
        schemaVersion: 2,
        mediaType: mediaTypes.ociManifest,
        config: descriptorOf(mediaTypes.ociConfig, config),
        layers: [descriptorOf(mediaTypes.ociLayerGzip, layer)],
      });
      blobs.push(layer, config, manifest);
      return descriptorOf(mediaTypes.ociManifest, manifest, { platform: { os: 'linux', architecture } });
    });
    const index = bytesOf({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests });
    return { blobs: [...blobs, index], index, manifests };
  }

  const membersOf = (blobs: readonly Buffer[], indexJson: object) => [
    ...blobs.map((body) => ({ path: `blobs/sha256/${hexOf(digestOf(body))}`, body })),
    { path: 'index.json', body: bytesOf(indexJson) },
    { path: 'oci-layout', body: '{"imageLayoutVersion":"1.0.0"}' },
  ];

  const named = (name: string) => ({ annotations: { 'org.opencontainers.image.ref.name': name } });

  it('is copied with all its platforms, every digest as it was', async () => {
    const { blobs, index } = twoPlatforms();
    const entries = [descriptorOf(mediaTypes.ociIndex, index, named('v1'))];
    const path = await save('layout.tar', writeTar(membersOf(blobs, { schemaVersion: 2, manifests: entries })));
    for (const source of [path, `oci:${path}`, `oci:${path}:v1`]) {
      const { digest, layers } = await run(source, refTo('layout:1'));
      expect([digest, layers]).toEqual([digestOf(index), 2]);
    }
    expect(isIndex(await pull(refTo('layout:1')))).toBe(true);
    await expect(run(`oci:${path}:v2`, refTo('layout:1'))).rejects.toMatchObject({
      hint: expect.stringContaining('v1'),
    });
  });

  it('gives one platform when asked', async () => {
    const { blobs, index, manifests } = twoPlatforms();
    const entries = [descriptorOf(mediaTypes.ociIndex, index)];
    const path = await save('layout.tar', writeTar(membersOf(blobs, { schemaVersion: 2, manifests: entries })));
    const { digest } = await run(path, refTo('layout:arm'), { platform: parsePlatform('linux/arm64') });
    expect(digest).toBe(manifests[1]!.digest);
    expect((await validated(refTo('layout:arm'))).config.architecture).toBe('arm64');
    const s390x = run(path, refTo('layout:x'), { platform: parsePlatform('linux/s390x') });
    await expect(s390x).rejects.toMatchObject({
      code: 'platform-unavailable',
      hint: expect.stringContaining('linux/arm64'),
    });
  });

  it('may be a directory, and have its platforms side by side', async () => {
    const { blobs, manifests } = twoPlatforms();
    const directory = join(root, `layout-${count++}`);
    for (const { path, body } of membersOf(blobs, { schemaVersion: 2, manifests })) {
      await mkdir(join(directory, path, '..'), { recursive: true });
      await writeFile(join(directory, path), body);
    }
    const { digest } = await run(directory, refTo('layout:dir'));
    expect(digest).toBe(digestOf(bytesOf({ schemaVersion: 2, manifests })));
    expect(await pull({ ...refTo('layout:dir'), digest: manifests[0]!.digest })).toHaveProperty('layers');
    await rm(join(directory, 'blobs/sha256', hexOf(digestOf(blobs[0]!))));
    await expect(run(directory, refTo('layout/missing:1'))).rejects.toMatchObject({ code: 'image-invalid' });
  });

  it('is refused when a part is another or missing, and no tag points to it', async () => {
    const { blobs, index } = twoPlatforms();
    const indexJson = { schemaVersion: 2, manifests: [descriptorOf(mediaTypes.ociIndex, index)] };
    const members = membersOf(blobs, indexJson);
    for (const [i, code] of [
      [0, 'content-mismatch'],
      [2, 'content-mismatch'],
    ] as const) {
      const body = Buffer.from(members[i]!.body);
      body[body.length - 5]! ^= 1;
      const path = await save('damaged.tar', writeTar(members.with(i, { ...members[i]!, body })));
      await expect(run(`oci:${path}`, refTo('damaged:1'))).rejects.toMatchObject({ code });
    }
    for (const i of [0, 2]) {
      const path = await save('missing.tar', writeTar(members.toSpliced(i, 1)));
      await expect(run(`oci:${path}`, refTo('damaged:1'))).rejects.toMatchObject({ code: 'image-invalid' });
    }
    expect(await client.getManifest(refTo('damaged:1').repository, '1')).toBeUndefined();
  });

  it('is copied from registry to registry by mounting', async () => {
    const { blobs, index } = twoPlatforms();
    const entries = [descriptorOf(mediaTypes.ociIndex, index)];
    const path = await save('layout.tar', writeTar(membersOf(blobs, { schemaVersion: 2, manifests: entries })));
    await run(path, refTo('source:1'));
    const { host } = new URL(server.url);
    const copied = await run(`docker://${host}/source:1`, refTo('deep/target:9'));
    expect(copied).toMatchObject({ digest: digestOf(index), bytesPushed: 0, layers: 2 });
    expect(await run(`${host}/source@${digestOf(index)}`, refTo('deep/target:9'))).toMatchObject({ bytesPushed: 0 });
    await expect(run(`${host}/source:none`, refTo('x:1'))).rejects.toMatchObject({ code: 'base-not-found' });
  });
});

describe('detectSource', () => {
  it('takes what is no file for a reference', async () => {
    const reference = parseReference('registry.example.com/team/python:3.11');
    expect(await detectSource('registry.example.com/team/python:3.11', temporaryDir)).toEqual({
      type: 'registry',
      reference,
    });
  });

  it.each([
    './missing',
    '/nowhere/missing',
    'missing.tar',
    'missing.tar.zst',
    'rootfs:missing',
    'oci:missing:v1',
    'docker-archive:missing',
  ])('misses %s', async (text) => {
    await expect(detectSource(text, temporaryDir)).rejects.toMatchObject({ code: 'command-invalid' });
  });

  it('says what to do with the directory of a root file system', async () => {
    await expect(detectSource(root, temporaryDir)).rejects.toMatchObject({ hint: expect.stringContaining('tar -C') });
  });

  it('takes a tar that is no image for a root file system', async () => {
    const path = await save('some.tar', writeTar([{ path: 'manifest.jsonx' }, { path: 'manifest.json', body: '{}' }]));
    expect(await detectSource(path, temporaryDir)).toEqual({ type: 'rootfs', path });
  });
});
