import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { type Digest, digestOf } from '../../oci/digest.ts';
import { mediaTypes } from '../../oci/media-types.ts';
import type { RegistryAccess } from '../server/registry.ts';
import { RegistryError } from '../server/registry-error.ts';
import { ensureBlob } from './push-image.ts';
import type { RegistryClient } from './registry-client.ts';

/** A registry of our own to be reached somehow. */
export interface ClientBed extends AsyncDisposable {
  readonly client: RegistryClient;
  /** `127.0.0.1:40001` */
  readonly registry: string;
  /** Makes what is kept of a blob another content of the same length. */
  damage(digest: Digest): void;
}

/** What one repository of a bed may have. */
export const contractRepositoryBytes = 10_000_000;

/** What the registry of a bed lets its client do: pull and push, but not everywhere. */
export async function contractRights({ repository, action }: RegistryAccess): Promise<string> {
  if (repository.startsWith('hidden')) throw new RegistryError('NAME_UNKNOWN', `There is no repository ${repository}`);
  if (repository.startsWith('read-only') && action !== 'pull')
    throw new RegistryError('DENIED', 'You may not push here');
  if (repository.startsWith('closed')) throw new RegistryError('DENIED', 'You may not pull here');
  return '';
}

/** What every `RegistryClient` does with a registry that is as it should be. */
export function describeRegistryClient(name: string, open: () => Promise<ClientBed>): void {
  describe(`the client ${name}`, () => {
    const blobOf = (content: string | Buffer, algorithm: 'sha256' | 'sha512' = 'sha256') => {
      const bytes = Buffer.from(content);
      const descriptor = { mediaType: mediaTypes.ociLayer, digest: digestOf(bytes, algorithm), size: bytes.length };
      return { bytes, descriptor, open: () => Readable.from([bytes.subarray(0, 3), bytes.subarray(3)]) };
    };
    const blob = blobOf('the content of a layer');
    const manifestOf = (parts = [blob, blob]) => {
      const [config, ...layers] = parts.map(({ descriptor }) => descriptor);
      const mediaType = mediaTypes.ociManifest;
      return { mediaType, bytes: Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config, layers })) };
    };
    const bed = async () => {
      const { client, registry, ...rest } = await open();
      const at = (repository: string) => ({ registry, name: repository });
      return { client, at, registry, damage: rest.damage, [Symbol.asyncDispose]: rest[Symbol.asyncDispose] };
    };

    it('finds nothing where nothing is', async () => {
      await using opened = await bed();
      const { client, at, registry } = opened;
      await client.ping(registry);
      expect(await client.getManifest(at('a'), '1')).toBeUndefined();
      expect(await client.headManifest(at('a'), digestOf('x'))).toBeUndefined();
      expect(await client.hasBlob(at('a'), blob.descriptor.digest)).toBe(false);
      expect(await client.mountBlob(at('a'), blob.descriptor.digest, at('b'))).toBe(false);
      await expect(client.getBlob(at('a'), blob.descriptor)).rejects.toMatchObject({ code: 'not-found' });
      await expect(client.readBlob(at('a'), blob.descriptor, { maxBytes: 99 })).rejects.toMatchObject({
        code: 'not-found',
      });
    });

    it.each(['sha256', 'sha512'] as const)('gives back what it pushed by %s', async (algorithm) => {
      await using opened = await bed();
      const { client, at } = opened;
      const large = blobOf(randomBytes(3_000_000), algorithm);
      const empty = blobOf('', algorithm);
      let told = 0;
      for (const each of [large, empty]) {
        await client.uploadBlob(at('a/b'), each, { onBytes: (count) => (told += count) });
        expect(await client.hasBlob(at('a/b'), each.descriptor.digest)).toBe(true);
        expect((await buffer(await client.getBlob(at('a/b'), each.descriptor))).equals(each.bytes)).toBe(true);
      }
      expect(told).toBe(3_000_000);
      const manifest = manifestOf([empty, large]);
      const digest = digestOf(manifest.bytes);
      expect(await client.putManifest(at('a/b'), '1', manifest)).toBe(digest);
      const byDigest = digestOf(manifest.bytes, algorithm);
      expect(await client.putManifest(at('a/b'), byDigest, manifest)).toBe(byDigest);
      const size = manifest.bytes.length;
      for (const [asked, is] of [
        ['1', digest],
        [byDigest, byDigest],
      ] as const) {
        const served = { mediaType: mediaTypes.ociManifest, digest: is };
        expect(await client.getManifest(at('a/b'), asked)).toEqual({ ...served, bytes: manifest.bytes });
        expect(await client.headManifest(at('a/b'), asked)).toEqual({ ...served, size });
      }
      expect(await client.getManifest(at('a'), digest)).toBeUndefined();
    });

    it.each([
      ['other content', 'the content of a Layer'],
      ['less', 'the content'],
      ['more', 'the content of a layer and more'],
    ])('pushes no blob of %s than its descriptor says', async (_, content) => {
      await using opened = await bed();
      const { client, at } = opened;
      const source = { ...blob, open: blobOf(content).open };
      await expect(client.uploadBlob(at('a'), source)).rejects.toMatchObject({ code: 'content-mismatch' });
      expect(await client.hasBlob(at('a'), blob.descriptor.digest)).toBe(false);
    });

    it('throws what its source throws', async () => {
      await using opened = await bed();
      const { client, at } = opened;
      const open = () => new Readable({ read() {} }).destroy(new Error('the disk is gone'));
      await expect(client.uploadBlob(at('a'), { ...blob, open })).rejects.toThrow('the disk is gone');
    });

    it('refuses a manifest that is not whole, not valid, or too large, with the reason', async () => {
      await using opened = await bed();
      const { client, at } = opened;
      const { mediaType } = manifestOf();
      for (const [manifest, reason] of [
        [manifestOf(), 'MANIFEST_BLOB_UNKNOWN'],
        [{ mediaType, bytes: Buffer.from('{}') }, 'MANIFEST_INVALID'],
        [{ mediaType, bytes: Buffer.alloc(4 * 1024 * 1024 + 1) }, 'SIZE_INVALID'],
      ] as const) {
        await expect(client.putManifest(at('a'), '1', manifest)).rejects.toMatchObject({
          code: 'registry-refused',
          message: expect.stringContaining(reason),
        });
      }
      await expect(client.putManifest(at('a'), 'no tag', manifestOf())).rejects.toMatchObject({
        code: 'registry-refused',
      });
      expect(await client.getManifest(at('a'), '1')).toBeUndefined();
    });

    it('brings a blob the cheapest way', async () => {
      await using opened = await bed();
      const { client, at } = opened;
      expect(await ensureBlob(client, at('a'), blob)).toBe('pushed');
      expect(await ensureBlob(client, at('a'), blob)).toBe('present');
      const elsewhere = { registry: 'registry.example.com', name: 'a' };
      const mountFrom = [elsewhere, at('c'), at('a')];
      expect(await client.mountBlob(at('b'), blob.descriptor.digest, elsewhere)).toBe(false);
      expect(await ensureBlob(client, at('b'), blob, { mountFrom })).toBe('mounted');
      expect(await client.hasBlob(at('b'), blob.descriptor.digest)).toBe(true);
    });

    it('gives no content that is not what the descriptor says', async () => {
      await using opened = await bed();
      const { client, at, damage } = opened;
      await client.uploadBlob(at('a'), blob);
      const digest = await client.putManifest(at('a'), '1', manifestOf());
      const { descriptor } = blob;
      const other = { ...descriptor, size: descriptor.size - 1 };
      await expect(client.getBlob(at('a'), other)).rejects.toMatchObject({ code: 'content-mismatch' });
      await expect(client.readBlob(at('a'), descriptor, { maxBytes: descriptor.size - 1 })).rejects.toMatchObject({
        code: 'limit-exceeded',
      });
      damage(descriptor.digest);
      damage(digest);
      const reading = client.getBlob(at('a'), descriptor).then(buffer);
      await expect(reading).rejects.toMatchObject({ code: 'content-mismatch' });
      await expect(client.getManifest(at('a'), '1')).rejects.toMatchObject({ code: 'content-mismatch' });
    });

    it('does only what it may', async () => {
      await using opened = await bed();
      const { client, at } = opened;
      await client.uploadBlob(at('a'), blob);
      const { digest } = blob.descriptor;
      const forbidden = { code: 'forbidden', message: expect.stringContaining('403 (DENIED You may not') };
      await expect(client.uploadBlob(at('read-only'), blob)).rejects.toMatchObject(forbidden);
      await expect(client.putManifest(at('read-only'), '1', manifestOf())).rejects.toMatchObject(forbidden);
      await expect(client.getManifest(at('closed'), '1')).rejects.toMatchObject(forbidden);
      await expect(client.getBlob(at('closed'), blob.descriptor)).rejects.toMatchObject(forbidden);
      expect(await client.mountBlob(at('read-only'), digest, at('a'))).toBe(false);
      for (const from of ['closed', 'hidden']) expect(await client.mountBlob(at('b'), digest, at(from))).toBe(false);
      expect(await client.hasBlob(at('hidden'), digest)).toBe(false);
      expect(await client.getManifest(at('hidden'), '1')).toBeUndefined();
      await expect(client.getBlob(at('hidden'), blob.descriptor)).rejects.toMatchObject({ code: 'not-found' });
    });

    it('puts no more into a repository than that may have', async () => {
      await using opened = await bed();
      const { client, at } = opened;
      const [one, other] = ['a', 'b'].map((fill) => blobOf(Buffer.alloc(6_000_000, fill))) as [
        typeof blob,
        typeof blob,
      ];
      await client.uploadBlob(at('a'), one);
      await client.uploadBlob(at('b'), other);
      const denied = {
        code: 'forbidden',
        message: expect.stringContaining('403 (DENIED There is no room in a for 6000000'),
      };
      await expect(client.uploadBlob(at('a'), other)).rejects.toMatchObject(denied);
      expect(await client.mountBlob(at('a'), other.descriptor.digest, at('b'))).toBe(false);
      expect(await client.hasBlob(at('a'), other.descriptor.digest)).toBe(false);
    });

    it('stops when it is told to', async () => {
      await using opened = await bed();
      const { client, at } = opened;
      const over = AbortSignal.abort(new Error('enough'));
      await expect(client.hasBlob(at('a'), blob.descriptor.digest, { signal: over })).rejects.toMatchObject({
        code: 'cancelled',
      });
      const stop = new AbortController();
      const open = () => Readable.from(endless(() => stop.abort(new Error('enough'))));
      const upload = client.uploadBlob(at('a'), { ...blobOf(randomBytes(100_000)), open }, { signal: stop.signal });
      await expect(upload).rejects.toMatchObject({ code: 'cancelled' });
    });

    /** Some bytes, and then none for ever. */
    async function* endless(onWaiting: () => void): AsyncGenerator<Buffer> {
      yield Buffer.alloc(10_000);
      setTimeout(onWaiting, 20);
      await new Promise(() => {});
    }
  });
}
