import { BuilderError } from '../../errors.ts';
import { type ImageConfig, maxConfigBytes, parseImageConfig } from '../../oci/image-config.ts';
import { type Index, isIndex, type Manifest, parseManifestOrIndex } from '../../oci/manifest.ts';
import { mediaTypes } from '../../oci/media-types.ts';
import { formatPlatform, matchesPlatform, type Platform } from '../../oci/platform.ts';
import { formatReference, type Reference } from '../../oci/reference.ts';
import type { Sentence } from '../../sentence.ts';
import { say } from '../../sentence.ts';
import type { CallOptions, RegistryClient, ServedManifest } from './registry-client.ts';
import { accessHint } from './registry-error.ts';
import type { ResolvedImage } from './resolved-image.ts';

/** An index may hold indexes; deeper than this is no image that a tool makes. */
const maxIndexDepth = 2;
const maxPlatformsTold = 20;

/**
 * Finds the image of a reference for a platform: its manifest and configuration, verified. Throws `base-not-found`,
 * `platform-unavailable` with what there is, `base-unsupported` for what is no container image, and what the client throws.
 */
export async function resolveImage(
  client: RegistryClient,
  reference: Reference,
  platform: Platform,
  { signal }: CallOptions = {},
): Promise<ResolvedImage> {
  const { repository } = reference;
  const served = await findServed(client, reference, platform, { signal });
  const { manifest, digest } = served;
  checkIsImage(manifest, reference);
  const bytes = await client.readBlob(repository, manifest.config, { maxBytes: maxConfigBytes, signal });
  const config = parseImageConfig(bytes);
  if (!matchesPlatform(platform, config)) throw unavailable(reference, platform, [config]);
  checkLayerCount(manifest, config, reference);
  return { reference, digest, platform: platformOf(config), manifest, config };
}

/** Goes down from what the reference names to the manifest for the platform. */
async function findServed(client: RegistryClient, reference: Reference, platform: Platform, call: CallOptions) {
  const named = reference.digest ?? reference.tag!;
  let served = await client.getManifest(reference.repository, named, call);
  if (served === undefined) throw await notFound(client, reference);
  for (let depth = 0; ; depth++) {
    const parsed = parse(served, reference);
    if (!isIndex(parsed)) return { manifest: parsed, digest: served.digest };
    if (depth === maxIndexDepth)
      throw unsupported(reference, say`its indexes are nested more than ${maxIndexDepth} deep`);
    const chosen = choose(parsed, platform);
    if (chosen === undefined) throw unavailable(reference, platform, platformsOf(parsed));
    served = await client.getManifest(reference.repository, chosen.digest, call);
    if (served === undefined) throw await notFound(client, { repository: reference.repository, digest: chosen.digest });
  }
}

function parse(served: ServedManifest, reference: Reference): Manifest | Index {
  if (served.mediaType === '') throw unsupported(reference, say`the registry does not say of what type it is`);
  return parseManifestOrIndex(served.bytes, served.mediaType);
}

/** The entry for the platform, the first when several variants would do; else the one entry without a platform, or a nested index, to look into. */
function choose({ manifests }: Index, platform: Platform) {
  const matching = manifests.filter((entry) => entry.platform && matchesPlatform(platform, entry.platform));
  const exact = matching.find((entry) => formatPlatform(entry.platform!) === formatPlatform(platform));
  if (matching.length > 0) return exact ?? matching[0];
  const unlabelled = manifests.filter((entry) => entry.platform === undefined && entry.artifactType === undefined);
  return unlabelled.length === 1 ? unlabelled[0] : undefined;
}

function platformsOf({ manifests }: Index): Platform[] {
  // Build tools list attestations beside the images, as "unknown/unknown".
  return manifests.flatMap(({ platform }) => (platform && platform.os !== 'unknown' ? [platform] : []));
}

function platformOf({ os, architecture, variant }: ImageConfig): Platform {
  return { os, architecture, ...(typeof variant === 'string' && variant !== '' && { variant }) };
}

function checkIsImage({ config, artifactType }: Manifest, reference: Reference): void {
  if (config.mediaType === mediaTypes.ociConfig || config.mediaType === mediaTypes.dockerConfig) return;
  throw unsupported(
    reference,
    say`it is an artifact of type ${JSON.stringify((artifactType ?? config.mediaType).slice(0, 120))}`,
  );
}

function checkLayerCount({ layers }: Manifest, { rootfs }: ImageConfig, reference: Reference): void {
  if (layers.length === rootfs.diff_ids.length) return;
  throw new BuilderError(
    'registry-invalid-response',
    say`${formatReference(reference)} has ${layers.length} layers, but its configuration names ${rootfs.diff_ids.length}`,
    { hint: say`The image is damaged: push it again.` },
  );
}

async function notFound(client: RegistryClient, reference: Reference): Promise<BuilderError> {
  const { registry } = reference.repository;
  const hasCredentials = await client.hasCredentials(reference.repository);
  return new BuilderError('base-not-found', say`${formatReference(reference)} is not in the registry`, {
    hint: hasCredentials
      ? say`Check the spelling of repository and tag.`
      : say`Check the spelling. If the repository is private: ${accessHint(registry, false)}`,
  });
}

function unavailable(reference: Reference, platform: Platform, offered: readonly Platform[]): BuilderError {
  const names = [...new Set(offered.map(formatPlatform))].filter((name) => /^[\w./-]{1,80}$/.test(name));
  const told = names.length === 0 ? 'no platform at all' : names.slice(0, maxPlatformsTold).join(', ');
  return new BuilderError(
    'platform-unavailable',
    say`${formatReference(reference)} is not for ${formatPlatform(platform)}, but for ${told}`,
    { hint: say`Choose another base image, or another platform with --platform.` },
  );
}

function unsupported(reference: Reference, why: Sentence): BuilderError {
  return new BuilderError('base-unsupported', say`${formatReference(reference)} is not a container image: ${why}`, {
    hint: say`Name a container image, such as docker or podman can run.`,
  });
}
