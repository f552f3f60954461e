import { mkdir, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Digest, isDigest, parseDigest } from '../../oci/digest.ts';
import { isRepositoryName, isTag } from '../../oci/reference.ts';
import { ignoreMissing, isSystemError, syncDirectory } from '../blobs/durable-files.ts';

/**
 * What older versions kept beside the blobs, one small file for each fact. No part of a repository's name begins with "_", so
 *
 *     <root>/repositories/team/python/_blobs/sha256/<hex>      empty: the blob may be read here
 *                                    /_manifests/sha256/<hex>  its descriptor, as JSON
 *                                    /_tags/3.11               a digest
 *
 * A file that has been taken over is set aside under `<root>/repositories.taken-over`. Whatever is given as a path begins at the root.
 */
export interface OldRegistryFiles {
  areThere(): Promise<boolean>;
  has(path: string): Promise<boolean>;
  repositories(): AsyncGenerator<OldRepository>;
  list(repository: string, kind: '_blobs' | '_manifests' | '_tags'): Promise<readonly string[]>;
  readTag(path: string): Promise<OldTag>;
  /** Of a manifest. */
  readMediaType(path: string): Promise<string>;
  setAside(path: string): Promise<void>;
  /** Ends it when all has been set aside: what is empty goes. */
  removeEmpty(): Promise<void>;
}

export interface OldRepository {
  readonly path: string;
  /** Absent when it is no repository. */
  readonly name: string | undefined;
}

export interface OldTag {
  readonly path: string;
  readonly tag: string;
  readonly target: Digest;
  readonly taggedMs: number;
}

/** A file that is not what it should be. */
export class OldFileError extends Error {}

const folder = 'repositories';

export function openOldRegistryFiles(root: string): OldRegistryFiles {
  const has = async (path: string) => (await stat(join(root, path)).catch(ignoreMissing)) !== undefined;
  const nameOf = (path: string) => path.slice(folder.length + 1);

  async function* repositoriesUnder(path: string): AsyncGenerator<OldRepository> {
    const entries = (await readdir(join(root, path), { withFileTypes: true }).catch(ignoreMissing)) ?? [];
    const isRepository = entries.some(({ name }) => name.startsWith('_'));
    if (isRepository) yield { path, name: isRepositoryName(nameOf(path)) ? nameOf(path) : undefined };
    for (const entry of entries) {
      const inside = join(path, entry.name);
      if (entry.name.startsWith('_')) continue;
      if (entry.isDirectory()) yield* repositoriesUnder(inside);
      else yield { path: inside, name: undefined };
    }
  }

  async function filesUnder(path: string, depth: number): Promise<string[]> {
    const found: string[] = [];
    for (const name of ((await readdir(join(root, path)).catch(ignoreMissing)) ?? []).sort()) {
      const inside = join(path, name);
      if (depth === 1) found.push(inside);
      else found.push(...(await filesUnder(inside, depth - 1)));
    }
    return found;
  }

  /** What an older process writes meanwhile stays. */
  async function removeEmptyUnder(path: string): Promise<void> {
    for (const entry of (await readdir(join(root, path), { withFileTypes: true }).catch(ignoreMissing)) ?? []) {
      const inside = join(path, entry.name);
      // It says what manifests say themselves.
      if (entry.name === '_referrers') await rm(join(root, inside), { recursive: true, force: true });
      else if (entry.isDirectory()) await removeEmptyUnder(inside);
    }
    await rmdir(join(root, path)).catch((error) => {
      if (!isSystemError(error, 'ENOENT', 'ENOTEMPTY')) throw error;
    });
  }

  return {
    areThere: () => has(folder),
    has,
    repositories: () => repositoriesUnder(folder),
    list: (repository, kind) => filesUnder(join(folder, repository, kind), kind === '_tags' ? 1 : 2),
    async readTag(path) {
      const tag = path.slice(path.lastIndexOf('/') + 1);
      const text = await readFile(join(root, path), 'utf8');
      if (!isTag(tag) || !isDigest(text)) throw new OldFileError('it is no tag');
      const { mtimeMs: taggedMs } = await stat(join(root, path));
      return { path, tag, target: parseDigest(text), taggedMs };
    },
    async readMediaType(path) {
      const text = await readFile(join(root, path), 'utf8');
      try {
        return String(JSON.parse(text).descriptor.mediaType);
      } catch {
        throw new OldFileError('it is no description of a manifest');
      }
    },
    async setAside(path) {
      const to = join(root, `${folder}.taken-over`, nameOf(path));
      await mkdir(dirname(to), { recursive: true, mode: 0o700 });
      // Another process may have been here.
      await rename(join(root, path), to).catch(ignoreMissing);
    },
    async removeEmpty() {
      await removeEmptyUnder(folder);
      await syncDirectory(root);
    },
  };
}

/** What a file is named after: `…/sha256/<hex>`. */
export function digestOfPath(path: string): Digest {
  const text = digestTextOf(path);
  if (!isDigest(text)) throw new OldFileError('it is no digest');
  return text;
}

export function digestTextOf(path: string): string {
  return path.split('/').slice(-2).join(':');
}
