import { spawnSync } from 'node:child_process';
import { zstdCompressSync } from 'node:zlib';
import { storedZip } from '../src/ecosystems/archives/stored-zip.ts';
import { paddingAfter, type TarEntry, tarHeader } from '../src/layers/tar-header.ts';

/** A member of a package's archive: a text or bytes, or what else a tar can hold. */
export type CondaMember =
  | string
  | Uint8Array
  | { readonly content: string | Uint8Array; readonly mode?: number; readonly mtimeSeconds?: number }
  | { readonly symlink: string }
  | { readonly hardlink: string };

export interface CondaRecipe {
  /** By path, in the order of the archive. */
  readonly members: Readonly<Record<string, CondaMember>>;
  /** Objects are written as JSON: `{ 'index.json': { … } }`. */
  readonly info: Readonly<Record<string, unknown>>;
}

/** A package of the format `.conda`, byte for byte what is asked for, however wrong. */
export function makeConda({ members, info }: CondaRecipe): Buffer {
  return storedZip({
    'metadata.json': Buffer.from('{"conda_pkg_format_version": 2}'),
    'pkg-demo-1.0-0.tar.zst': zstdCompressSync(makeTar(Object.entries(members))),
    'info-demo-1.0-0.tar.zst': zstdCompressSync(makeTar(infoMembers(info))),
  });
}

/** The same in the older format. */
export function makeTarBz2({ members, info }: CondaRecipe): Buffer {
  return bzip2(makeTar([...infoMembers(info), ...Object.entries(members)]));
}

/** Packs bytes as Python's bz2 does: nothing in Node can. */
export function bzip2(bytes: Uint8Array, level = 9): Buffer {
  const program = `import bz2, sys; sys.stdout.buffer.write(bz2.compress(sys.stdin.buffer.read(), ${level}))`;
  const { status, stdout, stderr } = spawnSync('python3', ['-c', program], { input: bytes, maxBuffer: 1024 ** 3 });
  if (status !== 0) throw new Error(String(stderr));
  return stdout;
}

function infoMembers(info: CondaRecipe['info']): [string, CondaMember][] {
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  return Object.entries(info).map(([name, value]) => [`info/${name}`, text(value)]);
}

export function makeTar(members: readonly (readonly [string, CondaMember])[]): Buffer {
  const parts = members.flatMap(([path, member]) => {
    const { entry, content } = tarMember(path, member);
    return [tarHeader(entry), content, Buffer.alloc(paddingAfter(content.length))];
  });
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

function tarMember(name: string, member: CondaMember): { readonly entry: TarEntry; readonly content: Buffer } {
  const path = `/${name}`;
  const none = Buffer.alloc(0);
  if (typeof member === 'object' && 'symlink' in member) {
    return { entry: { type: 'symlink', path, target: member.symlink }, content: none };
  }
  if (typeof member === 'object' && 'hardlink' in member) {
    return { entry: { type: 'hardlink', path, target: `/${member.hardlink}`, mode: 0o644 }, content: none };
  }
  const { content, mode, mtimeSeconds } =
    typeof member === 'string' || member instanceof Uint8Array
      ? { content: member, mode: undefined, mtimeSeconds: undefined }
      : member;
  const bytes = Buffer.from(content as Uint8Array);
  const entry = { type: 'file' as const, path, sizeBytes: bytes.length, mode: mode ?? 0o644 };
  return { entry: { ...entry, mtimeSeconds: mtimeSeconds ?? 1_700_000_000 }, content: bytes };
}
