import { describe, expect, it } from 'vitest';
import { digestOf } from './digest.ts';
import { parseImageConfig } from './image-config.ts';
import { isIndex, parseManifestOrIndex } from './manifest.ts';
import { mediaTypes } from './media-types.ts';

const descriptor = (mediaType: string) => ({ mediaType, digest: digestOf('x'), size: 1 });
const manifest = {
  schemaVersion: 2,
  mediaType: mediaTypes.ociManifest,
  config: descriptor(mediaTypes.ociConfig),
  layers: [descriptor(mediaTypes.ociLayerGzip)],
};
const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [descriptor(mediaTypes.ociManifest)] };
const parse = (value: unknown, type: string) => parseManifestOrIndex(Buffer.from(JSON.stringify(value)), type);

describe('parseManifestOrIndex', () => {
  it('tells manifest from index', () => {
    expect(isIndex(parse(manifest, mediaTypes.ociManifest))).toBe(false);
    expect(isIndex(parse(index, mediaTypes.ociIndex))).toBe(true);
  });

  it('takes a manifest without a mediaType of its own', () => {
    const { mediaType: _, ...bare } = manifest;
    expect(parse(bare, mediaTypes.dockerManifest)).toMatchObject({ mediaType: mediaTypes.dockerManifest });
  });

  it.each([
    ['that could be read both ways', { ...manifest, manifests: [] }, mediaTypes.ociManifest],
    ['served as another type', manifest, mediaTypes.dockerManifest],
    ['of schema 1', { ...manifest, schemaVersion: 1 }, mediaTypes.ociManifest],
    ['of an unknown type', { ...manifest, mediaType: 'text/html' }, 'text/html'],
    ['without layers', { ...manifest, layers: undefined }, mediaTypes.ociManifest],
    [
      'with a traversal in a digest',
      { ...manifest, config: { ...manifest.config, digest: 'sha256:../x' } },
      mediaTypes.ociManifest,
    ],
    ['with a negative size', { ...manifest, layers: [{ ...manifest.layers[0], size: -1 }] }, mediaTypes.ociManifest],
    [
      'with a fraction for a size',
      { ...manifest, layers: [{ ...manifest.layers[0], size: 1.5 }] },
      mediaTypes.ociManifest,
    ],
    ['with annotations that are no strings', { ...manifest, annotations: { a: 1 } }, mediaTypes.ociManifest],
    ['that is a list', [], mediaTypes.ociManifest],
  ])('refuses one %s', (_what, value, type) => {
    expect(() => parse(value, type)).toThrowError(expect.objectContaining({ code: 'registry-invalid-response' }));
  });

  it('refuses what is no JSON', () => {
    expect(() => parseManifestOrIndex(Buffer.from('<html>'), mediaTypes.ociManifest)).toThrow('it is not JSON');
  });
});

describe('parseImageConfig', () => {
  const config = { os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [digestOf('x')] } };
  const parseConfig = (value: unknown) => parseImageConfig(Buffer.from(JSON.stringify(value)));

  it('keeps members it does not know', () => {
    expect(parseConfig({ ...config, custom: { a: 1 } })).toMatchObject({ custom: { a: 1 } });
  });

  it('takes null for what Docker leaves empty', () => {
    expect(
      parseConfig({ ...config, history: null, config: { Entrypoint: null, Cmd: null, Labels: null } }),
    ).toBeTruthy();
  });

  it.each([
    ['no os', { ...config, os: undefined }],
    ['no rootfs', { ...config, rootfs: undefined }],
    ['a bad diff_id', { ...config, rootfs: { type: 'layers', diff_ids: ['x'] } }],
    ['an Env that is no list of strings', { ...config, config: { Env: [1] } }],
    ['a User that is no string', { ...config, config: { User: 1000 } }],
  ])('refuses %s', (_what, value) => {
    expect(() => parseConfig(value)).toThrowError(expect.objectContaining({ code: 'registry-invalid-response' }));
  });
});
