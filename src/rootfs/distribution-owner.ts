import { isObject } from '../oci/manifest.ts';
import { joinPath, nameOf } from './paths.ts';
import type { InstalledDistribution } from './python-environment.ts';
import { isSystemDirectory, type PythonLayout } from './python-scheme.ts';
import type { Rootfs } from './rootfs.ts';

type Told = Pick<InstalledDistribution, 'name' | 'version' | 'metadataPath' | 'location'>;

/** Who put a distribution where it stands. */
export function distributionOwner(rootfs: Rootfs, told: Told, layout: PythonLayout): InstalledDistribution['owner'] {
  const installer = rootfs.read(joinPath(told.metadataPath, 'INSTALLER'))?.toString('utf8').trim();
  if (layout.kind === 'conda') {
    return installer === 'conda' || isListedByConda(rootfs, told, layout.scheme.data) ? 'conda' : 'pip';
  }
  if (!isSystemDirectory(told.location, layout)) return 'pip';
  if (layout.kind !== 'prefix') return 'system';
  return isInstalledByPip(rootfs, told, installer) ? 'pip' : 'system';
}

/** Alpine's and others' pip writes into the directory of the distribution's own packages. */
function isInstalledByPip(rootfs: Rootfs, { metadataPath }: Told, installer: string | undefined): boolean {
  const real = rootfs.realPath(metadataPath) ?? metadataPath;
  const apk = (rootfs.read('/lib/apk/db/installed') ?? rootfs.read('/usr/lib/apk/db/installed'))?.toString('utf8');
  if (apk?.includes(`\nF:${real.slice(1)}\n`)) return false;
  const hasRecord = rootfs.entry(joinPath(metadataPath, 'RECORD')) !== undefined;
  return hasRecord && (installer === 'pip' || installer === 'uv');
}

/** Some conda packages leave out INSTALLER: the record of the package in conda-meta then names the distribution's files. */
function isListedByConda(rootfs: Rootfs, { name, version, metadataPath }: Told, prefix: string): boolean {
  const directory = joinPath(prefix, 'conda-meta');
  const candidates = rootfs.list(directory).filter((file) => {
    const match = /^(.+)-([^-]+)-[^-]+\.json$/.exec(file);
    return match?.[2] === version && match[1]!.replace(/[-_.]+/g, '-').toLowerCase() === name;
  });
  return candidates.some((file) => {
    const files = condaFiles(rootfs.read(joinPath(directory, file)));
    return files.some(
      (path) => path.includes(`/${nameOf(metadataPath)}/`) || path.endsWith(`/${nameOf(metadataPath)}`),
    );
  });
}

function condaFiles(content: Buffer | undefined): string[] {
  let record: unknown;
  try {
    record = JSON.parse(content?.toString('utf8') ?? '');
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
  const files = isObject(record) ? record.files : undefined;
  return Array.isArray(files) ? files.filter((path) => typeof path === 'string') : [];
}
