import type { Interpreter } from './find-interpreter.ts';
import { distributionFamily } from './os-release.ts';
import { isWithin, joinPath, parentOf } from './paths.ts';
import type { InstallScheme, PythonEnvironment } from './python-environment.ts';
import type { Rootfs } from './rootfs.ts';

export interface PythonLayout {
  readonly kind: PythonEnvironment['kind'];
  /** Where `pip install` would put things. */
  readonly scheme: InstallScheme;
  /** Directories that `site` adds to `sys.path`, in order, those that do not exist too. */
  readonly siteDirectories: readonly string[];
}

/** The rules that give a Python its directories: upstream's `sysconfig` and `site`, with Debian's and Fedora's changes to them. */
export function pythonLayout(rootfs: Rootfs, interpreter: Interpreter): PythonLayout {
  const { venv, basePrefix } = interpreter;
  if (venv) return venvLayout(rootfs, interpreter, venv);
  if (rootfs.entry(joinPath(basePrefix, 'conda-meta'))?.type === 'directory') {
    return { ...prefixLayout(interpreter, basePrefix), kind: 'conda' };
  }
  const family = basePrefix === '/usr' ? distributionFamily(rootfs) : 'other';
  if (family === 'debian' || (basePrefix === '/usr' && rootfs.list('/usr/lib/python3/dist-packages').length > 0)) {
    return debianLayout(interpreter);
  }
  return family === 'fedora' ? fedoraLayout(interpreter) : prefixLayout(interpreter, basePrefix);
}

function prefixLayout(interpreter: Interpreter, prefix: string): PythonLayout {
  const { libraryName, platlibDirectory } = interpreter;
  const purelib = joinPath(prefix, `lib/${libraryName}/site-packages`);
  const platlib = joinPath(prefix, `${platlibDirectory}/${libraryName}/site-packages`);
  return {
    kind: 'prefix',
    scheme: {
      purelib,
      platlib,
      scripts: joinPath(prefix, 'bin'),
      headers: joinPath(prefix, `include/${libraryName}`),
      data: prefix,
    },
    siteDirectories: [...new Set([platlib, purelib])],
  };
}

/** Headers go where pip puts them: an environment shares `include/python3.X` with its base. */
function venvLayout(
  rootfs: Rootfs,
  interpreter: Interpreter,
  { prefix, includesSystemSite }: NonNullable<Interpreter['venv']>,
): PythonLayout {
  const { libraryName } = interpreter;
  const own = prefixLayout(interpreter, prefix);
  const { venv: _, ...base } = interpreter;
  const baseDirectories = includesSystemSite ? pythonLayout(rootfs, base).siteDirectories : [];
  return {
    kind: 'venv',
    scheme: { ...own.scheme, headers: joinPath(prefix, `include/site/${libraryName}`) },
    siteDirectories: [...own.siteDirectories, ...baseDirectories],
  };
}

/** Debian's `posix_local`: what is not dpkg's goes below /usr/local, into dist-packages; only its headers stay with the base's. */
function debianLayout({ libraryName }: Interpreter): PythonLayout {
  const library = `/usr/local/lib/${libraryName}/dist-packages`;
  return {
    kind: 'debian',
    scheme: {
      purelib: library,
      platlib: library,
      scripts: '/usr/local/bin',
      headers: `/usr/include/${libraryName}`,
      data: '/usr/local',
    },
    siteDirectories: [library, '/usr/lib/python3/dist-packages', `/usr/lib/${libraryName}/dist-packages`],
  };
}

/** Fedora's change of the same intent keeps upstream's names below /usr/local. */
function fedoraLayout(interpreter: Interpreter): PythonLayout {
  const local = prefixLayout(interpreter, '/usr/local');
  const system = prefixLayout(interpreter, interpreter.basePrefix);
  return { ...local, siteDirectories: [...local.siteDirectories, ...system.siteDirectories] };
}

/** True for a directory whose content the distribution's own packages put there (dpkg, rpm, apk), not pip. */
export function isSystemDirectory(directory: string, { kind, scheme }: PythonLayout): boolean {
  if (kind === 'venv') return !isWithin(directory, parentOf(scheme.scripts));
  return isWithin(directory, '/usr') && !isWithin(directory, '/usr/local');
}
