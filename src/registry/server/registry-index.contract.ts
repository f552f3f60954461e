import { describe, expect, it } from 'vitest';
import { digestOf } from '../../oci/digest.ts';
import { mediaTypes } from '../../oci/media-types.ts';
import type { ManifestEntry, ManifestPush, RegistryIndex, RegistryIndexOptions } from './registry-index.ts';

const blobOf = (text: string) => ({ digest: digestOf(text), sizeBytes: text.length });

const entryOf = (text: string, more: Partial<ManifestEntry> = {}): ManifestEntry => ({
  descriptor: { mediaType: mediaTypes.ociManifest, digest: digestOf(text), size: text.length },
  ...more,
});

const pushOf = (text: string, { subject, ...more }: Partial<ManifestPush & ManifestEntry> = {}): ManifestPush => ({
  entry: entryOf(text, subject && { subject }),
  ...{ blobs: [], manifests: [], tags: [] },
  ...more,
});

/** What every `RegistryIndex` must do. */
export function describeRegistryIndex(
  name: string,
  openIndex: (options?: RegistryIndexOptions) => Promise<RegistryIndex>,
): void {
  describe(`${name} as a RegistryIndex`, () => {
    it('knows a blob only where it was linked', async () => {
      const { blobs } = await openIndex();
      const { digest } = blobOf('blob');
      await blobs.add('team/a', blobOf('blob'));
      await blobs.add('team/a', blobOf('blob'));
      const other = digestOf('blob', 'sha512');
      expect(await blobs.lease('team/a', [digest, other])).toEqual(new Set([digest]));
      expect(await blobs.lease('team/b', [digest])).toEqual(new Set());
      expect(await blobs.lease('team', [digest])).toEqual(new Set());
      expect(await blobs.repositoriesOf(digest, 5)).toEqual(['team/a']);
      expect(await blobs.delete('team/b', digest)).toBe('missing');
      expect(await blobs.delete('team/a', digest)).toBe('deleted');
      expect(await blobs.lease('team/a', [digest])).toEqual(new Set());
      expect(await blobs.repositoriesOf(digest, 5)).toEqual([]);
    });

    it('keeps manifests', async () => {
      const { manifests } = await openIndex();
      const { entry } = pushOf('m');
      expect(await manifests.put('a', pushOf('m'))).toBe(true);
      expect(await manifests.put('a', pushOf('m'))).toBe(true);
      await manifests.notePull('a', entry.descriptor.digest);
      expect(await manifests.get('a', entry.descriptor.digest)).toEqual(entry);
      expect(await manifests.get('b', entry.descriptor.digest)).toBeUndefined();
      expect(await manifests.get('a', digestOf('other'))).toBeUndefined();
    });

    it('lets no manifest stand without what it needs', async () => {
      const { blobs, manifests, tags } = await openIndex();
      const layer = blobOf('layer');
      const image = pushOf('image', { blobs: [layer.digest], tags: ['latest'] });
      const index = pushOf('index', { manifests: [digestOf('image')], tags: ['all'] });
      await blobs.add('b', layer);
      expect(await manifests.put('a', image)).toBe(false);
      expect(await manifests.put('a', index)).toBe(false);
      expect(await manifests.get('a', digestOf('image'))).toBeUndefined();
      expect(await tags.get('a', 'latest')).toBeUndefined();

      await blobs.add('a', layer);
      expect(await manifests.put('a', image)).toBe(true);
      expect(await manifests.put('a', index)).toBe(true);
      expect(await blobs.delete('a', layer.digest)).toBe('needed');
      expect(await manifests.delete('a', digestOf('image'))).toBe('needed');
      expect(await manifests.delete('a', digestOf('index'))).toBe('deleted');
      expect(await manifests.delete('a', digestOf('image'))).toBe('deleted');
      expect(await blobs.delete('a', layer.digest)).toBe('deleted');
    });

    it('moves tags', async () => {
      const { manifests, tags } = await openIndex();
      for (const text of ['x', 'y']) await manifests.put('a', pushOf(text, { tags: ['1.0', text] }));
      expect(await tags.get('a', '1.0')).toBe(digestOf('y'));
      expect(await tags.get('a', 'x')).toBe(digestOf('x'));
      expect(await tags.get('a', '2.0')).toBeUndefined();
      expect(await tags.delete('a', '1.0')).toBe(true);
      expect(await tags.delete('a', '1.0')).toBe(false);
      expect(await tags.get('a', '1.0')).toBeUndefined();
    });

    it('lists tags by their bytes, in pages', async () => {
      const { manifests, tags } = await openIndex();
      await manifests.put('a', pushOf('x', { tags: ['b', 'B', '_x', '10', '9', 'a'] }));
      expect(await tags.list('a', { limit: 100 })).toEqual(['10', '9', 'B', '_x', 'a', 'b']);
      expect(await tags.list('a', { limit: 2 })).toEqual(['10', '9']);
      expect(await tags.list('a', { limit: 2, after: '9' })).toEqual(['B', '_x']);
      expect(await tags.list('a', { limit: 2, after: 'Z' })).toEqual(['_x', 'a']);
      expect(await tags.list('a', { limit: 0 })).toEqual([]);
    });

    it('tells an empty repository from none', async () => {
      const { blobs, tags } = await openIndex();
      await blobs.add('team/deep/er', blobOf('x'));
      expect(await tags.list('team/deep/er', { limit: 9 })).toEqual([]);
      expect(await tags.list('team/deep', { limit: 9 })).toBeUndefined();
      expect(await tags.list('other', { limit: 9 })).toBeUndefined();
    });

    it('deletes a manifest with the tags that point to it', async () => {
      const { manifests, tags } = await openIndex();
      await manifests.put('a', pushOf('gone', { tags: ['one', 'two'] }));
      await manifests.put('a', pushOf('stays', { tags: ['three'] }));
      expect(await manifests.delete('a', digestOf('gone'))).toBe('deleted');
      expect(await manifests.delete('a', digestOf('gone'))).toBe('missing');
      expect(await manifests.get('a', digestOf('gone'))).toBeUndefined();
      expect(await tags.list('a', { limit: 9 })).toEqual(['three']);
    });

    it('lets a revision expire, and its manifest when nothing else names it', async () => {
      const { manifests, tags } = await openIndex();
      await manifests.put('a', pushOf('x', { tags: ['one', 'two'] }));
      await manifests.put('a', pushOf('listed', { tags: ['three'] }));
      await manifests.put('a', pushOf('index', { manifests: [digestOf('listed')] }));
      await manifests.notePull('a', digestOf('x'));
      const revisions = new Map((await tags.revisions('a')).map((revision) => [revision.tag, revision]));
      expect(revisions.get('one')).toEqual({
        tag: 'one',
        digest: digestOf('x'),
        taggedAt: expect.any(Date),
        pulledAt: expect.any(Date),
      });
      expect(revisions.get('three')).not.toHaveProperty('pulledAt');
      const expire = (tag: string) => tags.expire('a', revisions.get(tag)!);
      const isThere = async (text: string) => (await manifests.get('a', digestOf(text))) !== undefined;
      expect([await expire('one'), await expire('one'), await isThere('x')]).toEqual([true, false, true]);
      expect([await expire('two'), await isThere('x')]).toEqual([true, false]);
      expect([await expire('three'), await isThere('listed')]).toEqual([true, true]);
      expect(await tags.list('a', { limit: 9 })).toEqual([]);
    });

    it('lets no tag expire that was set anew', async () => {
      const { manifests, tags } = await openIndex();
      await manifests.put('a', pushOf('x', { tags: ['latest'] }));
      const [before] = await tags.revisions('a');
      await new Promise((later) => setTimeout(later, 5));
      await manifests.put('a', pushOf('x', { tags: ['latest'] }));
      expect(await tags.expire('a', before!)).toBe(false);
      expect(await tags.get('a', 'latest')).toBe(digestOf('x'));
    });

    it('finds who is about a digest', async () => {
      const { manifests } = await openIndex();
      const subject = digestOf('subject', 'sha512');
      for (const text of ['s1', 's2']) await manifests.put('a', pushOf(text, { subject }));
      await manifests.put('a', pushOf('s3', { subject: digestOf('other') }));
      const expected = ['s1', 's2'].map((text) => entryOf(text).descriptor);
      expected.sort((a, b) => (a.digest < b.digest ? -1 : 1));
      expect(await manifests.referrersOf('a', subject)).toEqual(expected);
      expect(await manifests.referrersOf('b', subject)).toEqual([]);
      await manifests.delete('a', expected[0]!.digest);
      expect(await manifests.referrersOf('a', subject)).toEqual([expected[1]]);
    });

    it('drops what no manifest needs, once its lease has ended', async () => {
      const { blobs, manifests, garbage } = await openIndex({ leaseMs: -1 });
      const [used, unused, manifest, unknown] = ['used', 'unused', 'm', 'unknown'].map((text) => digestOf(text));
      for (const repository of ['a', 'b']) await blobs.add(repository, blobOf('unused'));
      await blobs.add('a', blobOf('used'));
      await manifests.put('a', pushOf('m', { blobs: [used!] }));
      const all = [used!, unused!, manifest!, unknown!];
      const unneeded = (isDryRun: boolean) => garbage.unneededOf(all, { isDryRun });
      expect(await garbage.dropLinks({ isDryRun: true })).toBe(2);
      expect(await unneeded(true)).toEqual([unused, unknown]);
      expect(await unneeded(false)).toEqual([unknown]);
      expect(await garbage.dropLinks({ isDryRun: false })).toBe(2);
      expect(await unneeded(false)).toEqual([unused, unknown]);
      expect(await blobs.repositoriesOf(used!, 5)).toEqual(['a']);
      await manifests.delete('a', manifest!);
      expect(await garbage.dropLinks({ isDryRun: false })).toBe(1);
      expect(new Set(await unneeded(false))).toEqual(new Set(all));
    });

    it('drops nothing that is leased', async () => {
      const { blobs, garbage } = await openIndex();
      await blobs.add('a', blobOf('x'));
      expect(await garbage.dropLinks({ isDryRun: false })).toBe(0);
      expect(await garbage.unneededOf([digestOf('x')], { isDryRun: true })).toEqual([]);
    });

    it('adds up what a repository has', async () => {
      const { blobs } = await openIndex();
      for (const text of ['four', 'four', 'eleven bytes']) await blobs.add('a', blobOf(text));
      expect([await blobs.sizeOf('a'), await blobs.sizeOf('b')]).toEqual([16, 0]);
    });

    it('has a name of its own, and keeps it', async () => {
      const { id } = await openIndex();
      expect(await id()).toMatch(/^[0-9a-f-]{36}$/);
      expect(await id()).toBe(await id());
    });

    it('counts', async () => {
      const { blobs, manifests, totals } = await openIndex();
      for (const repository of ['a', 'b']) await blobs.add(repository, blobOf('four'));
      await blobs.add('a', blobOf('eleven bytes'));
      await manifests.put('c', pushOf('m', { tags: ['x', 'y'] }));
      const bytes = { linkedBytes: 20, distinctBytes: 16, distinctBlobs: 2 };
      expect(await totals()).toEqual({ repositories: 3, manifests: 1, tags: 2, ...bytes });
    });
  });
}
