import { type CoreMetadata, parseCoreMetadata, parseEggRequires } from './core-metadata.ts';
import { distributionFiles } from './distribution-files.ts';
import { distributionOwner } from './distribution-owner.ts';
import { normalisedName } from './normalised-name.ts';
import { joinPath } from './paths.ts';
import type { InstalledDistribution } from './python-environment.ts';
import type { PythonLayout } from './python-scheme.ts';
import type { Rootfs } from './rootfs.ts';

/** What is installed in the directories of a search path, in their order; of a name that stands twice, only the first is seen by Python. */
export function installedDistributions(
  rootfs: Rootfs,
  searchPath: readonly string[],
  layout: PythonLayout,
): InstalledDistribution[] {
  const found = new Map<string, InstalledDistribution>();
  for (const location of searchPath) {
    for (const fileName of rootfs.list(location)) {
      const told = readMetadata(rootfs, location, fileName);
      if (told && !found.has(told.name)) found.set(told.name, complete(rootfs, told, layout));
    }
  }
  return [...found.values()];
}

type Told = Pick<InstalledDistribution, 'name' | 'version' | 'metadataPath' | 'location' | 'requires'>;

function readMetadata(rootfs: Rootfs, location: string, fileName: string): Told | undefined {
  // pip renames what it is about to remove to a name with a tilde; an interrupted one stays behind.
  const match = /^([^~].*)\.(dist|egg)-info$/.exec(fileName);
  if (!match) return undefined;
  const metadataPath = joinPath(location, fileName);
  const metadata = match[2] === 'dist' ? distMetadata(rootfs, metadataPath) : eggMetadata(rootfs, metadataPath);
  if (metadata === undefined) return undefined;
  const [, nameInFile, versionInFile] = /^(.*?)-([^-]+)(?:-py[0-9.]+)?$/.exec(match[1]!) ?? [];
  const name = metadata.name ?? nameInFile ?? match[1]!;
  const version = metadata.version ?? versionInFile;
  if (version === undefined) return undefined;
  return { name: normalisedName(name), version, metadataPath, location, requires: metadata.requires };
}

function distMetadata(rootfs: Rootfs, metadataPath: string): CoreMetadata | undefined {
  const path = joinPath(metadataPath, 'METADATA');
  if (rootfs.entry(path) === undefined) return undefined;
  return parseCoreMetadata(rootfs.read(path)?.toString('utf8') ?? '');
}

/** An `.egg-info` is a directory (setuptools) or the PKG-INFO itself (distutils). */
function eggMetadata(rootfs: Rootfs, metadataPath: string): CoreMetadata | undefined {
  const content = rootfs.read(joinPath(metadataPath, 'PKG-INFO')) ?? rootfs.read(metadataPath);
  if (content === undefined) return undefined;
  const requires = rootfs.read(joinPath(metadataPath, 'requires.txt'))?.toString('utf8');
  const metadata = parseCoreMetadata(content.toString('utf8'));
  return requires === undefined ? metadata : { ...metadata, requires: parseEggRequires(requires) };
}

function complete(rootfs: Rootfs, told: Told, layout: PythonLayout): InstalledDistribution {
  const owner = distributionOwner(rootfs, told, layout);
  const files = owner === 'system' ? undefined : distributionFiles(rootfs, told.metadataPath);
  return { ...told, owner, ...(files && { files }) };
}
