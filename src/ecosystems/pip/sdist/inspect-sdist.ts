import { join } from 'node:path';
import { BuilderError } from '../../../errors.ts';
import type { LockedFile } from '../../../lock/lock.ts';
import { isObject } from '../../../oci/manifest.ts';
import { normalisedName } from '../../../rootfs/normalised-name.ts';
import { type Sentence, say } from '../../../sentence.ts';
import { keepJson, readKeptJson } from '../../kept-json.ts';
import { compareVersions, formatVersion, parseVersion } from '../version.ts';
import type { BuildPlace, BuildTools } from './build-environment.ts';
import { buildKey, fetchSdist, gatherInputs } from './build-inputs.ts';
import { type BuildSystem, buildRequirements, readBuildSystem } from './build-system.ts';
import { describeSource, type SourceDescription, unexpectedAnswer } from './run-build.ts';
import type { SdistRelease } from './sdist-releases.ts';

/** A source archive, and the version that it is said to have, if any is. */
export type SourceArchive = Omit<SdistRelease, 'version'> & { readonly version?: string };

/** What a source archive turns out to be. */
export interface InspectedSdist {
  readonly release: SdistRelease;
  readonly file: Omit<LockedFile, 'name' | 'version'>;
  /** `Requires-Dist` lines. */
  readonly requires: readonly string[];
  readonly requiresPython?: string;
  /** All that stands beside Python while it is built, by name. */
  readonly buildRequires: readonly LockedFile[];
}

export interface InspectContext extends BuildPlace {
  readonly tools: BuildTools;
  /** The file with hash and size, asked for where the index does not tell them. */
  readonly measured: (file: SdistRelease['file']) => Promise<InspectedSdist['file']>;
  /** The wheels that requirements of a build mean, by name. Throws `build-failed` that names the title. */
  readonly lockBuildRequires: (requirements: readonly string[], title: string) => Promise<readonly LockedFile[]>;
  readonly signal: AbortSignal;
  /** See `ResolveRequest`. */
  readonly onWork?: ((message: Sentence) => void) | undefined;
}

/**
 * Fetches a source archive and asks it, in a room without network, what it is and what it needs. Throws `build-failed` with the cause,
 * `package-corrupt`, and what downloads and limits throw.
 */
export async function inspectSdist(release: SourceArchive, context: InspectContext): Promise<InspectedSdist> {
  const { tools, signal } = context;
  const title = release.version === undefined ? release.name : `${release.name} ${release.version}`;
  const file = await context.measured(release.file);
  const path = await fetchSdist(file, tools, { signal });
  const system = await readBuildSystem(path, file.filename);
  const source = { file: path, filename: file.filename };
  const describe = async (buildRequires: readonly LockedFile[], isComplete: boolean) => {
    const key = buildKey(file.sha256, buildRequires, context, tools);
    return rememberedOr(join(tools.cacheDir, 'sdists', `${key}-${isComplete ? 'complete' : 'asked'}.json`), () =>
      describeInRoom({ title, source, system, buildRequires }, isComplete, context),
    );
  };

  let buildRequires = await context.lockBuildRequires(system.requires, title);
  let description = await describe(buildRequires, false);
  if ('requires' in description) {
    const more = buildRequirements(description.requires, title);
    buildRequires = await context.lockBuildRequires([...system.requires, ...more], title);
    description = await describe(buildRequires, true);
  }
  if ('requires' in description) throw unexpectedAnswer(title);
  const { version, ...metadata } = readMetadata(description.metadata, release);
  if (isRelease(release)) return { release, file, buildRequires, ...metadata };
  // What a URL calls it may be anything.
  const filename = `${release.name}-${version}${file.filename.endsWith('.zip') ? '.zip' : '.tar.gz'}`;
  return { release: { ...release, version }, file: { ...file, filename }, buildRequires, ...metadata };
}

function isRelease(release: SourceArchive): release is SdistRelease {
  return release.version !== undefined;
}

/** Nothing is compiled yet, as a rule. */
const maxAskMs = 10 * 60_000;

async function describeInRoom(
  parts: {
    readonly title: string;
    readonly source: { readonly file: string; readonly filename: string };
    readonly system: BuildSystem;
    readonly buildRequires: readonly LockedFile[];
  },
  isComplete: boolean,
  context: InspectContext,
): Promise<SourceDescription> {
  const { tools, below, signal } = context;
  const { limits } = tools.rooms;
  // The second time is a part of the same question.
  if (!isComplete) context.onWork?.(say`Asking the source of ${parts.title} what it is`);
  const inputs = await gatherInputs(parts, context, { ...tools, signal });
  await using room = await tools.rooms.open(below, { signal });
  // Awaited here: the room is gone when this function returns.
  return await describeSource(inputs, {
    room,
    cacheDir: tools.cacheDir,
    limits: { ...limits, timeoutMs: Math.min(limits.timeoutMs, maxAskMs) },
    signal,
    isComplete,
  });
}

async function rememberedOr(file: string, ask: () => Promise<SourceDescription>): Promise<SourceDescription> {
  const kept = await readKeptJson(file);
  if (isObject(kept) && typeof kept.metadata === 'string') return { metadata: kept.metadata };
  const requires = isObject(kept) ? kept.requires : undefined;
  if (Array.isArray(requires)) return { requires: requires.filter((each) => typeof each === 'string') };
  const description = await ask();
  await keepJson(file, description);
  return description;
}

/** Core metadata specification: headers, continued by lines that begin with blanks. Throws `package-corrupt`. */
function readMetadata(
  text: string,
  { name, version }: SourceArchive,
): Pick<InspectedSdist, 'requires' | 'requiresPython'> & { readonly version: string } {
  const head = text.split(/\r?\n\r?\n/, 1)[0]!.replace(/\r?\n[ \t]+/g, ' ');
  const values = (header: string) =>
    head.split(/\r?\n/).flatMap((line) => {
      const cut = line.indexOf(':');
      return line.slice(0, cut).toLowerCase() === header ? [line.slice(cut + 1).trim()] : [];
    });
  const [ownName = '', ownVersion = ''] = [values('name')[0], values('version')[0]];
  const own = parseVersion(ownVersion);
  const isExpected = version === undefined || (own && compareVersions(own, parseVersion(version)!) === 0);
  if (normalisedName(ownName) !== name || own === undefined || !isExpected) {
    throw new BuilderError(
      'package-corrupt',
      say`The source archive of ${version === undefined ? name : `${name} ${version}`} says that it is "${ownName.slice(0, 100)} ${ownVersion.slice(0, 100)}"`,
      { hint: say`Take another version of the package, or tell its makers.` },
    );
  }
  const requiresPython = values('requires-python')[0];
  return {
    version: version ?? formatVersion(own),
    requires: values('requires-dist'),
    ...(requiresPython !== undefined && { requiresPython }),
  };
}
