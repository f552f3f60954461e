import { describe, expect, it } from 'vitest';
import { digestOf } from '../../oci/digest.ts';
import { mediaTypes } from '../../oci/media-types.ts';
import type { ManifestEntry, RegistryIndex } from './registry-index.ts';

const entryOf = (text: string, more: Partial<ManifestEntry> = {}): ManifestEntry => ({
  descriptor: { mediaType: mediaTypes.ociManifest, digest: digestOf(text), size: text.length },
  ...more,
});

/** What every `RegistryIndex` must do. */
export function describeRegistryIndex(name: string, openIndex: () => Promise<RegistryIndex>): void {
  describe(`${name} as a RegistryIndex`, () => {
    it('knows a blob only where it was linked', async () => {
      const { blobs } = await openIndex();
      const digest = digestOf('blob');
      await blobs.add('team/a', digest);
      await blobs.add('team/a', digest);
      expect(await blobs.has('team/a', digest)).toBe(true);
      expect(await blobs.has('team/b', digest)).toBe(false);
      expect(await blobs.has('team', digest)).toBe(false);
      expect(await blobs.has('team/a', digestOf('blob', 'sha512'))).toBe(false);
      expect(await blobs.remove('team/b', digest)).toBe(false);
      expect(await blobs.remove('team/a', digest)).toBe(true);
      expect(await blobs.has('team/a', digest)).toBe(false);
    });

    it('keeps manifests', async () => {
      const { manifests } = await openIndex();
      const entry = entryOf('m');
      await manifests.put('a', entry);
      expect(await manifests.get('a', entry.descriptor.digest)).toEqual(entry);
      expect(await manifests.get('b', entry.descriptor.digest)).toBeUndefined();
      expect(await manifests.get('a', digestOf('other'))).toBeUndefined();
    });

    it('moves tags', async () => {
      const { tags } = await openIndex();
      await tags.set('a', '1.0', digestOf('x'));
      await tags.set('a', '1.0', digestOf('y'));
      expect(await tags.get('a', '1.0')).toBe(digestOf('y'));
      expect(await tags.get('a', '2.0')).toBeUndefined();
      expect(await tags.delete('a', '1.0')).toBe(true);
      expect(await tags.delete('a', '1.0')).toBe(false);
      expect(await tags.get('a', '1.0')).toBeUndefined();
    });

    it('lists tags by their bytes, in pages', async () => {
      const { tags } = await openIndex();
      for (const tag of ['b', 'B', '_x', '10', '9', 'a']) await tags.set('a', tag, digestOf('x'));
      expect(await tags.list('a', { limit: 100 })).toEqual(['10', '9', 'B', '_x', 'a', 'b']);
      expect(await tags.list('a', { limit: 2 })).toEqual(['10', '9']);
      expect(await tags.list('a', { limit: 2, after: '9' })).toEqual(['B', '_x']);
      expect(await tags.list('a', { limit: 2, after: 'Z' })).toEqual(['_x', 'a']);
      expect(await tags.list('a', { limit: 0 })).toEqual([]);
    });

    it('tells an empty repository from none', async () => {
      const { blobs, tags } = await openIndex();
      await blobs.add('team/deep/er', digestOf('x'));
      expect(await tags.list('team/deep/er', { limit: 9 })).toEqual([]);
      expect(await tags.list('team/deep', { limit: 9 })).toBeUndefined();
      expect(await tags.list('other', { limit: 9 })).toBeUndefined();
    });

    it('deletes a manifest with the tags that point to it', async () => {
      const { manifests, tags } = await openIndex();
      const [gone, stays] = [entryOf('gone'), entryOf('stays')];
      for (const entry of [gone, stays]) await manifests.put('a', entry);
      await tags.set('a', 'one', gone.descriptor.digest);
      await tags.set('a', 'two', gone.descriptor.digest);
      await tags.set('a', 'three', stays.descriptor.digest);
      expect(await manifests.delete('a', gone.descriptor.digest)).toBe(true);
      expect(await manifests.delete('a', gone.descriptor.digest)).toBe(false);
      expect(await manifests.get('a', gone.descriptor.digest)).toBeUndefined();
      expect(await tags.list('a', { limit: 9 })).toEqual(['three']);
    });

    it('finds who is about a digest', async () => {
      const { manifests } = await openIndex();
      const subject = digestOf('subject', 'sha512');
      const about = ['s1', 's2'].map((text) => entryOf(text, { subject }));
      for (const entry of [...about, entryOf('s3', { subject: digestOf('other') })]) await manifests.put('a', entry);
      const expected = about.map(({ descriptor }) => descriptor).sort((a, b) => (a.digest < b.digest ? -1 : 1));
      expect(await manifests.referrersOf('a', subject)).toEqual(expected);
      expect(await manifests.referrersOf('b', subject)).toEqual([]);
      await manifests.delete('a', expected[0]!.digest);
      expect(await manifests.referrersOf('a', subject)).toEqual([expected[1]]);
    });
  });
}
