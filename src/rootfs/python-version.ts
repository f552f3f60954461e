import type { ImageConfig } from '../oci/image-config.ts';
import { environmentVariable } from './environment-variable.ts';
import type { Interpreter } from './find-interpreter.ts';
import { joinPath } from './paths.ts';
import type { Rootfs } from './rootfs.ts';

/** `3.11.2`, or `3.11` where nothing in the image tells the rest. Asked are, first the surest: the executable, its headers, conda, dpkg, the environment. */
export function pythonVersion(rootfs: Rootfs, interpreter: Interpreter, config: ImageConfig): string {
  const { minorVersion, builtVersion, venv } = interpreter;
  const sources = [
    () => builtVersion,
    () => headerVersion(rootfs, interpreter),
    () => condaVersion(rootfs, interpreter),
    () => dpkgVersion(rootfs, interpreter),
    () => venv?.version,
    () => environmentVariable(config, 'PYTHON_VERSION'),
  ];
  for (const source of sources) {
    const version = source();
    if (version?.startsWith(`${minorVersion}.`) && versionPattern.test(version)) return version;
  }
  return minorVersion;
}

const versionPattern = /^3\.[0-9]+\.[0-9]+(?:(?:a|b|rc)[0-9]+)?$/;

function headerVersion(rootfs: Rootfs, { basePrefix, libraryName }: Interpreter): string | undefined {
  const header = rootfs.read(joinPath(basePrefix, `include/${libraryName}/patchlevel.h`))?.toString('utf8') ?? '';
  return /^#define\s+PY_VERSION\s+"([^"+]+)\+?"/m.exec(header)?.[1];
}

function condaVersion(rootfs: Rootfs, { basePrefix }: Interpreter): string | undefined {
  const names = rootfs.list(joinPath(basePrefix, 'conda-meta'));
  return names.map((name) => /^python-([^-]+)-[^-]+\.json$/.exec(name)?.[1]).find((version) => version !== undefined);
}

/** `3.11.2-6+deb12u6` and `3.13.0~rc1-2` of the package that has the standard library. */
function dpkgVersion(rootfs: Rootfs, { basePrefix, minorVersion }: Interpreter): string | undefined {
  if (basePrefix !== '/usr') return undefined;
  const names = [
    `python${minorVersion}-minimal`,
    `libpython${minorVersion}-minimal`,
    `libpython${minorVersion}-stdlib`,
  ];
  for (const paragraph of dpkgParagraphs(rootfs, names)) {
    const name = /^Package: *(\S+)/m.exec(paragraph)?.[1];
    const version = /^Version: *(?:[0-9]+:)?([0-9.]+)(?:~((?:a|b|rc)[0-9]+))?/m.exec(paragraph);
    if (name && version && names.includes(name)) return `${version[1]}${version[2] ?? ''}`;
  }
  return undefined;
}

/** Distroless images have a file a package in `status.d`, in place of the one `status`. */
function* dpkgParagraphs(rootfs: Rootfs, names: readonly string[]): Iterable<string> {
  yield* rootfs.read('/var/lib/dpkg/status')?.toString('utf8').split('\n\n') ?? [];
  for (const name of names) yield rootfs.read(`/var/lib/dpkg/status.d/${name}`)?.toString('utf8') ?? '';
}
