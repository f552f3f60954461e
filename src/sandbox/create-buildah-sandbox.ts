import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isBuilderError } from '../errors.ts';
import { createTurns, type Turns } from '../layers/turns.ts';
import { canonicalJson } from '../oci/canonical-json.ts';
import { digestOf, hexOf } from '../oci/digest.ts';
import { type BuildahStorage, missingPrograms, openBuildahStorage } from './buildah-storage.ts';
import { cleanStorage, touchImage, usualMaxStorageBytes } from './clean-storage.ts';
import { writeImageLayout } from './image-layout.ts';
import { readChanges } from './read-changes.ts';
import { runInRoom } from './run-in-room.ts';
import type { ChangedEntry, Room, Sandbox, SandboxRootfs } from './sandbox.ts';

export interface BuildahSandboxOptions {
  /** Images and rooms are kept in its folder `sandbox`. */
  readonly cacheDir: string;
  /** What images that are kept may take; 20 GiB unless told. */
  readonly maxStorageBytes?: number;
}

/**
 * Rooms are containers of buildah over overlay mounts, without a daemon: as root, or as an ordinary user with user namespaces. An image is
 * unpacked once and kept. Commands run under buildah's `chroot` isolation (its capabilities and system calls) inside namespaces of our own, so
 * that it works within containers too and all that runs ends at once.
 */
export function createBuildahSandbox({
  cacheDir,
  maxStorageBytes: maxBytes = usualMaxStorageBytes,
}: BuildahSandboxOptions): Sandbox {
  const turns = createTurns();
  let opened: Promise<BuildahStorage> | undefined;
  const storage = () => (opened ??= openBuildahStorage(join(cacheDir, 'sandbox')));
  return {
    async missing() {
      const programs = missingPrograms();
      return programs.length === 0 ? undefined : `${programs.join(', ')} not installed`;
    },
    async open(rootfs, { signal }) {
      return openRoom(
        await openContainer(rootfs, { storage: await storage(), turns, maxBytes, signal }),
        await storage(),
      );
    },
  };
}

/** Of an ordinary user in all. */
const maxProcesses = 4000;

interface OpenContext {
  readonly storage: BuildahStorage;
  readonly turns: Turns;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

async function openContainer(
  rootfs: SandboxRootfs,
  { storage, turns, maxBytes, signal }: OpenContext,
): Promise<string> {
  const diffIds = rootfs.layers.map(({ diffId }) => diffId);
  const name = `imagewright-${hexOf(digestOf(canonicalJson([rootfs.architecture, ...diffIds]))).slice(0, 32)}`;
  // Where there is no control group, this at least holds back what forks without end; it does not count for root.
  const options = ['--quiet', '--pull-never', '--ulimit', `nproc=${maxProcesses}:${maxProcesses}`];
  const from = () => storage.call(['from', ...options, `localhost/${name}:latest`], { signal });
  return turns.take(name, signal, async () => {
    await touchImage(name, storage);
    try {
      return await from();
    } catch (error) {
      // buildah says in words only that it has no such image; what else is wrong comes again below.
      if (!isBuilderError(error, 'build-failed')) throw error;
    }
    await cleanStorage(storage, { maxBytes, signal });
    await pull(name, rootfs, { storage, signal });
    return from();
  });
}

async function pull(
  name: string,
  rootfs: SandboxRootfs,
  { storage, signal }: Pick<OpenContext, 'storage' | 'signal'>,
): Promise<void> {
  const directory = join(storage.directory, `pull-${randomUUID()}`);
  try {
    await writeImageLayout(join(directory, name), rootfs, signal);
    // buildah names the image by the path, and not every path can be a name: this one can.
    await storage.call(['pull', '--quiet', `oci:${name}:latest`], { cwd: directory, signal });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function openRoom(container: string, storage: BuildahStorage): Promise<Room> {
  const id = await fullId(container, storage);
  const directory = join(storage.directory, `room-${randomUUID()}`);
  await mkdir(directory);
  const changesDirectory = await storage.changesDirectory(id);
  let isClosed = false;
  return {
    run: (command) => runInRoom(command, { storage, container: id, directory, changesDirectory }),
    async changes() {
      const { removed, entries } = await readChanges(changesDirectory, storage);
      return { removed, entries: () => whileOpen(entries(), () => !isClosed) };
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      await storage.call(['rm', id], { signal: new AbortController().signal });
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Of a few changes all might have been read by the time that they are gone; who does not wait for them is to hear of it in any case. */
async function* whileOpen(entries: AsyncIterable<ChangedEntry>, isOpen: () => boolean): AsyncGenerator<ChangedEntry> {
  const refuseClosed = (cause?: unknown) => {
    if (!isOpen()) throw new Error('a room was closed while its changes were read', { cause });
  };
  try {
    for await (const entry of entries) {
      refuseClosed();
      yield entry;
    }
  } catch (error) {
    refuseClosed(error);
    throw error;
  }
  refuseClosed();
}

async function fullId(container: string, storage: BuildahStorage): Promise<string> {
  const options = ['--type', 'container', '--format', '{{.ContainerID}}'];
  return storage.call(['inspect', ...options, container], { signal: new AbortController().signal });
}
