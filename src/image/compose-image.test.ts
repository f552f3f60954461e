import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Layer } from '../layers/layer.ts';
import { digestOf } from '../oci/digest.ts';
import type { ImageConfig } from '../oci/image-config.ts';
import type { Manifest } from '../oci/manifest.ts';
import { mediaTypes } from '../oci/media-types.ts';
import { composeImage } from './compose-image.ts';

const layerOf = (name: string): Layer => ({
  descriptor: { mediaType: mediaTypes.ociLayerZstd, digest: digestOf(name), size: 10 },
  diffId: digestOf(`${name} tar`),
  unpackedBytes: 100,
  open: () => Readable.from([]),
});

const dockerManifest: Manifest = {
  schemaVersion: 2,
  mediaType: mediaTypes.dockerManifest,
  config: { mediaType: mediaTypes.dockerConfig, digest: digestOf('config'), size: 6 },
  layers: [{ mediaType: mediaTypes.dockerLayerGzip, digest: digestOf('base'), size: 5 }],
};

const config: ImageConfig = {
  os: 'linux',
  architecture: 'amd64',
  created: '2026-01-02T03:04:05Z',
  config: {
    User: '1000',
    Env: ['A=1', 'PATH=/opt/bin'],
    Entrypoint: ['/start'],
    Labels: { kept: 'yes' },
    StopSignal: 'SIGINT',
  },
  rootfs: { type: 'layers', diff_ids: [digestOf('base tar')] },
  history: [{ created_by: 'ADD rootfs' }, { created_by: 'ENV A=1', empty_layer: true }],
};

const compose = (base: { manifest: Manifest; config: ImageConfig }) =>
  composeImage({
    base,
    layers: [{ layer: layerOf('numpy'), title: 'pip: numpy 2.4.6' }],
    lockedBase: { reference: 'r.example.com/python:3', digest: digestOf('m'), platform: 'linux/amd64' },
    provenance: { lock: { lockVersion: 1 } },
    labels: { 'dev.example.revision': '1a2b3c4d' },
    annotations: {},
  });

describe('composeImage', () => {
  const image = compose({ manifest: dockerManifest, config });

  it('keeps how the base starts and adds labels', () => {
    expect(image.config.config).toEqual({
      ...config.config,
      Labels: { kept: 'yes', 'dev.example.revision': '1a2b3c4d' },
    });
  });

  it('puts layers, diff_ids and history on top of the base', () => {
    expect(image.config.rootfs.diff_ids).toEqual([digestOf('base tar'), digestOf('numpy tar')]);
    expect(image.config.history?.map((step) => step.created_by)).toEqual(['ADD rootfs', 'ENV A=1', 'pip: numpy 2.4.6']);
    expect(image.manifest.layers.map(({ digest }) => digest)).toEqual([digestOf('base'), digestOf('numpy')]);
  });

  it('calls Docker media types by their OCI names, since a zstd layer has no other', () => {
    expect(image.manifest.mediaType).toBe(mediaTypes.ociManifest);
    expect(image.manifest.layers[0]!.mediaType).toBe(mediaTypes.ociLayerGzip);
    expect(image.manifest.config.mediaType).toBe(mediaTypes.ociConfig);
  });

  it('describes its own configuration truly', () => {
    expect(image.manifest.config.digest).toBe(digestOf(image.configBytes));
    expect(image.digest).toBe(digestOf(image.manifestBytes));
    expect(JSON.parse(image.configBytes.toString()).imagewright.lock.lockVersion).toBe(1);
  });

  it('is a pure function: no time of its own', () => {
    expect(compose({ manifest: dockerManifest, config }).digest).toBe(image.digest);
    expect(image.config.created).toBe(config.created);
  });

  it('gives a base without a fitting history a plain one', () => {
    const { history: _, ...without } = config;
    const steps = compose({ manifest: dockerManifest, config: without }).config.history;
    expect(steps?.filter((step) => !step.empty_layer)).toHaveLength(2);
  });
});
