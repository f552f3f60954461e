import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { digestOf } from '../../oci/digest.ts';
import { openDiskRegistryIndex } from './disk-registry-index.ts';
import { createMemoryRegistryIndex } from './memory-registry-index.ts';
import { describeRegistryIndex } from './registry-index.contract.ts';

let parent: string;
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'index-'));
});
afterAll(() => rm(parent, { recursive: true, force: true }));

describeRegistryIndex('memory', async () => createMemoryRegistryIndex());
describeRegistryIndex('disk', async () => openDiskRegistryIndex(await mkdtemp(join(parent, 'root-'))));

it('the disk index finds everything again and leaves no drafts', async () => {
  const root = await mkdtemp(join(parent, 'root-'));
  const first = await openDiskRegistryIndex(root);
  await first.blobs.add('a', digestOf('x'));
  await first.tags.set('a', 'latest', digestOf('x'));
  const second = await openDiskRegistryIndex(root);
  expect(await second.blobs.has('a', digestOf('x'))).toBe(true);
  expect(await second.tags.get('a', 'latest')).toBe(digestOf('x'));
  expect(await readdir(join(root, 'tmp'))).toEqual([]);
});
