import { createHash, hash } from 'node:crypto';
import { posix } from 'node:path';
import { BuilderError } from '../../../errors.ts';
import type { LayerEntry, OpenedLayerSource } from '../../../layers/layer-source.ts';
import { fixedMtime } from '../../../layers/tar-header.ts';
import { keepRule } from '../../../rootfs/kept-files.ts';
import { isWithin } from '../../../rootfs/paths.ts';
import { say } from '../../../sentence.ts';
import { keepFile } from '../../kept-file.ts';
import { type CondaArchive, memberName, openCondaArchive, type PackageMember } from './conda-archive.ts';
import { type EntryPointScript, entryPointScript } from './entry-point.ts';
import { PackageFormatError } from './package-format-error.ts';
import { type PackageInfo, type PackagePath, readPackageInfo } from './package-info.ts';
import { formatPrefixRecord, type RecordedPackage, type RecordedPath, recordPath } from './prefix-record.ts';
import { createBinaryReplacement, replaceInText } from './prefix-replacement.ts';
import { type EnvironmentPython, noarchTarget } from './target-path.ts';

/*
 * A conda package as conda installs it: what stands in `info/` says what there is and where it goes; then the content passes once, in the
 * order of the archive, with the prefix put in; last come the scripts that the installer makes, and the record in `conda-meta`.
 */

/** What the worker thread is told of a package. */
export interface CondaInput {
  /** Where the archive lies on this machine. */
  readonly file: string;
  /** Where the record is kept besides, so that nobody has to look for it in the layer. */
  readonly recordFile: string;
  /** Where the environment is: `/opt/conda`. */
  readonly prefix: string;
  /** The environment's Python, for packages that go to wherever it looks. */
  readonly python?: EnvironmentPython;
  readonly pkg: RecordedPackage;
}

/** A file of the package and where it goes. */
interface PlacedPath extends PackagePath {
  /** Below the prefix. */
  readonly target: string;
}

interface OpenedPackage {
  readonly input: CondaInput;
  readonly archive: CondaArchive;
  readonly info: PackageInfo;
  readonly placed: ReadonlyMap<string, PlacedPath>;
  readonly scripts: readonly EntryPointScript[];
}

/** Texts in which the prefix is put in are held in memory; none that is honest comes near. */
const maxTextBytes = 64 * 1024 * 1024;
/** Files up to this size are taken whole, which is quicker. */
const wholeFileBytes = 2 * 1024 * 1024;
const maxMtime = 0o77777777777;

/** Opens a conda package for a layer. Throws `package-corrupt`, `limit-exceeded`. */
export async function openLayerSource(input: CondaInput): Promise<OpenedLayerSource> {
  return inPackage(input, async () => {
    const archive = openCondaArchive(input.file, input.pkg.filename, titleOf(input));
    try {
      return openPackage(input, archive, await readPackageInfo(archive));
    } catch (error) {
      archive[Symbol.dispose]();
      throw error;
    }
  });
}

function openPackage(input: CondaInput, archive: CondaArchive, info: PackageInfo): OpenedLayerSource {
  const { pkg, prefix } = input;
  checkIdentity(info, pkg);
  const targetOf = (path: string) => (info.isNoarchPython ? noarchTarget(path, pythonOf(input)) : path);
  const placed = new Map(info.paths.map((each) => [each.path, { ...each, target: targetOf(each.path) }]));
  const scripts = info.entryPoints.map((each) =>
    entryPointScript(each, `${prefix}/bin/python${pythonOf(input).version}`),
  );
  const files = [
    ...[...placed.values()].map(({ target }) => target),
    ...scripts.map(({ path }) => path),
    recordPath(pkg),
  ];
  const opened: OpenedPackage = { input, archive, info, placed, scripts };
  return {
    paths: [
      ...files.map((path) => ({ path: `${prefix}/${path}`, isDirectory: false })),
      ...info.emptyDirectories.map((path) => ({ path: `${prefix}/${targetOf(path)}`, isDirectory: true })),
    ],
    entries: () => entriesOf(opened),
    [Symbol.asyncDispose]: async () => archive[Symbol.dispose](),
  };
}

async function* entriesOf(opened: OpenedPackage): AsyncGenerator<LayerEntry> {
  const { input, archive, info, placed, scripts } = opened;
  const { prefix, pkg } = input;
  const recorded = new Map<string, RecordedPath>();
  try {
    for await (const member of archive.content()) {
      const path = placed.get(member.path);
      // What the package does not list is not part of what it installs.
      if (path === undefined) continue;
      if (recorded.has(path.path)) throw new PackageFormatError(say`it has "${path.path}" twice`);
      yield await memberEntry(opened, { path, member, recorded });
    }
    const missing = info.paths.find(({ path }) => !recorded.has(path));
    if (missing !== undefined) throw new PackageFormatError(say`it lists "${missing.path}" and does not have it`);
  } catch (error) {
    throw asBuilderError(input, error);
  }
  for (const { path, content } of scripts) {
    yield { path: `${prefix}/${path}`, mode: 0o755, content: { type: 'bytes', bytes: content } };
  }
  const record = formatPrefixRecord(pkg, [
    ...info.paths.map(({ path }) => recorded.get(path)!),
    ...scripts.map(recordedScript),
    ...info.emptyDirectories.map((path): RecordedPath => ({ _path: path, path_type: 'directory' })),
  ]);
  const path = `${prefix}/${recordPath(pkg)}`;
  // Not one that is larger than what is kept of any layer.
  if (record.length <= keepRule(path)!.maxBytes) await keepFile(input.recordFile, record);
  yield { path, mode: 0o644, content: { type: 'bytes', bytes: record } };
}

interface MemberOfPackage {
  readonly path: PlacedPath;
  readonly member: PackageMember;
  /** Filled as files pass, by their path in the package. */
  readonly recorded: Map<string, RecordedPath>;
}

function memberEntry(opened: OpenedPackage, of: MemberOfPackage): LayerEntry | Promise<LayerEntry> {
  if (of.member.header.type === 'symlink') return symlinkEntry(opened, of);
  if (of.member.header.type === 'hardlink') return hardLinkEntry(opened, of);
  return fileEntry(opened, of);
}

/** A link stays as it is written; where it leads has to be in the environment. */
function symlinkEntry({ input: { prefix } }: OpenedPackage, { path, member, recorded }: MemberOfPackage): LayerEntry {
  const { linkPath } = member.header;
  const place = `${prefix}/${path.target}`;
  if (!isWithin(posix.resolve(posix.dirname(place), linkPath), prefix)) {
    throw new PackageFormatError(say`its link "${path.path}" leads out of the environment, to "${linkPath}"`);
  }
  recorded.set(path.path, {
    ...recordStart(path, 'softlink'),
    sha256_in_prefix: hash('sha256', linkPath),
    size_in_bytes: path.sizeBytes ?? Buffer.byteLength(linkPath),
  });
  return { path: place, mode: 0o777, content: { type: 'symlink', target: linkPath } };
}

/** Two names of one file in the archive stay that in the layer. */
function hardLinkEntry(
  { input: { prefix }, placed }: OpenedPackage,
  { path, member, recorded }: MemberOfPackage,
): LayerEntry {
  const target = memberName(member.header.linkPath);
  const known = recorded.get(target);
  if (known === undefined || known.path_type !== 'hardlink') {
    throw new PackageFormatError(say`"${path.path}" is another name of "${target}", which does not come before it`);
  }
  const other = placed.get(target)!;
  if (other.placeholder?.text !== path.placeholder?.text || other.placeholder?.mode !== path.placeholder?.mode) {
    throw new PackageFormatError(say`"${path.path}" and "${target}" are one file with two placeholders`);
  }
  recorded.set(path.path, { ...known, ...recordStart(path, 'hardlink') });
  return {
    path: `${prefix}/${path.target}`,
    mode: member.header.mode,
    mtimeSeconds: mtimeOf(member.header.mtimeSeconds, path.placeholder !== undefined),
    content: { type: 'hardlink', target: `${prefix}/${other.target}` },
  };
}

async function fileEntry(
  { input: { prefix } }: OpenedPackage,
  { path, member, recorded }: MemberOfPackage,
): Promise<LayerEntry> {
  const { placeholder } = path;
  const { mode, sizeBytes, mtimeSeconds } = member.header;
  const note = (size_in_bytes: number, sha256_in_prefix?: string) =>
    recorded.set(path.path, {
      ...recordStart(path, 'hardlink'),
      ...(sha256_in_prefix !== undefined && { sha256_in_prefix }),
      size_in_bytes,
    });
  const entry = {
    path: `${prefix}/${path.target}`,
    mode,
    mtimeSeconds: mtimeOf(mtimeSeconds, placeholder !== undefined),
  };
  if (sizeBytes > wholeFileBytes && placeholder?.mode !== 'text') {
    note(sizeBytes);
    const pieces = placeholder === undefined ? member.chunks() : replacedPieces(member, placeholder.text, prefix);
    const open = () => hashed(pieces, (sha256) => note(sizeBytes, sha256));
    return { ...entry, content: { type: 'stream', sizeBytes, open } };
  }
  if (sizeBytes > maxTextBytes) throw new PackageFormatError(say`the text "${path.path}" has ${sizeBytes} bytes`);
  const bytes = replaced(await member.read(sizeBytes), placeholder, prefix);
  note(bytes.length, hash('sha256', bytes));
  return { ...entry, content: { type: 'bytes', bytes } };
}

function replaced(content: Buffer, placeholder: PackagePath['placeholder'], prefix: string): Buffer {
  if (placeholder === undefined) return content;
  if (placeholder.mode === 'text') return replaceInText(content, placeholder.text, prefix);
  const replacement = createBinaryReplacement(placeholder.text, prefix);
  return Buffer.concat([replacement.update(content), replacement.end()]);
}

async function* replacedPieces(member: PackageMember, placeholder: string, prefix: string): AsyncGenerator<Uint8Array> {
  const replacement = createBinaryReplacement(placeholder, prefix);
  for await (const piece of member.chunks()) yield replacement.update(piece);
  yield replacement.end();
}

async function* hashed(pieces: AsyncIterable<Uint8Array>, tell: (sha256: string) => void): AsyncGenerator<Uint8Array> {
  const hasher = createHash('sha256');
  for await (const piece of pieces) {
    hasher.update(piece);
    yield piece;
  }
  tell(hasher.digest('hex'));
}

/**
 * Compiled Python is good for a source of that time and size alone, so files keep the time that their package tells; where the prefix was
 * put in, what was compiled before is good no longer. None is older than all else that we lay down.
 */
function mtimeOf(mtimeSeconds: number, isChanged: boolean): number {
  return Math.min(Math.max(Math.floor(mtimeSeconds) + (isChanged ? 1 : 0), fixedMtime), maxMtime);
}

function recordStart(
  { target, sha256, placeholder, noLink }: PlacedPath,
  path_type: RecordedPath['path_type'],
): RecordedPath {
  return {
    _path: target,
    path_type,
    ...(noLink && { no_link: true }),
    ...(sha256 !== undefined && { sha256 }),
    ...(placeholder !== undefined && { file_mode: placeholder.mode, prefix_placeholder: placeholder.text }),
  };
}

function recordedScript({ path, content }: EntryPointScript): RecordedPath {
  const sha256 = hash('sha256', content);
  return {
    _path: path,
    path_type: 'unix_python_entry_point',
    sha256,
    sha256_in_prefix: sha256,
    size_in_bytes: content.length,
  };
}

function pythonOf({ python }: CondaInput): EnvironmentPython {
  if (python !== undefined) return python;
  throw new PackageFormatError(say`it is for Python, and the environment has none`);
}

function checkIdentity(info: PackageInfo, pkg: RecordedPackage): void {
  for (const key of ['name', 'version', 'build'] as const) {
    if (info[key] !== pkg[key])
      throw new PackageFormatError(say`it says that its ${key} is "${info[key].slice(0, 100)}"`);
  }
}

async function inPackage<T>(input: CondaInput, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asBuilderError(input, error);
  }
}

function asBuilderError(input: CondaInput, error: unknown): unknown {
  if (!(error instanceof PackageFormatError)) return error;
  return new BuilderError('package-corrupt', say`${titleOf(input)} cannot be installed: ${error.message}`, {
    cause: error,
    hint: say`Take another version of the package, or tell its makers.`,
  });
}

function titleOf({ pkg }: CondaInput): string {
  return say`The conda package ${pkg.filename}`;
}
