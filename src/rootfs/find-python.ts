import { BuilderError } from '../errors.ts';
import type { ImageConfig } from '../oci/image-config.ts';
import { say } from '../sentence.ts';
import { environmentVariable } from './environment-variable.ts';
import { findInterpreter, type Interpreter } from './find-interpreter.ts';
import { findLibc } from './find-libc.ts';
import { installedDistributions } from './installed-distributions.ts';
import { joinPath, resolveText } from './paths.ts';
import type { PythonEnvironment } from './python-environment.ts';
import { type PythonLayout, pythonLayout } from './python-scheme.ts';
import { pythonVersion } from './python-version.ts';
import type { Rootfs } from './rootfs.ts';

/**
 * Tells all about the Python that the image's own PATH starts, by reading alone: nothing of the image is run. A user's own
 * site-packages (`~/.local`) do not count, as they depend on who starts the container. Throws `python-not-found`, and
 * `base-unsupported` for an image that is not Linux, PyPy, a Python before 3.8 or an unknown C library.
 */
export function findPython(rootfs: Rootfs, config: ImageConfig): PythonEnvironment {
  if (config.os !== 'linux') {
    throw new BuilderError('base-unsupported', say`the base image is for ${config.os}, not for linux`, {
      hint: say`Use a base image for linux.`,
    });
  }
  const interpreter = findInterpreter(rootfs, config);
  const layout = pythonLayout(rootfs, interpreter);
  const searchPath = searchPathOf(rootfs, layout, config);
  return {
    executable: interpreter.executable,
    version: pythonVersion(rootfs, interpreter, config),
    implementation: 'cpython',
    freeThreaded: interpreter.freeThreaded,
    kind: layout.kind,
    scheme: layout.scheme,
    searchPath,
    libc: findLibc(rootfs, interpreter),
    architecture: config.architecture,
    externallyManaged: isExternallyManaged(rootfs, interpreter),
    installed: installedDistributions(rootfs, searchPath, layout),
  };
}

/** What exists of PYTHONPATH and of the site directories with what their `.pth` files add; the scheme's directories in any case. */
function searchPathOf(rootfs: Rootfs, { scheme, siteDirectories }: PythonLayout, config: ImageConfig): string[] {
  const fromEnvironment = (environmentVariable(config, 'PYTHONPATH') ?? '')
    .split(':')
    .filter((path) => path.startsWith('/'))
    .map((path) => resolveText('/', path) ?? '/');
  const fromSite = siteDirectories.flatMap((directory) => [directory, ...pathFileDirectories(rootfs, directory)]);
  const always = new Set([scheme.purelib, scheme.platlib]);
  const byRealPath = new Map<string, string>();
  for (const directory of [...fromEnvironment, ...fromSite]) {
    const real = rootfs.realPath(directory);
    if (real === undefined || byRealPath.has(real)) continue;
    if (always.has(directory) || rootfs.entry(real)?.type === 'directory') byRealPath.set(real, directory);
  }
  return [...byRealPath.values()];
}

/** Directories that the `.pth` files of a site directory add (module `site`); lines of code are not followed. */
function pathFileDirectories(rootfs: Rootfs, directory: string): string[] {
  const files = rootfs.list(directory).filter((name) => name.endsWith('.pth') && !name.startsWith('.'));
  const lines = files.flatMap((name) => rootfs.read(joinPath(directory, name))?.toString('utf8').split(/\r?\n/) ?? []);
  return lines
    .filter((line) => line.trim() !== '' && !/^(?:#|import[ \t])/.test(line))
    .flatMap((line) => resolveText(directory, line.trim()) ?? []);
}

/** PEP 668; a virtual environment is its owner's to change. */
function isExternallyManaged(rootfs: Rootfs, interpreter: Interpreter): boolean {
  const { basePrefix, platlibDirectory, libraryName, venv } = interpreter;
  const marker = joinPath(basePrefix, `${platlibDirectory}/${libraryName}/EXTERNALLY-MANAGED`);
  return venv === undefined && rootfs.entry(marker) !== undefined;
}
