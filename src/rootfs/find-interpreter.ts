import { BuilderError } from '../errors.ts';
import type { ImageConfig } from '../oci/image-config.ts';
import { say } from '../sentence.ts';
import { environmentVariable } from './environment-variable.ts';
import { joinPath, nameOf, parentOf } from './paths.ts';
import { findVirtualEnvironment, type VirtualEnvironment } from './pyvenv-config.ts';
import type { Rootfs } from './rootfs.ts';
import { defaultPath } from './search-path.ts';

/** A CPython that stands in the image, and where its parts are. */
export interface Interpreter {
  /** As found on PATH, links not followed: `/usr/bin/python3`. */
  readonly executable: string;
  /** Links followed: `/usr/bin/python3.11`. */
  readonly realExecutable: string;
  /** Where the standard library was installed to, that of the Python below a virtual environment: `/usr`. */
  readonly basePrefix: string;
  /** `lib` or `lib64`: where the standard library stands below the prefix. */
  readonly platlibDirectory: string;
  /** `python3.11`, or `python3.13t` for a free-threaded build. */
  readonly libraryName: string;
  /** `3.11` */
  readonly minorVersion: string;
  readonly freeThreaded: boolean;
  /** The dynamic loader that the executable asks for: `/lib64/ld-linux-x86-64.so.2`; absent when the index does not tell. */
  readonly loader?: string;
  /** The whole version as the executable or its shared library holds it. */
  readonly builtVersion?: string;
  readonly venv?: VirtualEnvironment;
}

const oldestMinor = 8;

/**
 * The Python that the image's PATH would start: `python3`, or else `python`, of the first directory that has one. Scripts of that name
 * (pyenv's shims) and Python 2 are passed over. Throws `python-not-found`, and `base-unsupported` for PyPy or a Python before 3.8.
 */
export function findInterpreter(rootfs: Rootfs, config: ImageConfig): Interpreter {
  const directories = (environmentVariable(config, 'PATH') ?? defaultPath)
    .split(':')
    .filter((directory) => directory.startsWith('/'))
    .map((directory) => directory.replace(/\/+$/, '') || '/');
  const passed: string[] = [];
  for (const directory of new Set(directories)) {
    for (const name of ['python3', 'python']) {
      const executable = joinPath(directory, name);
      if (!isExecutable(rootfs, executable)) continue;
      const interpreter = readInterpreter(rootfs, executable);
      if (interpreter) return interpreter;
      passed.push(executable);
    }
  }
  const places = directories.join(', ') || say`no directory`;
  throw new BuilderError('python-not-found', say`the base image has no Python 3 on its PATH`, {
    hint:
      passed.length === 0
        ? say`Use a base image with Python, or set PATH in it. Looked in ${places}.`
        : say`Use a base image with Python, or set PATH in it. Looked in ${places}; not a Python 3 interpreter: ${passed.join(', ')}.`,
  });
}

function isExecutable(rootfs: Rootfs, path: string): boolean {
  const real = rootfs.realPath(path);
  const entry = real === undefined ? undefined : rootfs.entry(real);
  return entry?.type === 'file' && (entry.mode & 0o111) !== 0;
}

function readInterpreter(rootfs: Rootfs, executable: string): Interpreter | undefined {
  const realExecutable = rootfs.realPath(executable)!;
  const name = nameOf(realExecutable);
  refuseOther(executable, name);
  const match = /^(?:platform-)?python(?:3(?:\.([0-9]+)(t?))?)?$/.exec(name);
  const excerpt = rootfs.read(realExecutable)?.toString('utf8').split(' ');
  if (!match || excerpt?.[0] === 'script') return undefined;
  const [, loader, versionList] = excerpt ?? [];
  const versions = versionsIn(versionList);
  const minors = match[1] ? [`3.${match[1]}`] : versions.map(minorOf);
  const venv = findVirtualEnvironment(rootfs, executable);
  const library = findLibrary(rootfs, realExecutable, minors, venv);
  if (!library) return undefined;
  refuseOld(executable, library.minorVersion);
  const builtVersion = onlyOf(versions, library) ?? sharedLibraryVersion(rootfs, library);
  return {
    executable,
    realExecutable,
    ...library,
    ...(loader?.startsWith('/') && { loader }),
    ...(builtVersion && { builtVersion }),
    ...(venv && { venv }),
  };
}

/** A small executable leaves its version to its shared library, which stands beside the standard library. */
function sharedLibraryVersion(rootfs: Rootfs, library: Library): string | undefined {
  const directory = joinPath(library.basePrefix, library.platlibDirectory);
  const excerpt = rootfs.read(joinPath(directory, `lib${library.libraryName}.so.1.0`))?.toString('utf8');
  return onlyOf(versionsIn(excerpt?.split(' ')[2]), library);
}

function versionsIn(list: string | undefined): string[] {
  return list === undefined || list === '-' ? [] : list.split(',');
}

/** The one version that fits the library; of two, neither is sure. */
function onlyOf(versions: readonly string[], { minorVersion }: Library): string | undefined {
  const fitting = versions.filter((version) => minorOf(version) === minorVersion);
  return fitting.length === 1 ? fitting[0] : undefined;
}

type Library = Pick<Interpreter, 'basePrefix' | 'platlibDirectory' | 'libraryName' | 'minorVersion' | 'freeThreaded'>;

/** Walks up from the executable to the directory that has the landmark of a standard library, as CPython does. */
function findLibrary(
  rootfs: Rootfs,
  realExecutable: string,
  minors: readonly string[],
  venv: VirtualEnvironment | undefined,
): Library | undefined {
  const starts = [...baseDirectories(rootfs, realExecutable, venv), parentOf(realExecutable)];
  const isFreeThreaded = nameOf(realExecutable).endsWith('t');
  for (const start of starts) {
    for (let prefix = start; ; prefix = parentOf(prefix)) {
      const found = librariesIn(rootfs, prefix).filter(
        (each) => minors.length === 0 || minors.includes(each.minorVersion),
      );
      const best = found.find(({ freeThreaded }) => freeThreaded === isFreeThreaded) ?? found[0];
      if (best) return best;
      if (prefix === '/') break;
    }
  }
  return undefined;
}

/** Where the Python that an environment was made with really stands. */
function baseDirectories(rootfs: Rootfs, realExecutable: string, venv: VirtualEnvironment | undefined): string[] {
  if (venv?.home === undefined) return [];
  const { home } = venv;
  const names = [nameOf(realExecutable), 'python3', 'python'];
  const found = names.map((name) => joinPath(home, name)).find((path) => isExecutable(rootfs, path));
  return [parentOf((found && rootfs.realPath(found)) ?? joinPath(home, 'python3'))];
}

/** Newest first, should there be several. */
function librariesIn(rootfs: Rootfs, prefix: string): Library[] {
  const found = ['lib', 'lib64'].flatMap((platlibDirectory) => {
    const directory = joinPath(prefix, platlibDirectory);
    return rootfs.list(directory).flatMap((libraryName): Library[] => {
      const match = /^python(3\.[0-9]+)(t?)$/.exec(libraryName);
      if (!match || rootfs.entry(`${directory}/${libraryName}/os.py`)?.type !== 'file') return [];
      const freeThreaded = match[2] === 't';
      return [{ basePrefix: prefix, platlibDirectory, libraryName, minorVersion: match[1]!, freeThreaded }];
    });
  });
  return found.sort((a, b) => minorNumber(b.minorVersion) - minorNumber(a.minorVersion));
}

function refuseOther(executable: string, name: string): void {
  if (!/^(?:pypy|graalpy)/.test(name)) return;
  throw new BuilderError(
    'base-unsupported',
    say`the Python of the base image, ${executable}, is ${name}, not CPython`,
    {
      hint: say`Use a base image whose PATH starts CPython.`,
    },
  );
}

function refuseOld(executable: string, minorVersion: string): void {
  if (minorNumber(minorVersion) >= oldestMinor) return;
  throw new BuilderError('base-unsupported', say`the Python of the base image, ${executable}, is ${minorVersion}`, {
    hint: say`Use a base image with Python 3.${oldestMinor} or newer.`,
  });
}

function minorOf(version: string): string {
  return version.split('.', 2).join('.');
}

function minorNumber(minorVersion: string): number {
  return Number(minorVersion.slice('3.'.length));
}
