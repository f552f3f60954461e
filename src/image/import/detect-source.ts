import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BuilderError, isBuilderError } from '../../errors.ts';
import { parseReference } from '../../oci/reference.ts';
import { ignoreMissing } from '../../registry/blobs/durable-files.ts';
import { decompress } from '../../rootfs/decompress.ts';
import { readTar } from '../../rootfs/tar-reader.ts';
import { say } from '../../sentence.ts';
import { compressionOfFile } from './file-compression.ts';
import type { ImportSource } from './import-source.ts';
import { openPlainTar } from './plain-tar.ts';
import { dockerManifestName, layoutMarkerName } from './well-known-names.ts';

/**
 * Reads what a user names as the source of an import: with a prefix (`docker://registry.example.com/python:3.11`,
 * `docker-archive:image.tar`, `oci:layout:3.11`, `rootfs:debian.tar.zst`), the path of a file or directory, whose kind is found by looking
 * at it, or else an image reference. Throws `command-invalid`, `reference-invalid`, `image-invalid`.
 */
export async function detectSource(text: string, temporaryDir: string): Promise<ImportSource> {
  const [, prefix, rest] = /^(docker:\/\/|docker-archive:|oci-archive:|oci:|rootfs:)(.*)$/s.exec(text) ?? [];
  switch (prefix) {
    case 'docker://':
      return { type: 'registry', reference: parseReference(rest!) };
    case 'docker-archive:':
      return { type: 'docker-archive', ...(await splitName(rest!)) };
    case 'oci-archive:':
    case 'oci:':
      return { type: 'oci', ...(await splitName(rest!)) };
    case 'rootfs:':
      return { type: 'rootfs', path: await existing(rest!) };
    default:
      return detectUnprefixed(text, temporaryDir);
  }
}

/** `image.tar:team/python:3.11`: what follows the path is the image in it. */
async function splitName(text: string): Promise<{ path: string; name?: string }> {
  if (await isThere(text)) return { path: text };
  for (let at = text.indexOf(':'); at > 0; at = text.indexOf(':', at + 1)) {
    const path = text.slice(0, at);
    if (await isThere(path)) return { path, name: text.slice(at + 1) };
  }
  return { path: await existing(text) };
}

async function detectUnprefixed(text: string, temporaryDir: string): Promise<ImportSource> {
  const found = await stat(text).catch(ignoreMissing);
  if (found === undefined) {
    if (/^(?:[./~]|.*\.(?:tar|tgz|tzst|tar\.gz|tar\.zst)$)/s.test(text))
      return { type: 'rootfs', path: await existing(text) };
    return { type: 'registry', reference: parseReference(text) };
  }
  if (!found.isDirectory()) return detectFile(text, temporaryDir);
  if (await isThere(join(text, layoutMarkerName))) return { type: 'oci', path: text };
  throw new BuilderError(
    'command-invalid',
    say`The directory ${text} is no OCI image layout: it has no file "oci-layout"`,
    {
      hint: say`Give the tar of a root file system instead of its directory: tar -C DIRECTORY -c . > rootfs.tar`,
    },
  );
}

async function detectFile(path: string, temporaryDir: string): Promise<ImportSource> {
  // Only an archive that begins like an image is looked through to its end.
  const first = await firstName(path);
  if (first === undefined || !imageMemberPattern.test(first)) return { type: 'rootfs', path };
  await using tar = await openPlainTar(path, temporaryDir);
  if (tar.has(dockerManifestName)) return { type: 'docker-archive', path };
  return tar.has(layoutMarkerName) ? { type: 'oci', path } : { type: 'rootfs', path };
}

const imageMemberPattern =
  /^(?:\.\/)?(?:blobs\/|manifest\.json$|index\.json$|oci-layout$|repositories$|[0-9a-f]{64}(?:\/|\.json$|\.tar$)|$)|^\.$/;

/** What the archive's first member is called; `undefined` for a file that is no tar, which is told of when it is read. */
async function firstName(path: string): Promise<string | undefined> {
  const compression = await compressionOfFile(path);
  let name: string | undefined;
  try {
    await decompress(createReadStream(path), compression, async (unpacked) => {
      for await (const { header } of readTar(unpacked)) {
        name = header.path;
        break;
      }
    });
  } catch (error) {
    // Leaving a stream early may end it with an error of its own.
    if (name === undefined && !isBuilderError(error, 'image-invalid')) throw error;
  }
  return name;
}

async function existing(path: string): Promise<string> {
  if (await isThere(path)) return path;
  throw new BuilderError('command-invalid', say`There is no file ${path}`, { hint: say`Check the path.` });
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(ignoreMissing)) !== undefined;
}
