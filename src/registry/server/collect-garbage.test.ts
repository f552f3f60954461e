import { Readable } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Digest, digestOf } from '../../oci/digest.ts';
import { mediaTypes } from '../../oci/media-types.ts';
import { createBlobHolds } from '../blobs/blob-holds.ts';
import { createMemoryBlobStore } from '../blobs/memory-blob-store.ts';
import { collectGarbage } from './collect-garbage.ts';
import { createMemoryRegistryIndex } from './memory-registry-index.ts';

let registry: ReturnType<typeof openRegistry>;
beforeEach(() => {
  registry = openRegistry();
});

function openRegistry(leaseMs = -1) {
  const blobs = createMemoryBlobStore();
  const index = createMemoryRegistryIndex({ leaseMs });
  const store = (text: string) => blobs.write(Readable.from([Buffer.from(text)]));
  return {
    ...{ blobs, index, holds: createBlobHolds(), store },
    pushBlob: async (repository: string, text: string) => {
      const blob = await store(text);
      await index.blobs.add(repository, blob);
      return blob.digest;
    },
    pushManifest: async (repository: string, text: string, needed: readonly Digest[]) => {
      const { digest, sizeBytes: size } = await store(text);
      const entry = { descriptor: { mediaType: mediaTypes.ociManifest, digest, size } };
      expect(await index.manifests.put(repository, { entry, blobs: needed, manifests: [], tags: [text] })).toBe(true);
      return digest;
    },
  };
}

const collect = (isDryRun = false) => collectGarbage(registry, { isDryRun, minAgeMs: -1 });
const isStored = async (text: string) => (await registry.blobs.stat(digestOf(text))) !== undefined;

describe('collectGarbage', () => {
  it('deletes what no manifest names, and nothing else', async () => {
    await registry.pushManifest('a', 'm', [await registry.pushBlob('a', 'used')]);
    await registry.pushBlob('a', 'unused');
    await registry.pushBlob('b', 'used');
    await registry.store('lost');
    const expected = { links: 2, blobs: 2, bytes: 10 };
    expect(await collect(true)).toEqual({ isDryRun: true, ...expected });
    expect(await isStored('unused')).toBe(true);
    expect(await collect()).toEqual({ isDryRun: false, ...expected });
    expect(await Promise.all(['used', 'm', 'unused', 'lost'].map(isStored))).toEqual([true, true, false, false]);
    expect(await collect()).toEqual({ isDryRun: false, links: 0, blobs: 0, bytes: 0 });
  });

  it('deletes an image when its manifest is gone, layers that others share excepted', async () => {
    const shared = await Promise.all(['a', 'b'].map((repository) => registry.pushBlob(repository, 'shared')));
    const digest = await registry.pushManifest('a', 'm', [shared[0]!, await registry.pushBlob('a', 'own')]);
    await registry.pushManifest('b', 'n', [shared[1]!]);
    await registry.index.manifests.delete('a', digest);
    expect(await collect()).toMatchObject({ links: 2, blobs: 2 });
    expect(await Promise.all(['shared', 'own', 'm', 'n'].map(isStored))).toEqual([true, false, false, true]);
  });

  it('spares what is leased, held or new', async () => {
    await registry.store('new');
    expect(await collectGarbage(registry, { minAgeMs: 60_000 })).toMatchObject({ blobs: 0 });
    await registry.holds.hold(digestOf('new'), async () => expect(await collect()).toMatchObject({ blobs: 0 }));
    expect(await collect()).toMatchObject({ blobs: 1 });
    registry = openRegistry(60_000);
    await registry.pushBlob('a', 'leased');
    expect(await collect()).toMatchObject({ links: 0, blobs: 0 });
  });

  it('spares what is linked while it looks', async () => {
    const { digest, sizeBytes } = await registry.store('late');
    const { garbage, blobs } = registry.index;
    let looks = 0;
    const index = {
      ...registry.index,
      garbage: {
        ...garbage,
        unneededOf: async (...asked: Parameters<typeof garbage.unneededOf>) => {
          const unneeded = await garbage.unneededOf(...asked);
          if (looks++ === 0) await blobs.add('a', { digest, sizeBytes });
          return unneeded;
        },
      },
    };
    expect(await collectGarbage({ ...registry, index }, { minAgeMs: -1 })).toMatchObject({ blobs: 0 });
    expect(looks).toBe(2);
  });
});
