import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { layerPath } from '../rootfs/layer-path.ts';
import { readTar } from '../rootfs/tar-reader.ts';
import type { BuildahStorage } from './buildah-storage.ts';
import type { ChangedEntry, RoomChanges } from './sandbox.ts';

/*
 * The upper directory of an overlay mount, kernel documentation overlayfs.rst: what is gone is a character device, a directory that hides the
 * one below has the attribute `overlay.opaque`. GNU tar reads it, because it tells extended attributes and hard links, which Node does not.
 */

/** Tells what an upper directory says. */
export async function readChanges(directory: string, storage: BuildahStorage): Promise<RoomChanges> {
  const find = ['find', directory, '-type', 'c', '-printf', '/%P\\0'];
  const chunks: Buffer[] = [];
  for await (const chunk of output(find, storage)) chunks.push(chunk);
  const found = Buffer.concat(chunks).toString('utf8').split('\0');
  const removed = found.filter((path) => path !== '').sort();
  return { removed, entries: () => readEntries(directory, storage) };
}

const tarOptions = [
  ...['--create', '--file=-', '--format=posix', '--numeric-owner', '--sort=name'],
  ...['--xattrs', '--xattrs-include=*'],
];

async function* readEntries(directory: string, storage: BuildahStorage): AsyncGenerator<ChangedEntry> {
  const tar = ['tar', ...tarOptions, '-C', directory, '.'];
  for await (const { header, ...content } of readTar(output(tar, storage))) {
    const path = layerPath(header.path);
    if (path === '/' || header.type === 'character') continue;
    const { xattrs, ...plain } = header;
    const kept = Object.entries(xattrs ?? {}).filter(([name]) => !belongsToHost(name));
    const isOpaque = opaqueNames.some((name) => xattrs?.[name] !== undefined);
    yield {
      ...content,
      path,
      isOpaque,
      header: { ...plain, ...(kept.length > 0 && { xattrs: Object.fromEntries(kept) }) },
    };
  }
}

const opaqueNames = ['trusted.overlay.opaque', 'user.overlay.opaque', 'user.fuseoverlayfs.opaque'];

function belongsToHost(name: string): boolean {
  return /^(?:trusted\.|user\.overlay\.|user\.fuseoverlayfs\.|user\.containers\.|security\.selinux$)/.test(name);
}

/** A program's standard output. Throws when the program fails, with what it said. */
async function* output(argv: readonly string[], { asOwner, env }: BuildahStorage): AsyncGenerator<Buffer> {
  const [program, ...args] = [...asOwner, ...argv];
  const child: ChildProcessByStdio<null, Readable, Readable> = spawn(program!, args, {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let told = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    told = (told + text).slice(-2000);
  });
  const ended = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  ended.catch(() => {});
  try {
    yield* child.stdout;
    const exitCode = await ended;
    if (exitCode !== 0)
      throw new Error(`${program} ended with ${exitCode} while the changes of a room were read: ${told}`);
  } finally {
    child.kill('SIGKILL');
  }
}
