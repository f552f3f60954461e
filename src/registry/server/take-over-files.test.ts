import { access, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Digest, digestOf } from '../../oci/digest.ts';
import { mediaTypes } from '../../oci/media-types.ts';
import { createBlobHolds } from '../blobs/blob-holds.ts';
import { blobPath, openDiskBlobStore } from '../blobs/disk-blob-store.ts';
import { createMemoryBlobStore } from '../blobs/memory-blob-store.ts';
import { createMemoryRegistryIndex } from './memory-registry-index.ts';
import { oldPathOf, oldRegistry } from './old-registry.fixture.ts';
import type { Registry } from './registry.ts';
import { takeOverFiles } from './take-over-files.ts';

let root: string;
let old: ReturnType<typeof oldRegistry>;
let registry: Pick<Registry, 'blobs' | 'index' | 'holds'>;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'take-over-'));
  registry = { blobs: createMemoryBlobStore(), index: createMemoryRegistryIndex(), holds: createBlobHolds() };
  old = oldRegistry(root, registry.blobs);
});
afterEach(() => rm(root, { recursive: true }));

const takeOver = (with_ = registry) => takeOverFiles(root, with_);

async function isGone(path: string): Promise<boolean> {
  return access(path).then(
    () => false,
    () => true,
  );
}

describe('takeOverFiles', () => {
  it('has nothing to do where no older version was', async () => {
    expect(await takeOver()).toBeUndefined();
  });

  it('takes over blobs, manifests, indexes of indexes, referrers and tags, once', async () => {
    const image = await old.image('team', '1', { tags: ['1', 'latest'] });
    const nested = await old.image('team/python', '2');
    const inner = await old.index('team/python', [nested], { tags: ['inner'] });
    const outer = await old.index('team/python', [inner], { tags: ['3.11'] });
    // By its tag it comes first, before what it lists.
    await utimes(old.fileIn('team/python', '_tags', '3.11'), 1, 1);
    const note = await old.image('team/python', '3', { subject: outer.digest });
    expect(await takeOver()).toEqual({ repositories: 2, manifests: 5, tags: 4, left: [] });

    const { index } = registry;
    for (const tag of ['1', 'latest']) expect(await index.tags.get('team', tag)).toBe(image.digest);
    expect(await index.tags.get('team/python', '3.11')).toBe(outer.digest);
    expect(await index.manifests.get('team', image.digest)).toMatchObject({
      descriptor: { digest: image.digest, size: image.size, mediaType: mediaTypes.ociManifest },
    });
    expect(await index.manifests.referrersOf('team/python', outer.digest)).toMatchObject([{ digest: note.digest }]);
    expect(await index.blobs.lease('team', [image.layer.digest])).toEqual(new Set([image.layer.digest]));
    expect(await index.blobs.delete('team', image.layer.digest)).toBe('needed');
    expect(await index.manifests.delete('team/python', inner.digest)).toBe('needed');
    expect(await isGone(join(root, 'repositories'))).toBe(true);
    expect(await takeOver()).toBeUndefined();
  });

  it('keeps the order in which revisions were tagged', async () => {
    const made = ['first', 'second', 'third'];
    for (const [days, tag] of ['third', 'second', 'first'].entries()) {
      await old.image('demo', tag, { tags: [tag] });
      const then = Date.now() / 1000 - (days + 1) * 86_400;
      await utimes(old.fileIn('demo', '_tags', tag), then, then);
    }
    const order: string[] = [];
    const { index } = registry;
    const manifests: typeof index.manifests = {
      ...index.manifests,
      put: (repository, push) => {
        order.push(...push.tags);
        return index.manifests.put(repository, push);
      },
    };
    await takeOver({ ...registry, index: { ...index, manifests } });
    expect(order).toEqual(made);
  });

  it('goes on wherever it was stopped', async () => {
    const lay = async () => {
      const image = await old.image('a', '1', { tags: ['1', 'one'] });
      await old.index('a', [image], { tags: ['list'] });
      await old.image('b/c', '2', { tags: ['2'] });
    };
    for (let stopAt = 1; ; stopAt++) {
      await rm(join(root, 'repositories.taken-over'), { recursive: true, force: true });
      await lay();
      registry = { ...registry, index: createMemoryRegistryIndex() };
      const hasStopped = await takeOver(stoppedAt(stopAt)).then(
        () => false,
        () => true,
      );
      await takeOver();
      const { index } = registry;
      expect(await index.totals()).toMatchObject({ repositories: 2, manifests: 3, tags: 4, distinctBlobs: 3 });
      expect(await isGone(join(root, 'repositories'))).toBe(true);
      if (hasStopped) continue;
      expect(stopAt).toBeGreaterThan(12);
      break;
    }
  });

  /** The process ends at the so-many-th call of the index: just before it, or just after. */
  function stoppedAt(call: number): typeof registry {
    const { index } = registry;
    let calls = 0;
    const stop = () => {
      if (++calls === call) throw new Error('killed');
    };
    const stopping = <Arguments extends unknown[], T>(work: (...args: Arguments) => Promise<T>) => {
      return async (...args: Arguments) => {
        stop();
        const answer = await work(...args);
        stop();
        return answer;
      };
    };
    return {
      ...registry,
      index: {
        ...index,
        blobs: { ...index.blobs, add: stopping(index.blobs.add) },
        manifests: { ...index.manifests, put: stopping(index.manifests.put) },
        tags: { ...index.tags, get: stopping(index.tags.get) },
      },
    };
  }

  it('is done by several processes at once', async () => {
    for (let i = 0; i < 12; i++) await old.image('a', `${i}`, { tags: [`${i}`, `also-${i}`] });
    const takers = await Promise.all([takeOver(), takeOver(), takeOver()]);
    expect(takers.flatMap((taken) => taken?.left ?? [])).toEqual([]);
    expect(await registry.index.totals()).toMatchObject({ manifests: 12, tags: 24 });
    expect(await isGone(join(root, 'repositories'))).toBe(true);
  });

  it('leaves a newer tag alone, and brings back nothing that was deleted since', async () => {
    await old.image('a', 'gone', { tags: ['gone'] });
    await old.image('a', 'old', { tags: ['latest'] });
    await old.put(old.fileIn('a', '_tags', 'broken'), 'no digest');
    expect(await takeOver()).toMatchObject({ left: ['repositories/a/_tags/broken: it is no tag'] });

    const { index } = registry;
    const gone = (await index.tags.get('a', 'gone'))!;
    await index.manifests.delete('a', gone);
    const newer = { descriptor: { mediaType: mediaTypes.ociManifest, digest: digestOf('newer'), size: 5 } };
    await index.manifests.put('a', { entry: newer, blobs: [], manifests: [], tags: ['latest', 'other'] });
    await old.image('a', 'other', { tags: ['other'] });

    await rm(old.fileIn('a', '_tags', 'broken'));
    expect(await takeOver()).toEqual({ repositories: 1, manifests: 1, tags: 1, left: [] });
    for (const tag of ['latest', 'other']) expect(await index.tags.get('a', tag)).toBe(digestOf('newer'));
    expect(await index.manifests.get('a', gone)).toBeUndefined();
  });

  it('tells what it cannot take over, and takes over the rest', async () => {
    registry = { ...registry, blobs: await openDiskBlobStore(root) };
    old = oldRegistry(root, registry.blobs);
    await old.image('good', '1', { tags: ['1'] });
    const lost = await old.image('bad', 'lost', { tags: ['lost'] });
    await rm(blobPath(root, lost.config.digest));
    const unlinked = await old.image('bad', 'unlinked', { tags: ['unlinked'] });
    await rm(old.fileIn('bad', '_blobs', oldPathOf(unlinked.config.digest)));
    const damaged = await old.image('bad', 'damaged');
    await writeFile(blobPath(root, damaged.digest), 'x'.repeat(damaged.size));
    const vanished = await old.image('bad', 'vanished');
    await rm(blobPath(root, vanished.digest));
    const described = await old.image('bad', 'described');
    await old.put(old.fileIn('bad', '_manifests', oldPathOf(described.digest)), '{');
    await old.put(old.fileIn('bad', '_blobs', 'sha256', 'nothing'));
    await mkdir(old.fileIn('bad', '_tags', 'folder'), { recursive: true });
    await old.put(join(root, 'repositories', 'stray'));
    await old.image('Bad', 'name', { tags: ['1'] });

    const taken = await takeOver();
    expect(taken).toMatchObject({ repositories: 2, manifests: 1, tags: 1 });
    const at = (digest: Digest) => `repositories/bad/_manifests/${oldPathOf(digest)}`;
    const told = taken!.left.filter((line) => !line.includes('EISDIR')).sort();
    expect(told).toEqual(
      [
        `repositories/bad/_blobs/${oldPathOf(lost.config.digest)}: its blob is not there`,
        'repositories/bad/_blobs/sha256/nothing: it is no digest',
        `${at(lost.digest)}: The repository has no ${lost.config.digest}, which the manifest names`,
        `${at(unlinked.digest)}: The repository has no ${unlinked.config.digest}, which the manifest names`,
        `${at(damaged.digest)}: its bytes are damaged`,
        `${at(vanished.digest)}: its bytes are not there`,
        `${at(described.digest)}: it is no description of a manifest`,
        'repositories/bad/_tags/lost: its manifest is not there',
        'repositories/bad/_tags/unlinked: its manifest is not there',
        'repositories/Bad: it is no repository',
        'repositories/stray: it is no repository',
      ].sort(),
    );
    expect(taken!.left.filter((line) => line.startsWith('repositories/bad/_tags/folder: EISDIR'))).toHaveLength(1);
    expect(await readdir(join(root, 'repositories'))).toContain('bad');
  });
});
