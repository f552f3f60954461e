import { buffer } from 'node:stream/consumers';
import { messageOf } from '../../errors.ts';
import { algorithmOf, type Digest, digestOf } from '../../oci/digest.ts';
import { maxManifestBytes } from '../../oci/manifest.ts';
import { isSystemError } from '../blobs/durable-files.ts';
import { keepManifest } from './keep-manifest.ts';
import {
  digestOfPath,
  digestTextOf,
  OldFileError,
  type OldRegistryFiles,
  type OldTag,
  openOldRegistryFiles,
} from './old-registry-files.ts';
import type { Registry } from './registry.ts';
import { asRegistryError } from './registry-error.ts';

/** What an index now has of what an older version kept in files. */
export interface TakeOver {
  readonly repositories: number;
  readonly manifests: number;
  readonly tags: number;
  /** What could not be taken over, and why: `repositories/team/python/_tags/3.11: its manifest is not there`. */
  readonly left: readonly string[];
}

type Registers = Pick<Registry, 'blobs' | 'index' | 'holds'>;

/**
 * Puts into the index what older versions kept in files. Each file is set aside once the index has what it says; so what is left is what
 * has not been taken over, and whoever is stopped in the middle goes on the next time. A tag that the index has already is newer and stays.
 * Gives nothing where there is nothing to take over.
 */
export async function takeOverFiles(
  root: string,
  registry: Registers,
  onBegin: () => void = () => {},
): Promise<TakeOver | undefined> {
  const files = openOldRegistryFiles(root);
  if (!(await files.areThere())) return undefined;
  onBegin();
  const totals = { repositories: 0, manifests: 0, tags: 0 };
  const left = new Map<string, string>();
  for await (const { path, name } of files.repositories()) {
    if (name === undefined) {
      left.set(path, 'it is no repository');
      continue;
    }
    const { blobs, manifests, tags } = await takeOverRepository({ repository: name, files, registry, left });
    if (blobs + manifests > 0) totals.repositories++;
    totals.manifests += manifests;
    totals.tags += tags;
  }
  // What is gone by now another process has taken over.
  for (const path of left.keys()) if (!(await files.has(path))) left.delete(path);
  if (left.size === 0) await files.removeEmpty();
  return { ...totals, left: [...left].map(([path, why]) => `${path}: ${why}`) };
}

interface OldRepositoryContext {
  readonly repository: string;
  readonly files: OldRegistryFiles;
  readonly registry: Registers;
  /** By path, why it is left. */
  readonly left: Map<string, string>;
}

async function takeOverRepository(context: OldRepositoryContext) {
  const { repository, files, left } = context;
  let blobs = 0;
  for (const path of await files.list(repository, '_blobs')) {
    if (await attempt(path, left, () => takeOverBlob(path, context))) blobs++;
  }
  const tags = await readTags(context);
  const manifests = await takeOverManifests(tags, context);
  const tagsLeft = [...tags.values()].flat();
  for (const { path } of tagsLeft) left.set(path, 'its manifest is not there');
  return { blobs, ...manifests };
}

async function takeOverBlob(path: string, { repository, files, registry }: OldRepositoryContext): Promise<void> {
  const blob = await registry.blobs.stat(digestOfPath(path));
  if (blob === undefined) throw new OldFileError('its blob is not there');
  await registry.index.blobs.add(repository, blob);
  await files.setAside(path);
}

/** By the digest of what they name. */
type OldTags = Map<Digest, readonly OldTag[]>;

async function readTags({ repository, files, left }: OldRepositoryContext): Promise<OldTags> {
  const tags: OldTags = new Map();
  for (const path of await files.list(repository, '_tags')) {
    await attempt(path, left, async () => {
      const tag = await files.readTag(path);
      tags.set(tag.target, [...(tags.get(tag.target) ?? []), tag]);
    });
  }
  return tags;
}

/** Takes what is done out of `tags`. */
async function takeOverManifests(tags: OldTags, context: OldRepositoryContext) {
  const { repository, files, left } = context;
  const tagsOf = (path: string) => tags.get(digestTextOf(path) as Digest) ?? [];
  const lastTagged = (path: string) => Math.max(0, ...tagsOf(path).map(({ taggedMs }) => taggedMs));
  const counts = { manifests: 0, tags: 0 };
  // In the order in which they were tagged, so that the last ones stay the last ones.
  let pending = [...(await files.list(repository, '_manifests'))].sort((a, b) => lastTagged(a) - lastTagged(b));
  // What lists manifests comes after them: what lacks something is tried again as long as anything was taken.
  for (let before = Infinity; pending.length < before; ) {
    before = pending.length;
    const again: string[] = [];
    for (const path of pending) {
      left.delete(path);
      if (!(await attempt(path, left, () => takeOverManifest(path, tagsOf(path), context)))) again.push(path);
      else {
        counts.manifests++;
        counts.tags += tagsOf(path).length;
        tags.delete(digestOfPath(path));
      }
    }
    pending = again;
  }
  return counts;
}

async function takeOverManifest(
  path: string,
  tags: readonly OldTag[],
  { repository, files, registry }: OldRepositoryContext,
): Promise<void> {
  const digest = digestOfPath(path);
  const mediaType = await files.readMediaType(path);
  const bytes = await readManifest(registry, digest);
  const missing: string[] = [];
  for (const { tag } of tags) {
    if ((await registry.index.tags.get(repository, tag)) === undefined) missing.push(tag);
  }
  await keepManifest(registry, { repository, bytes, digest, mediaType, tags: missing, isStored: true });
  for (const tag of tags) await files.setAside(tag.path);
  await files.setAside(path);
}

async function readManifest({ blobs }: Registers, digest: Digest): Promise<Buffer> {
  const blob = await blobs.stat(digest);
  if (blob === undefined) throw new OldFileError('its bytes are not there');
  if (blob.sizeBytes > maxManifestBytes) throw new OldFileError('it is larger than a manifest may be');
  const bytes = await buffer(blobs.open(digest));
  if (digestOf(bytes, algorithmOf(digest)) !== digest) throw new OldFileError('its bytes are damaged');
  return bytes;
}

const unreadable = ['EACCES', 'EIO', 'EISDIR', 'ENOENT', 'ENOTDIR', 'EPERM'];

/** Does something with a file, or notes why that cannot be done. */
async function attempt(path: string, left: Map<string, string>, work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    const isKnown = error instanceof OldFileError || isSystemError(error, ...unreadable) || isRefused(error);
    if (!isKnown) throw error;
    left.set(path, messageOf(error));
    return false;
  }
}

/** The registry refuses it; that a database does not answer says nothing of the file. */
function isRefused(error: unknown): boolean {
  const known = asRegistryError(error);
  return known !== undefined && known.status !== 503;
}
