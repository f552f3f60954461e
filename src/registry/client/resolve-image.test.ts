import { describe, expect, it } from 'vitest';
import { type Digest, digestOf } from '../../oci/digest.ts';
import { mediaTypes } from '../../oci/media-types.ts';
import { parsePlatform } from '../../oci/platform.ts';
import { parseReference } from '../../oci/reference.ts';
import type { RegistryClient } from './registry-client.ts';
import { resolveImage } from './resolve-image.ts';

const amd64 = parsePlatform('linux/amd64');
const reference = parseReference('registry.example.com/team/image:1');

/** A repository in memory: what the client would have verified. */
function repository() {
  const content = new Map<string, { bytes: Buffer; mediaType: string; digest: Digest }>();
  function put(value: unknown, mediaType: string, tag?: string) {
    const bytes = Buffer.from(JSON.stringify(value));
    const stored = { bytes, mediaType, digest: digestOf(bytes) };
    content.set(stored.digest, stored);
    if (tag) content.set(tag, stored);
    return { mediaType, digest: stored.digest, size: bytes.length };
  }
  const layer = { mediaType: mediaTypes.ociLayerGzip, digest: digestOf('layer'), size: 5 };
  function image(
    platform: string,
    { tag, layers = [layer], diffIds = 1 }: { tag?: string; layers?: unknown[]; diffIds?: number } = {},
  ) {
    const diff_ids = Array(diffIds).fill(digestOf('diff'));
    const config = put({ ...parsePlatform(platform), rootfs: { type: 'layers', diff_ids } }, mediaTypes.ociConfig);
    return put({ schemaVersion: 2, config, layers }, mediaTypes.ociManifest, tag);
  }
  const index = (manifests: unknown[], tag?: string) => put({ schemaVersion: 2, manifests }, mediaTypes.ociIndex, tag);
  const client = {
    getManifest: async (_, name) => content.get(name),
    readBlob: async (_, { digest }) => content.get(digest)!.bytes,
    hasCredentials: async () => false,
  } as Pick<RegistryClient, 'getManifest' | 'readBlob' | 'hasCredentials'> as RegistryClient;
  return { put, image, index, client };
}

const withPlatform = (descriptor: object, platform: string) => ({ ...descriptor, platform: parsePlatform(platform) });

describe('resolveImage', () => {
  it('finds the image of a platform in an index', async () => {
    const { image, index, client } = repository();
    const arm = image('linux/arm64');
    const wanted = image('linux/amd64');
    index([withPlatform(arm, 'linux/arm64'), withPlatform(wanted, 'linux/amd64')], '1');
    const resolved = await resolveImage(client, reference, amd64);
    expect(resolved).toMatchObject({ reference, digest: wanted.digest, platform: amd64 });
    expect(resolved.manifest.layers).toHaveLength(1);
    expect(resolved.config.architecture).toBe('amd64');
    expect((await resolveImage(client, reference, parsePlatform('linux/arm64/v8'))).digest).toBe(arm.digest);
  });

  it('takes a reference by digest, whatever its tag says', async () => {
    const { image, client } = repository();
    image('linux/amd64', { tag: '1' });
    const other = image('linux/amd64', { layers: [], diffIds: 0 });
    const both = parseReference(`registry.example.com/team/image:1@${other.digest}`);
    expect((await resolveImage(client, both, amd64)).digest).toBe(other.digest);
  });

  it('prefers the entry without a variant', async () => {
    const { image, index, client } = repository();
    const newer = image('linux/amd64/v3');
    const plain = image('linux/amd64');
    index([withPlatform(newer, 'linux/amd64/v3'), withPlatform(plain, 'linux/amd64')], '1');
    expect((await resolveImage(client, reference, amd64)).digest).toBe(plain.digest);
  });

  it('looks into an index in an index, and no deeper', async () => {
    const { image, index, client } = repository();
    const wanted = image('linux/amd64');
    const inner = index([withPlatform(wanted, 'linux/amd64')]);
    const middle = index([inner], '1');
    expect((await resolveImage(client, reference, amd64)).digest).toBe(wanted.digest);
    index([middle], '1');
    await expect(resolveImage(client, reference, amd64)).rejects.toMatchObject({ code: 'base-unsupported' });
  });

  it('lists the platforms there are', async () => {
    const { image, index, client } = repository();
    const attestation = { ...image('linux/arm64'), platform: { os: 'unknown', architecture: 'unknown' } };
    const forged = { ...image('linux/arm64'), platform: { os: 'li\u001b[2Jnux', architecture: 'x' } };
    index(
      [
        withPlatform(image('linux/arm64'), 'linux/arm64'),
        withPlatform(image('linux/arm/v7'), 'linux/arm/v7'),
        attestation,
        forged,
      ],
      '1',
    );
    await expect(resolveImage(client, reference, amd64)).rejects.toMatchObject({
      code: 'platform-unavailable',
      message: 'registry.example.com/team/image:1 is not for linux/amd64, but for linux/arm64, linux/arm/v7',
    });
  });

  it('refuses a single image for another platform', async () => {
    const { image, client } = repository();
    image('linux/arm64', { tag: '1' });
    await expect(resolveImage(client, reference, amd64)).rejects.toMatchObject({
      code: 'platform-unavailable',
      message: expect.stringContaining('but for linux/arm64'),
    });
  });

  it('refuses an artifact and says of what type it is', async () => {
    const { put, client } = repository();
    const config = put({}, 'application/vnd.cncf.helm.config.v1+json');
    put({ schemaVersion: 2, config, layers: [] }, mediaTypes.ociManifest, '1');
    await expect(resolveImage(client, reference, amd64)).rejects.toMatchObject({
      code: 'base-unsupported',
      message: expect.stringContaining('application/vnd.cncf.helm.config.v1+json'),
    });
  });

  it('refuses an image whose layers and diff ids do not pair', async () => {
    const { image, client } = repository();
    image('linux/amd64', { tag: '1', diffIds: 2 });
    await expect(resolveImage(client, reference, amd64)).rejects.toMatchObject({ code: 'registry-invalid-response' });
  });

  it('speaks of private repositories when it asked without credentials', async () => {
    const { client } = repository();
    const missing = resolveImage(client, reference, amd64);
    await expect(missing).rejects.toMatchObject({
      code: 'base-not-found',
      hint: expect.stringContaining('docker login'),
    });
    const known = resolveImage({ ...client, hasCredentials: async () => true }, reference, amd64);
    await expect(known).rejects.toMatchObject({ hint: expect.not.stringContaining('docker login') });
  });
});
