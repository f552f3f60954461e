import type { ImageConfig } from '../oci/image-config.ts';
import { environmentVariable } from './environment-variable.ts';
import { parentOf } from './paths.ts';
import { defaultPath } from './search-path.ts';

/** What the paths of a base let one expect of its Python, before all of it is read. Only ever a guess. */
export interface LikelyPython {
  /** `3.11` */
  readonly version: string;
  readonly libcFamily: 'glibc' | 'musl';
}

export interface PythonWatch {
  /** Told of every path of the base, in the order in which it is read: `/usr/bin/python3.11`. */
  see(path: string): void;
  /** Never settles where no Python shows. */
  readonly likely: Promise<LikelyPython>;
}

/** Directories that most images have on PATH and many have no Python in. */
const usualDirectories: ReadonlySet<string> = new Set(defaultPath.split(':'));

/**
 * Watches for the Python that the image's PATH will likely start. Where PATH begins with a directory of the image's own
 * (`/opt/conda/bin`, `/opt/venv/bin`), the Python in there is waited for, since it stands before that of the operating system.
 */
export function watchForPython(config: ImageConfig): PythonWatch {
  const path = (environmentVariable(config, 'PATH') ?? defaultPath).split(':');
  const first = path.findIndex((directory) => !usualDirectories.has(directory));
  const counting = new Set(first < 0 ? path : path.slice(0, first + 1));
  const { promise, resolve } = Promise.withResolvers<LikelyPython>();
  let libcFamily: LikelyPython['libcFamily'] = 'glibc';
  return {
    see(seen) {
      if (seen.startsWith('/lib/ld-musl-')) libcFamily = 'musl';
      const version = /\/python(3\.\d+)$/.exec(seen)?.[1];
      if (version !== undefined && counting.has(parentOf(seen))) resolve({ version, libcFamily });
    },
    likely: promise,
  };
}
