import type { Layer } from '../layers/layer.ts';
import type { LockedBase } from '../lock/lock.ts';
import { withVariables } from '../lock/prefix-variables.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, digestOf } from '../oci/digest.ts';
import type { HistoryEntry, ImageConfig } from '../oci/image-config.ts';
import type { Manifest } from '../oci/manifest.ts';
import { layerCompressionOf, mediaTypes, ociLayerType } from '../oci/media-types.ts';

/** A layer on top of the base, and what people should read about it. */
export interface NamedLayer {
  readonly layer: Layer;
  /** What made it, for the image's history: `pip: numpy 2.4.6`. */
  readonly title: string;
}

export interface ComposeRequest {
  readonly base: { readonly manifest: Manifest; readonly config: ImageConfig };
  /** Lowest first. */
  readonly layers: readonly NamedLayer[];
  readonly lockedBase: LockedBase;
  /** Put into the configuration under `imagewright`, where the image itself tells what it was built from. */
  readonly provenance: Readonly<Record<string, unknown>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Variables of the environment besides the base's, as `NAME=value`. */
  readonly variables?: readonly string[];
  readonly annotations: Readonly<Record<string, string>>;
}

/** An image in memory, its layers apart. */
export interface ComposedImage {
  readonly manifest: Manifest;
  readonly config: ImageConfig;
  readonly configBytes: Buffer;
  readonly manifestBytes: Buffer;
  readonly digest: Digest;
}

/** When the base does not say when it was made. */
const unknownTime = '1970-01-01T00:00:00Z';

/**
 * The base with layers on top, as an OCI image: its Env, User, Entrypoint, Cmd, Labels and all else are kept, Docker media types become
 * the OCI ones (the blobs are the same). A pure function, so the same parts give the same digest.
 */
export function composeImage(request: ComposeRequest): ComposedImage {
  const config = composeConfig(request);
  const configBytes = Buffer.from(JSON.stringify(config));
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: { mediaType: mediaTypes.ociConfig, digest: digestOf(configBytes), size: configBytes.length },
    layers: [...request.base.manifest.layers.map(asOciLayer), ...request.layers.map(({ layer }) => layer.descriptor)],
    annotations: {
      'org.opencontainers.image.base.name': request.lockedBase.reference,
      'org.opencontainers.image.base.digest': request.lockedBase.digest,
      ...request.annotations,
    },
  };
  const manifestBytes = Buffer.from(JSON.stringify(manifest));
  return { manifest, config, configBytes, manifestBytes, digest: digestOf(manifestBytes) };
}

function composeConfig({ base, layers, provenance, labels, variables = [] }: ComposeRequest): ImageConfig {
  const created = base.config.created ?? unknownTime;
  const steps = layers.map(({ title }): HistoryEntry => ({ created, created_by: title, comment: 'imagewright' }));
  return {
    ...base.config,
    created,
    config: { ...withVariables(base.config, variables).config, Labels: { ...base.config.config?.Labels, ...labels } },
    rootfs: {
      type: 'layers',
      diff_ids: [...base.config.rootfs.diff_ids, ...layers.map(({ layer }) => layer.diffId)],
    },
    history: [...baseHistory(base.config), ...steps],
    imagewright: provenance,
  };
}

/** Tools that convert images want as many steps with a layer as there are layers; a base whose history does not fit gets a plain one. */
function baseHistory(config: ImageConfig): readonly HistoryEntry[] {
  const history = config.history ?? [];
  const layerCount = config.rootfs.diff_ids.length;
  if (history.filter((step) => step.empty_layer !== true).length === layerCount) return history;
  return config.rootfs.diff_ids.map(() => ({ created: config.created ?? unknownTime, created_by: 'base image' }));
}

function asOciLayer(descriptor: Descriptor): Descriptor {
  const compression = layerCompressionOf(descriptor.mediaType);
  if (compression === undefined) throw new Error(`a base with ${descriptor.mediaType} layers should have been refused`);
  return { ...descriptor, mediaType: ociLayerType(compression) };
}
