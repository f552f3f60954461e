import { BuilderError } from '../errors.ts';
import { say } from '../sentence.ts';
import type { Interpreter } from './find-interpreter.ts';
import { joinPath, nameOf, parentOf } from './paths.ts';
import type { PythonEnvironment } from './python-environment.ts';
import type { Rootfs } from './rootfs.ts';

/** Where C libraries stand when the executable does not lead to one. */
const libraryDirectories = ['/lib64', '/usr/lib64', '/lib', '/usr/lib'];

/** The C library that the image's Python runs with, which says what wheels fit. Throws `base-unsupported`. */
export function findLibc(rootfs: Rootfs, { executable, loader }: Interpreter): PythonEnvironment['libc'] {
  const libc = baseLibc(rootfs, loader);
  if (libc !== undefined) return libc;
  throw new BuilderError(
    'base-unsupported',
    say`the base image has no glibc or musl that its Python ${executable} could run with`,
    {
      hint: say`Use a base image of a common Linux distribution.`,
    },
  );
}

/** The C library that programs of the image run with: that of the loader, where one is known. */
export function baseLibc(rootfs: Rootfs, loader?: string): PythonEnvironment['libc'] | undefined {
  for (const path of libcPaths(rootfs, loader)) {
    const match = /^(glibc|musl) ([0-9.]+)$/.exec(rootfs.read(path)?.toString('utf8') ?? '');
    if (match) return { family: match[1] as 'glibc' | 'musl', version: match[2]! };
  }
  return undefined;
}

/** glibc stands beside its loader; musl is its loader. */
function* libcPaths(rootfs: Rootfs, loader: string | undefined): Iterable<string> {
  const realLoader = loader && rootfs.realPath(loader);
  if (realLoader) yield joinPath(parentOf(realLoader), 'libc.so.6');
  if (loader && nameOf(loader).startsWith('ld-musl-')) yield loader;
  for (const directory of libraryDirectories) {
    const triplets = rootfs.list(directory).filter((name) => /-linux-gnu/.test(name));
    yield* ['', ...triplets].map((name) => `${directory}/${name}/libc.so.6`);
    const loaders = rootfs.list(directory).filter((name) => /^ld-musl-.*\.so\.1$/.test(name));
    yield* loaders.map((name) => joinPath(directory, name));
  }
}
