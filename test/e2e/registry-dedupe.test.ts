import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Manifest, parseManifestOrIndex } from '../../src/oci/manifest.ts';
import { openDiskBlobStore } from '../../src/registry/blobs/disk-blob-store.ts';
import { type BuildBed, startBuildBed } from '../build-bed.ts';

const packages = Array.from({ length: 20 }, (_, number) => ({
  name: `part${number}`,
  files: { [`part${number}/data.bin`]: randomBytes(200_000) },
}));

let bed: BuildBed;
beforeAll(async () => {
  bed = await startBuildBed(packages);
});
afterAll(() => bed[Symbol.asyncDispose]());

it('keeps 100 images that share 20 packages in the room of 20 packages', async () => {
  const wanted = new Map<string, number>();
  const layers = new Map<string, number>();
  let asked = 0;
  for (let number = 0; number < 100; number++) {
    const names = Array.from({ length: 6 }, (_, i) => `part${(number * 7 + i * (1 + (number % 5))) % 20}`);
    const result = await bed.build({ name: `image${number}`, pip: [...new Set(names)].join('\n') });
    const { bytes, mediaType } = (await bed.client.getManifest(result.reference.repository, result.digest))!;
    const manifest = parseManifestOrIndex(bytes, mediaType) as Manifest;
    for (const { digest, size } of manifest.layers) layers.set(digest, size);
    const own = { digest: result.digest, size: bytes.length };
    for (const { digest, size } of [...manifest.layers, manifest.config, own]) {
      asked += size;
      wanted.set(digest, size);
    }
  }
  const distinct = [...wanted.values()].reduce((sum, size) => sum + size, 0);
  const stored: number[] = [];
  for await (const { sizeBytes } of (await openDiskBlobStore(join(bed.directory, 'data/registry'))).list()) {
    stored.push(sizeBytes);
  }
  const onDisk = stored.reduce((sum, size) => sum + size, 0);
  console.log(`100 images of ${asked} bytes lie in ${onDisk}: dedupe ratio ${(asked / onDisk).toFixed(1)}`);
  // A layer for each package, and the base's own.
  expect(layers.size).toBe(21);
  // Beside them there are only manifest and configuration of the base.
  expect(onDisk - distinct).toBeGreaterThan(0);
  expect(onDisk - distinct).toBeLessThan(2000);
  expect(asked / onDisk).toBeGreaterThan(20);
});
