import { BuilderError } from '../errors.ts';
import type { Sentence } from '../sentence.ts';
import { say } from '../sentence.ts';
import type { Descriptor } from './descriptor.ts';
import { isDigest } from './digest.ts';
import { isIndexType, isManifestType, mediaTypes } from './media-types.ts';
import type { Platform } from './platform.ts';

/** One image for one platform, image-spec manifest.md; Docker's schema 2 has the same shape. */
export interface Manifest {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly artifactType?: string;
  readonly config: Descriptor;
  /** Lowest layer first. */
  readonly layers: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A list of images, usually one a platform, image-spec image-index.md; Docker's manifest list has the same shape. */
export interface Index {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly manifests: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Largest manifest that is read or accepted, in bytes (distribution-spec "Pushing Manifests" asks for at least 4 MiB). */
export const maxManifestBytes = 4 * 1024 * 1024;

/** Reads a manifest or index, given its bytes and the media type it was served with. Throws `registry-invalid-response`. */
export function parseManifestOrIndex(bytes: Uint8Array, servedType: string): Manifest | Index {
  const json = parseObject(bytes);
  const own = json.mediaType;
  if (own !== undefined && own !== servedType) {
    refuse(say`its mediaType is ${quoted(own)}, but it was served as ${quoted(servedType)}`);
  }
  if (json.schemaVersion !== 2) refuse(say`schemaVersion is ${quoted(json.schemaVersion)}, not 2`);
  // An object that could be read both ways is refused (CVE-2021-41190).
  if ('manifests' in json && ('layers' in json || 'config' in json)) refuse(say`it is both a manifest and an index`);
  if (isIndexType(servedType)) return parseIndex(json, servedType);
  if (isManifestType(servedType)) return parseManifest(json, servedType);
  return refuse(say`its type is ${quoted(servedType)}, which is no image`);
}

export function isIndex(value: Manifest | Index): value is Index {
  return 'manifests' in value;
}

function parseManifest(json: JsonObject, mediaType: string): Manifest {
  if (!Array.isArray(json.layers)) refuse(say`it has no list of layers`);
  return {
    schemaVersion: 2,
    mediaType,
    ...(typeof json.artifactType === 'string' && { artifactType: json.artifactType }),
    config: parseDescriptor(json.config, 'config'),
    layers: (json.layers as unknown[]).map((layer, i) => parseDescriptor(layer, `layers[${i}]`)),
    ...optionalMembers(json),
  };
}

function parseIndex(json: JsonObject, mediaType: string): Index {
  if (!Array.isArray(json.manifests)) refuse(say`it has no list of manifests`);
  return {
    schemaVersion: 2,
    mediaType,
    manifests: (json.manifests as unknown[]).map((manifest, i) => parseDescriptor(manifest, `manifests[${i}]`)),
    ...optionalMembers(json),
  };
}

function optionalMembers(json: JsonObject): { subject?: Descriptor; annotations?: Record<string, string> } {
  return {
    ...(json.subject !== undefined && { subject: parseDescriptor(json.subject, 'subject') }),
    ...(json.annotations !== undefined && { annotations: parseStringMap(json.annotations, 'annotations') }),
  };
}

/** Reads one descriptor of untrusted JSON; `where` names it in the error. Throws `registry-invalid-response`. */
export function parseDescriptor(value: unknown, where: string): Descriptor {
  if (!isObject(value)) return refuse(say`${where} is not a descriptor`);
  const { mediaType, digest, size, annotations, platform, artifactType } = value;
  if (typeof mediaType !== 'string') return refuse(say`${where} has no mediaType`);
  if (typeof digest !== 'string' || !isDigest(digest)) return refuse(say`${where} has no valid digest`);
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    return refuse(say`${where} has no valid size`);
  return {
    mediaType,
    digest,
    size,
    ...(annotations !== undefined && { annotations: parseStringMap(annotations, `${where}.annotations`) }),
    ...(platform !== undefined && { platform: parseDescriptorPlatform(platform, where) }),
    ...(typeof artifactType === 'string' && { artifactType }),
  };
}

function parseDescriptorPlatform(value: unknown, where: string): Platform {
  if (!isObject(value) || typeof value.os !== 'string' || typeof value.architecture !== 'string') {
    return refuse(say`${where} has no valid platform`);
  }
  const { os, architecture, variant } = value;
  return { os, architecture, ...(typeof variant === 'string' && variant !== '' && { variant }) };
}

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads JSON that must be an object. Throws `registry-invalid-response`. */
export function parseObject(bytes: Uint8Array): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    return refuse(say`it is not JSON`, error);
  }
  return isObject(value) ? value : refuse(say`it is not a JSON object`);
}

export function parseStringMap(value: unknown, where: string): Record<string, string> {
  if (!isObject(value)) return refuse(say`${where} is not an object`);
  for (const [key, member] of Object.entries(value)) {
    if (typeof member !== 'string') refuse(say`${where}.${key} is not a string`);
  }
  return value as Record<string, string>;
}

function quoted(value: unknown): string {
  return JSON.stringify(String(value).slice(0, 120));
}

function refuse(why: Sentence, cause?: unknown): never {
  throw new BuilderError('registry-invalid-response', say`The registry served something that is not an image: ${why}`, {
    cause,
    hint: say`Check that the reference names a container image (${mediaTypes.ociManifest} or Docker's schema 2).`,
  });
}
