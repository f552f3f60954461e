import { baseLibc } from '../../rootfs/find-libc.ts';
import type { Rootfs } from '../../rootfs/rootfs.ts';
import type { VirtualPackage } from './solve/solve-task.ts';

/** What conda calls the machines that images are for, by their architecture. */
const platforms: Readonly<Record<string, { readonly subdir: string; readonly archspec: string }>> = {
  amd64: { subdir: 'linux-64', archspec: 'x86_64' },
  arm64: { subdir: 'linux-aarch64', archspec: 'aarch64' },
};

/** `linux-64`; `undefined` for machines that conda has no packages for. */
export function condaPlatform({
  os,
  architecture,
}: {
  readonly os: string;
  readonly architecture: string;
}): string | undefined {
  return os === 'linux' && Object.hasOwn(platforms, architecture) ? platforms[architecture]!.subdir : undefined;
}

/**
 * A Linux that every host has by now: the one that will run the image is not known, and the answer must not depend on the one that
 * solves.
 */
const linuxVersion = '5.10';

/**
 * What the image and whoever runs it have that no package brings (CEP-30): the base's C library, and CUDA when the spec says which. The
 * plainest processor of its kind is assumed.
 */
export function virtualPackages(
  rootfs: Rootfs,
  { architecture, cuda }: { readonly architecture: string; readonly cuda?: string | undefined },
): readonly VirtualPackage[] {
  const libc = baseLibc(rootfs);
  return [
    { name: '__unix', version: '0', build: '0' },
    { name: '__linux', version: linuxVersion, build: '0' },
    ...(libc?.family === 'glibc' ? [{ name: '__glibc', version: libc.version, build: '0' }] : []),
    { name: '__archspec', version: '1', build: platforms[architecture]!.archspec },
    ...(cuda === undefined ? [] : [{ name: '__cuda', version: cuda, build: '0' }]),
  ];
}
