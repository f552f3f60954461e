import type { TarHeader } from '../rootfs/tar-reader.ts';

export type TarMember = TarHeader;

/** What a stack of layers shows, by absolute path. Deliberately naive: it is the judge of cleverer code. */
export type ShownTree = Map<string, TarMember>;

/** Puts a layer on top: whiteouts first, then its members (image-spec layer.md "Applying Changesets"). */
export function showLayer(members: readonly TarMember[], tree: ShownTree): void {
  for (const member of members) {
    const { directory, name } = split(absolute(member.path));
    if (name === '.wh..wh..opq') removeBelow(tree, directory);
    else if (name.startsWith('.wh.')) remove(tree, join(directory, name.slice('.wh.'.length)));
  }
  for (const member of members) {
    const path = absolute(member.path);
    if (split(path).name.startsWith('.wh.')) continue;
    const lower = tree.get(path);
    if (lower !== undefined && !(member.type === 'directory' && lower.type === 'directory')) remove(tree, path);
    tree.set(path, member);
  }
}

/**
 * The rules for a layer that we add: names written canonically and once, whiteouts before their siblings, every ancestor told with the
 * attributes it has below, nothing through a symbolic link, no file in the place of a directory and no directory in the place of
 * anything else, no setuid, no hard link to elsewhere, no time of the outside.
 */
export function checkAddedLayer(
  members: readonly TarMember[],
  below: ShownTree,
  told: (finding: string) => void,
): void {
  const seen = new Map<string, TarMember>();
  const started = new Set<string>();
  for (const member of members) {
    const path = absolute(member.path);
    const { directory, name } = split(path);
    checkName(member, told);
    if (seen.has(path)) told(`${path} stands in it twice`);
    if (directory !== '/' && seen.get(directory)?.type !== 'directory') told(`${path} comes without its directory`);
    if (member.mtimeSeconds !== members[0]!.mtimeSeconds) told(`${path} has a time of its own`);
    if (name.startsWith('.wh.')) {
      if (started.has(directory)) told(`the whiteout ${path} comes after a sibling`);
      if (member.sizeBytes !== 0) told(`the whiteout ${path} has content`);
      if (name !== '.wh..wh..opq' && !below.has(join(directory, name.slice('.wh.'.length))))
        told(`${path} removes nothing`);
    } else {
      started.add(directory);
      checkPlace(member, path, { below, told });
    }
    if (member.type === 'hardlink' && !seen.has(absolute(member.linkPath))) told(`${path} is linked to another layer`);
    seen.set(path, member);
  }
}

function checkName({ path, type }: TarMember, told: (finding: string) => void): void {
  const plain = type === 'directory' && path.endsWith('/') ? path.slice(0, -1) : path;
  if (plain === '' || plain.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    told(`${JSON.stringify(path)} is not a canonical name`);
  }
}

function checkPlace(
  member: TarMember,
  path: string,
  { below, told }: { below: ShownTree; told: (finding: string) => void },
): void {
  const lower = below.get(path);
  if (member.type !== 'directory') {
    if (lower?.type === 'directory') told(`${path} takes the place of a directory`);
    if ((member.mode & 0o6000) !== 0) told(`${path} is setuid or setgid`);
    return;
  }
  if (lower === undefined) return;
  if (lower.type !== 'directory') told(`the directory ${path} takes the place of a ${lower.type}`);
  const same = lower.mode === member.mode && lower.uid === member.uid && lower.gid === member.gid;
  if (lower.type === 'directory' && !same) told(`${path} changes mode or owner of a directory below`);
}

function remove(tree: ShownTree, path: string): void {
  tree.delete(path);
  removeBelow(tree, path);
}

function removeBelow(tree: ShownTree, directory: string): void {
  const prefix = directory === '/' ? '/' : `${directory}/`;
  for (const path of tree.keys()) if (path.startsWith(prefix)) tree.delete(path);
}

/** `./usr/bin/` → `/usr/bin`; the root is `/`. */
function absolute(path: string): string {
  return `/${path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')}`;
}

function split(path: string): { directory: string; name: string } {
  const slash = path.lastIndexOf('/');
  return { directory: path.slice(0, slash) || '/', name: path.slice(slash + 1) };
}

function join(directory: string, name: string): string {
  return directory === '/' ? `/${name}` : `${directory}/${name}`;
}
