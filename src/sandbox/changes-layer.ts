import { type AssembledBlob, writeLayer } from '../layers/assemble-layer.ts';
import { withAncestors } from '../layers/base-survey.ts';
import { fixedMtime, type TarEntry } from '../layers/tar-header.ts';
import type { TarWriter } from '../layers/tar-writer.ts';
import type { LayerCompression } from '../oci/media-types.ts';
import type { Attributes, RootfsEntry } from '../rootfs/entry.ts';
import { joinPath, nameOf, parentOf } from '../rootfs/paths.ts';
import type { Rootfs } from '../rootfs/rootfs.ts';
import type { TarHeader } from '../rootfs/tar-reader.ts';
import type { ChangedEntry, RoomChanges } from './sandbox.ts';
import { isTrace, rewritten } from './traces.ts';

/*
 * What commands changed, as a layer that is the same bytes whenever the same commands change the same things:
 *
 *   changes ── without traces of the run ── directories on the way, removals, then the entry ──▶ tar
 *
 * Times: what has a time of before the run has it from its package, and keeps it, since compiled Python and others compare it. What the run
 * itself has made or touched, and every directory, has the one time of all we lay down.
 */

export interface ChangesLayerRequest {
  readonly changes: RoomChanges;
  /** What lies below. */
  readonly rootfs: Rootfs;
  /** When the first of the commands was started, seconds since 1970. */
  readonly startedSeconds: number;
  readonly compression: LayerCompression;
  /** File that the layer is written to; must not exist. */
  readonly file: string;
}

/** Writes the layer. Throws `package-corrupt` for what no layer holds, `disk-full`. */
export function writeChangesLayer(request: ChangesLayerRequest): Promise<AssembledBlob> {
  return writeLayer(request, (tar) => writeChanges(tar, request));
}

async function writeChanges(tar: TarWriter, { changes, rootfs, startedSeconds }: ChangesLayerRequest): Promise<void> {
  const removedIn = Map.groupBy(
    changes.removed.filter((path) => !isTrace(path, 'removed') && rootfs.entry(path) !== undefined),
    parentOf,
  );
  /** Directories that have been seen; one is written when something in it, or itself, is to be told. */
  const seen = new Map<string, TarEntry>();
  const written = new Set<string>();

  const tellDirectory = async (path: string) => {
    for (const each of withAncestors(path)) {
      if (written.has(each)) continue;
      written.add(each);
      await tar.entry(seen.get(each)!);
    }
  };
  const tellRemovals = async (directory: string) => {
    for (const path of removedIn.get(directory) ?? []) await writeMark(tar, joinPath(directory, `.wh.${nameOf(path)}`));
  };

  await tellRemovals('/');
  for await (const entry of changes.entries()) {
    const { path, header } = entry;
    if (isTrace(path, header.type)) continue;
    if (header.type !== 'directory') {
      await tellDirectory(parentOf(path));
      await writeEntry(tar, entry, startedSeconds);
      continue;
    }
    const below = rootfs.entry(path);
    const hides = entry.isOpaque && below?.type === 'directory';
    seen.set(path, { type: 'directory', path, ...attributesOf(header) });
    if (hides || removedIn.has(path) || !isSame(header, below)) await tellDirectory(path);
    if (hides) await writeMark(tar, joinPath(path, '.wh..wh..opq'));
    else await tellRemovals(path);
  }
}

async function writeEntry(tar: TarWriter, entry: ChangedEntry, startedSeconds: number): Promise<void> {
  const { path, header } = entry;
  const time = Math.floor(header.mtimeSeconds);
  const isOwnTime = time >= 0 && time < startedSeconds;
  const common = { path, ...attributesOf(header), mtimeSeconds: isOwnTime ? time : fixedMtime };
  switch (header.type) {
    case 'symlink':
      return tar.entry({ type: 'symlink', target: header.linkPath, ...common });
    case 'hardlink':
      return tar.entry({ type: 'hardlink', target: `/${header.linkPath.replace(/^\.?\//, '')}`, ...common });
    case 'file': {
      const content = await rewritten(entry);
      await tar.entry({ type: 'file', sizeBytes: content?.length ?? header.sizeBytes, ...common });
      if (content !== undefined) return tar.content(content);
      for await (const bytes of entry.chunks()) await tar.content(bytes);
      return;
    }
    default:
      // A socket or a pipe: whoever listens on it makes it anew.
      return;
  }
}

async function writeMark(tar: TarWriter, path: string): Promise<void> {
  await tar.entry({ type: 'file', path, sizeBytes: 0, mode: 0o644 });
}

function attributesOf({ mode, uid, gid, xattrs }: TarHeader): Attributes {
  return { mode, uid, gid, ...(xattrs !== undefined && { xattrs }) };
}

function isSame(header: TarHeader, below: RootfsEntry | undefined): boolean {
  if (below?.type !== 'directory') return false;
  const [ours, theirs] = [header.xattrs ?? {}, below.xattrs ?? {}];
  const names = Object.keys({ ...ours, ...theirs });
  return (
    header.mode === below.mode &&
    header.uid === below.uid &&
    header.gid === below.gid &&
    names.every((name) => ours[name] === theirs[name])
  );
}
