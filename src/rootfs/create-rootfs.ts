import type { RootfsEntry } from './entry.ts';
import type { LayerIndex } from './layer-index.ts';
import { type LayerView, layerView } from './layer-view.ts';
import { joinPath } from './paths.ts';
import type { Rootfs } from './rootfs.ts';

/**
 * What a stack of layers, lowest first, shows when each is unpacked by itself and the results are laid over one another by an overlay
 * mount. Where runtimes differ (containerd and podman mount, others unpack one layer onto the last) this is what it means:
 *
 * - `lib/x` in a layer without `lib` makes `lib` a directory of that layer. Over a directory the two merge; over anything else, a
 *   symbolic link too, it hides what is below: the link `lib -> usr/lib` is gone, as in an overlay mount.
 * - Such an implied directory has the attributes of the directory below it (as the spec and containerd have it), and is 0755 root's
 *   where there is none.
 * - A whiteout or an opaque mark hides what lower layers have, never what its own layer has.
 *
 * Nothing is merged ahead: like the mount, a directory is the list of the layers that have a part in it, and a name is looked for in
 * these from the top. What was found is remembered.
 */
export function createRootfs(layers: readonly LayerIndex[]): Rootfs {
  return rootfsOf(layers.map(layerView).reverse());
}

/** Symbolic links followed before a path counts as a loop, as Linux has it. */
const maxLinks = 40;

type DirectoryEntry = Extract<RootfsEntry, { type: 'directory' }>;

/** A directory of the merged tree. */
interface Directory {
  readonly path: string;
  readonly entry: DirectoryEntry;
  /** The layers that have a part in it, top first. */
  readonly parts: readonly LayerView[];
  readonly children: Map<string, Node | undefined>;
}

type Node =
  | { readonly type: 'directory'; readonly directory: Directory }
  | { readonly type: 'leaf'; readonly entry: Exclude<RootfsEntry, DirectoryEntry>; readonly layer: LayerView };

/** Where a walk ended: `missing` are the parts that stand nowhere, after the last directory on the way. */
interface Place {
  readonly directory: Directory;
  readonly missing: readonly string[];
  /** What is no directory, at the end of the path. */
  readonly leaf?: { readonly name: string; readonly node: Extract<Node, { type: 'leaf' }> };
}

/** `views` has the top layer first. */
function rootfsOf(views: readonly LayerView[]): Rootfs {
  const root = directoryAt('/', views);
  const lists = new Map<Directory, readonly string[]>();

  return {
    with: (layer) => rootfsOf([layerView(layer), ...views]),
    entry(path) {
      const place = walk(root, path, { followsLast: false });
      if (place === undefined || place.missing.length > 0) return undefined;
      return place.leaf?.node.entry ?? place.directory.entry;
    },
    realPath(path) {
      const place = walk(root, path, { followsLast: true });
      return (
        place && [...place.missing, ...(place.leaf ? [place.leaf.name] : [])].reduce(joinPath, place.directory.path)
      );
    },
    list(path) {
      const place = walk(root, path, { followsLast: true });
      if (place === undefined || place.leaf || place.missing.length > 0) return [];
      const known = lists.get(place.directory) ?? namesIn(place.directory);
      lists.set(place.directory, known);
      return known;
    },
    read(path) {
      const place = walk(root, path, { followsLast: true });
      if (!place?.leaf) return undefined;
      return place.leaf.node.layer.contents.get(joinPath(place.directory.path, place.leaf.name));
    },
  };
}

/** Follows a path part by part; `undefined` for a loop or a way through what is no directory. */
function walk(root: Directory, path: string, options: { followsLast: boolean }): Place | undefined {
  const stack = [root];
  const missing: string[] = [];
  const pending = path.split('/').reverse();
  let links = 0;
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (part === '' || part === '.') continue;
    const directory = stack.at(-1)!;
    if (part === '..') {
      if (missing.pop() === undefined && stack.length > 1) stack.pop();
      continue;
    }
    const node = missing.length > 0 ? undefined : lookUp(directory, part);
    if (node === undefined) missing.push(part);
    else if (node.type === 'directory') stack.push(node.directory);
    else if (node.entry.type === 'symlink' && (options.followsLast || pending.length > 0)) {
      if (++links > maxLinks) return undefined;
      const { target } = node.entry;
      if (target.startsWith('/')) stack.length = 1;
      pending.push(...target.split('/').reverse());
    } else return pending.length > 0 ? undefined : { directory, missing, leaf: { name: part, node } };
  }
  return { directory: stack.at(-1)!, missing };
}

function lookUp(directory: Directory, name: string): Node | undefined {
  const { children } = directory;
  if (children.has(name)) return children.get(name);
  const node = findNode(directory, name);
  children.set(name, node);
  return node;
}

function findNode({ path: directoryPath, parts }: Directory, name: string): Node | undefined {
  const path = joinPath(directoryPath, name);
  const found: LayerView[] = [];
  for (const layer of parts) {
    const entry = layer.entries.get(path);
    if (entry !== undefined && entry.type !== 'directory') {
      if (found.length === 0) return { type: 'leaf', entry, layer };
      break;
    }
    if (entry !== undefined || layer.names.has(path)) found.push(layer);
    if (layer.removed.get(directoryPath)?.has(name)) break;
  }
  return found.length === 0 ? undefined : { type: 'directory', directory: directoryAt(path, found) };
}

const impliedAttributes: DirectoryEntry = { type: 'directory', mode: 0o755, uid: 0, gid: 0 };

function directoryAt(path: string, candidates: readonly LayerView[]): Directory {
  const lowest = candidates.findIndex((layer) => layer.opaques.has(path));
  const parts = lowest < 0 ? candidates : candidates.slice(0, lowest + 1);
  const told = parts.map((layer) => layer.entries.get(path)).find((entry) => entry?.type === 'directory');
  return { path, parts, entry: told ?? impliedAttributes, children: new Map() };
}

function namesIn({ path, parts }: Directory): readonly string[] {
  const names = new Set<string>();
  const hidden = new Set<string>();
  for (const layer of parts) {
    for (const name of layer.names.get(path) ?? []) if (!hidden.has(name)) names.add(name);
    for (const name of layer.removed.get(path) ?? []) hidden.add(name);
  }
  return [...names].sort();
}
