import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { algorithmOf, type Digest, hexOf, parseDigest } from '../../oci/digest.ts';
import {
  ignoreMissing,
  linkFileDurably,
  makeDirectory,
  syncDirectory,
  writeFileDurably,
} from '../blobs/durable-files.ts';
import type { ManifestEntry, RegistryIndex } from './registry-index.ts';
import { pageOfTags } from './tag-pages.ts';

/**
 * Opens a `RegistryIndex` of small files, made when it is missing. No part of a repository's name begins with "_", so
 *
 *     <root>/repositories/team/python/_blobs/sha256/<hex>                      empty: the blob may be read here
 *                                    /_manifests/sha256/<hex>                  a `ManifestEntry`
 *                                    /_referrers/sha256/<subject>/sha256/<hex> empty: that manifest is about the subject
 *                                    /_tags/3.11                               a digest
 */
export async function openDiskRegistryIndex(root: string): Promise<RegistryIndex> {
  const drafts = join(root, 'tmp');
  await makeDirectory(drafts);
  const folder = (repository: string, ...names: string[]) => join(root, 'repositories', repository, ...names);
  const pathOf = (digest: Digest) => join(algorithmOf(digest), hexOf(digest));
  const blobPath = (repository: string, digest: Digest) => folder(repository, '_blobs', pathOf(digest));
  const manifestPath = (repository: string, digest: Digest) => folder(repository, '_manifests', pathOf(digest));
  const referrersPath = (repository: string, subject: Digest) => folder(repository, '_referrers', pathOf(subject));
  const tagPath = (repository: string, tag: string) => folder(repository, '_tags', tag);

  const getManifest = async (repository: string, digest: Digest): Promise<ManifestEntry | undefined> => {
    const text = await readText(manifestPath(repository, digest));
    return text === undefined ? undefined : (JSON.parse(text) as ManifestEntry);
  };
  const getTag = async (repository: string, tag: string) => {
    const text = await readText(tagPath(repository, tag));
    return text === undefined ? undefined : parseDigest(text);
  };

  return {
    blobs: {
      has: async (repository, digest) => (await stat(blobPath(repository, digest)).catch(ignoreMissing)) !== undefined,
      add: (repository, digest) => linkFileDurably(blobPath(repository, digest)),
      remove: (repository, digest) => removeFile(blobPath(repository, digest)),
    },
    manifests: {
      get: getManifest,
      async put(repository, entry) {
        const { digest } = entry.descriptor;
        await writeFileDurably(manifestPath(repository, digest), JSON.stringify(entry), drafts);
        if (entry.subject) await linkFileDurably(join(referrersPath(repository, entry.subject), pathOf(digest)));
      },
      async delete(repository, digest) {
        const subject = (await getManifest(repository, digest))?.subject;
        for (const tag of await list(folder(repository, '_tags'))) {
          if ((await getTag(repository, tag)) === digest) await removeFile(tagPath(repository, tag));
        }
        if (subject) await removeFile(join(referrersPath(repository, subject), pathOf(digest)));
        return removeFile(manifestPath(repository, digest));
      },
      async referrersOf(repository, subject) {
        const directory = referrersPath(repository, subject);
        const digests = (await list(directory)).sort().map(async (algorithm) => {
          const hexes = (await list(join(directory, algorithm))).sort();
          return hexes.map((hex) => parseDigest(`${algorithm}:${hex}`));
        });
        const entries = (await Promise.all(digests)).flat().map((digest) => getManifest(repository, digest));
        return (await Promise.all(entries)).flatMap((entry) => (entry ? [entry.descriptor] : []));
      },
    },
    tags: {
      get: getTag,
      set: (repository, tag, digest) => writeFileDurably(tagPath(repository, tag), digest, drafts),
      delete: (repository, tag) => removeFile(tagPath(repository, tag)),
      async list(repository, page) {
        const names = await readdir(folder(repository)).catch(ignoreMissing);
        // A folder can also be there only because a longer name passes through it.
        if (!names?.some((name) => name.startsWith('_'))) return undefined;
        return pageOfTags(await list(folder(repository, '_tags')), page);
      },
    },
  };
}

async function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(ignoreMissing);
}

async function list(directory: string): Promise<string[]> {
  return (await readdir(directory).catch(ignoreMissing)) ?? [];
}

async function removeFile(path: string): Promise<boolean> {
  const removed = await rm(path).then(
    () => true,
    (error: unknown) => ignoreMissing(error) ?? false,
  );
  if (removed) await syncDirectory(dirname(path));
  return removed;
}
