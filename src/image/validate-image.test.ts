import { Readable } from 'node:stream';
import { zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type Digest, digestOf } from '../oci/digest.ts';
import { mediaTypes } from '../oci/media-types.ts';
import { type FixtureMember, writeTar } from '../rootfs/tar.fixture.ts';
import { type ImageToValidate, validateImage } from './validate-image.ts';

const directory = (path: string, more: Partial<FixtureMember> = {}): FixtureMember => ({
  path,
  flag: '5',
  mode: 0o755,
  ...more,
});
const file = (path: string, more: Partial<FixtureMember> = {}): FixtureMember => ({ path, body: 'x', ...more });
const link = (path: string, linkPath: string, flag = '2'): FixtureMember => ({ path, flag, linkPath, mode: 0o777 });

const base = [
  directory('usr'),
  directory('usr/bin'),
  file('usr/bin/env'),
  link('bin', 'usr/bin'),
  directory('priv', { mode: 0o700, uid: 1000 }),
];

/** An image of the base above and one layer of ours; `change` spoils its JSON or its blobs. */
function imageWith(
  added: readonly FixtureMember[],
  change: (parts: {
    manifest: Record<string, never>;
    config: Record<string, never>;
    blobs: Map<Digest, Buffer>;
  }) => void = () => {},
): ImageToValidate {
  const blobs = new Map<Digest, Buffer>();
  const store = (bytes: Buffer, mediaType: string) => {
    const digest = digestOf(bytes);
    blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const tars = [writeTar(base), writeTar(added)];
  const layers = tars.map((tar) => store(zstdCompressSync(tar), mediaTypes.ociLayerZstd));
  const config = {
    os: 'linux',
    architecture: 'amd64',
    rootfs: { type: 'layers', diff_ids: tars.map((tar) => digestOf(tar)) },
  };
  const manifest = { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config: {}, layers };
  change({ manifest, config, blobs } as never);
  if (Object.keys(manifest.config).length === 0)
    manifest.config = store(Buffer.from(JSON.stringify(config)), mediaTypes.ociConfig);
  return {
    manifestBytes: Buffer.from(JSON.stringify(manifest)),
    mediaType: mediaTypes.ociManifest,
    open: async ({ digest }) => Readable.from([blobs.get(digest)!]),
    baseLayers: 1,
  };
}

const findings = (image: ImageToValidate) =>
  validateImage(image).then(
    () => 'valid',
    (error: Error) => error.message,
  );

describe('validateImage', () => {
  it('passes a good image and shows what a container would', async () => {
    const image = imageWith([
      directory('usr'),
      directory('usr/bin'),
      file('usr/bin/.wh.env', { body: '' }),
      file('usr/bin/new'),
    ]);
    const { tree } = await validateImage(image);
    expect([...tree.keys()].sort()).toEqual(['/bin', '/priv', '/usr', '/usr/bin', '/usr/bin/new']);
  });

  it.each<[string, FixtureMember[]]>([
    ['stands in it twice', [file('a'), file('a')]],
    ['comes without its directory', [file('usr/bin/new')]],
    ['the directory /bin takes the place of a symlink', [directory('bin'), file('bin/new')]],
    ['takes the place of a directory', [file('usr')]],
    ['changes mode or owner of a directory below', [directory('priv'), file('priv/x')]],
    [
      'comes after a sibling',
      [directory('usr'), directory('usr/bin'), file('usr/bin/new'), file('usr/bin/.wh.env', { body: '' })],
    ],
    ['has content', [file('.wh.usr')]],
    ['removes nothing', [file('.wh.nothing', { body: '' })]],
    ['is not a canonical name', [file('./a')]],
    ['is not a canonical name', [file('/a')]],
    ['is not a canonical name', [file('usr/../a')]],
    ['is setuid or setgid', [file('su', { mode: 0o4755 })]],
    ['is linked to another layer', [link('a', 'usr/bin/env', '1')]],
  ])('finds: %s', async (finding, added) => expect(await findings(imageWith(added))).toContain(finding));

  it('finds a layer whose tar is not what the configuration says', async () => {
    const image = imageWith([file('a')], ({ config }) => {
      (config as never as { rootfs: { diff_ids: string[] } }).rootfs.diff_ids[1] = digestOf('other');
    });
    expect(await findings(image)).toContain('layer 1: the tar has digest');
  });

  it('finds a blob that is not what the manifest says', async () => {
    const image = imageWith([file('a')], ({ manifest, blobs }) => {
      const { digest } = (manifest as never as { layers: { digest: Digest }[] }).layers[1]!;
      blobs.set(digest, zstdCompressSync(writeTar([file('b')])));
    });
    expect(await findings(image)).toMatch(/layer 1: the blob has digest .*\n.*layer 1: the tar has digest/);
  });

  it.each([
    ['1 diff_ids for 2 layers', { rootfs: { type: 'layers', diff_ids: [digestOf('x')] } }],
    ['the history has 1 steps for 2 layers', { history: [{ created_by: 'one' }, { empty_layer: true }] }],
  ])('finds: %s', async (finding, spoilt) => {
    expect(await findings(imageWith([file('a')], ({ config }) => Object.assign(config, spoilt)))).toContain(finding);
  });
});
