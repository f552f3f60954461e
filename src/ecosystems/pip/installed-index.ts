import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, hexOf } from '../../oci/digest.ts';
import { normalisedName } from '../../rootfs/normalised-name.ts';
import type { InstalledDistribution } from '../../rootfs/python-environment.ts';
import { storedZip } from '../archives/stored-zip.ts';
import { formatMarker, type Marker } from './marker.ts';
import { formatRequirement, parseRequirement } from './requirement.ts';
import { formatVersion, parseVersion } from './version.ts';

/** What the solver has to know of a distribution. */
export interface ToldDistribution extends Pick<InstalledDistribution, 'name' | 'version' | 'requires'> {
  readonly requiresPython?: string;
}

/**
 * What the base has installed, told to the solver without running any code of the base.
 *
 * The solver takes candidates from indexes only. So each installed distribution becomes a wheel that holds nothing but metadata (its
 * name, version and requirements) in a directory for `--find-links`, and its version is handed in as a preference. Then what is
 * installed is a candidate even where no index has it, is kept as long as it satisfies, and is never held on to against the lines:
 *
 *     METADATA of the base ──▶ <cacheDir>/installed/<hash of all>/name-version-py3-none-any.whl ──▶ uv --find-links
 *
 * The directory is named by its content, so that uv's own cache of it stays valid from build to build.
 */
export async function writeInstalledIndex(
  installed: readonly ToldDistribution[],
  cacheDir: string,
): Promise<{ readonly directory: string }> {
  const wheels = installed.flatMap(metadataWheel);
  const key = hexOf(digestOf(JSON.stringify(wheels.map(({ filename, bytes }) => [filename, digestOf(bytes)])))).slice(
    0,
    32,
  );
  const directory = join(cacheDir, 'installed', key);
  if (await exists(directory)) return { directory };
  const partial = join(cacheDir, 'installed', `${randomUUID()}.partial`);
  await mkdir(partial, { recursive: true });
  try {
    for (const { filename, bytes } of wheels) await writeFile(join(partial, filename), bytes);
    await rename(partial, directory);
  } catch (error) {
    // Another process was quicker: what it wrote is the same.
    if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return { directory };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** None for a distribution whose version is not one by PEP 440 (`2.4ubuntu1`): the solver cannot order it. */
function metadataWheel({
  name,
  version,
  requires,
  requiresPython,
}: ToldDistribution): { filename: string; bytes: Buffer }[] {
  const parsed = parseVersion(version);
  if (parsed === undefined) return [];
  const normal = formatVersion(parsed);
  const requirements = requires.flatMap((line) => {
    const answer = parseRequirement(line);
    if ('fault' in answer) return [];
    const { url: _url, ...requirement } = answer.requirement;
    return [requirement];
  });
  const extras = new Set(requirements.flatMap(({ marker }) => (marker === undefined ? [] : extrasIn(marker))));
  const metadata = [
    'Metadata-Version: 2.1',
    `Name: ${name}`,
    `Version: ${normal}`,
    ...(requiresPython === undefined ? [] : [`Requires-Python: ${requiresPython}`]),
    ...[...extras].map((extra) => `Provides-Extra: ${extra}`),
    ...requirements.map((requirement) => `Requires-Dist: ${formatRequirement(requirement)}`),
  ].join('\n');
  const stem = `${name.replace(/-/g, '_')}-${normal}`;
  const wheel = 'Wheel-Version: 1.0\nGenerator: imagewright\nRoot-Is-Purelib: true\nTag: py3-none-any\n';
  const files = {
    [`${stem}.dist-info/METADATA`]: `${metadata}\n`,
    [`${stem}.dist-info/WHEEL`]: wheel,
    [`${stem}.dist-info/RECORD`]: ['METADATA', 'WHEEL', 'RECORD']
      .map((file) => `${stem}.dist-info/${file},,\n`)
      .join(''),
  };
  return [{ filename: `${stem}-py3-none-any.whl`, bytes: storedZip(files) }];
}

/** The extras that a marker asks about, read off its one spelling. */
function extrasIn(marker: Marker): readonly string[] {
  return [...formatMarker(marker).matchAll(/\bextra == "([\w.-]+)"/g)].map((match) => normalisedName(match[1]!));
}
