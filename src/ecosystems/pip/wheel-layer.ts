import { posix } from 'node:path';
import { BuilderError } from '../../errors.ts';
import type { LayerEntry, OpenedLayerSource } from '../../layers/layer-source.ts';
import type { LockedPython } from '../../lock/lock.ts';
import { say } from '../../sentence.ts';
import { openZipArchive, type ZipArchive, type ZipMember } from '../archives/zip-archive.ts';
import { wholeMemberBytes } from '../archives/zip-inflate.ts';
import { formatDirectUrl } from './direct-url.ts';
import { formatRecord, parseRecord, type RecordRow, recordRow } from './record.ts';
import { createRecordCheck, isUnrecorded } from './record-check.ts';
import { hasPlaceholder, launchersOf, type ScriptEntryPoints, scriptEntryPoints, withInterpreter } from './scripts.ts';
import { keepWheelContent, type WheelContent } from './wheel-content.ts';
import { installerFiles, libraryDirectory, recordPathOf, type WheelFile, wheelFiles } from './wheel-files.ts';
import { WheelFormatError } from './wheel-format-error.ts';
import { type ExpectedWheel, readWheelMetadata, type WheelMetadata } from './wheel-metadata.ts';
import { type BytecodeFile, bytecodeFiles, cacheTagOf, modulesAmong } from './wheel-modules.ts';

/*
 * A wheel as pip installs it: the archive is opened and all that says where things go is read; then its files pass once, in the
 * order of the archive, each compared with its line in RECORD; last come the files that the installer makes, and the new RECORD.
 */

/** What the worker thread is told of a wheel. */
export interface WheelInput extends ExpectedWheel {
  /** Where the archive lies on this machine. */
  readonly file: string;
  readonly sha256: string;
  readonly python: LockedPython;
  /** True when a line of the spec asks for it, and not only another package. */
  readonly isRequested: boolean;
  readonly directUrl?: string;
  /** Of the archive at that URL, where it is source. */
  readonly archiveSha256?: string;
  /** Where is kept what it brings, see `WheelContent`. */
  readonly contentFile: string;
  /** Where the archive with the bytecode of its modules lies, when it is to be laid down too. */
  readonly bytecodeFile?: string;
}

interface Wheel {
  readonly input: WheelInput;
  readonly archive: ZipArchive;
  readonly metadata: WheelMetadata;
  /** Rows of the wheel's own RECORD, by member name. */
  readonly rows: ReadonlyMap<string, RecordRow>;
  readonly points: ScriptEntryPoints;
  /** The archive that holds the bytecode, and where what it holds goes. */
  readonly compiled: ZipArchive | undefined;
  readonly bytecode: readonly BytecodeFile[];
}

/** A file that the installer makes. */
interface MadeFile {
  readonly path: string;
  readonly content: Buffer;
  readonly mode: number;
}

/** Metadata files and scripts that are edited are held in memory; none that is honest comes near. */
const maxTextBytes = 64 * 1024 * 1024;

/** Opens a wheel for a layer. Throws `package-corrupt`, `limit-exceeded`. */
export async function openLayerSource(input: WheelInput): Promise<OpenedLayerSource> {
  using opened = new DisposableStack();
  const archive = opened.use(openZipArchive(input.file, titleOf(input)));
  const { bytecodeFile } = input;
  const bytecode = bytecodeFile === undefined ? undefined : openZipArchive(bytecodeFile, titleOf(input));
  if (bytecode !== undefined) opened.use(bytecode);
  const read = inWheel(input, () => readWheel(input, archive));
  const source = inWheel(input, () => openWheel(input, archive, bytecode, read));
  await keepWheelContent(input.contentFile, contentOf(read, input));
  const kept = opened.move();
  return { ...source, [Symbol.asyncDispose]: async () => kept.dispose() };
}

/** What a wheel brings, beside what tells of itself. Throws `package-corrupt`, `limit-exceeded`. */
export function readWheelContent(input: WheelInput): WheelContent {
  using archive = openZipArchive(input.file, titleOf(input));
  return inWheel(input, () => contentOf(readWheel(input, archive), input));
}

function contentOf({ metadata, rows, points, place, files }: ReadWheel, { python }: WheelInput): WheelContent {
  const own = `${libraryDirectory(place)}/${metadata.distInfo}/`;
  return new Map([
    ...files
      .filter(({ path }) => !path.startsWith(own))
      .map(({ member, path }) => [path, plainHash(rows.get(member.name))] as const),
    ...launchersOf(points, python).map(
      ({ name, content }) => [launcherPath(name, python), recordRow(name, content).hash] as const,
    ),
  ]);
}

/** Of what RECORD says, which is compared with the file only when that is read. */
function plainHash(row: RecordRow | undefined): string {
  return row !== undefined && /^[\w-]+=[\w=-]+$/.test(row.hash) ? row.hash : '';
}

function launcherPath(name: string, { scheme }: LockedPython): string {
  return posix.join(scheme.scripts, name);
}

/** The modules of a wheel and where they come to stand. Throws `package-corrupt`, `limit-exceeded`. */
export function modulesOf(input: WheelInput): readonly WheelFile[] {
  using archive = openZipArchive(input.file, titleOf(input));
  return inWheel(input, () => modulesAmong(readWheel(input, archive).files));
}

type ReadWheel = ReturnType<typeof readWheel>;

function readWheel(input: WheelInput, archive: ZipArchive) {
  const members = new Map(archive.members.map((member) => [member.name, member]));
  const readText = (name: string) => textOf(archive, members.get(name), name);
  const metadata = readWheelMetadata([...members.keys()], readText, input);
  const rows = recordedRows(readText(`${metadata.distInfo}/RECORD`));
  const pointsFile = `${metadata.distInfo}/entry_points.txt`;
  const points = scriptEntryPoints(members.has(pointsFile) ? readText(pointsFile) : '');
  const place = { metadata, scheme: input.python.scheme };
  return { metadata, rows, points, place, files: wheelFiles(archive.members, place, points) };
}

function openWheel(
  input: WheelInput,
  archive: ZipArchive,
  compiled: ZipArchive | undefined,
  { metadata, rows, points, place, files }: ReadWheel,
): Pick<OpenedLayerSource, 'paths' | 'entries'> {
  const unrecorded = archive.members.find(({ name }) => !rows.has(name) && !isUnrecorded(name, metadata.distInfo));
  if (unrecorded !== undefined) throw new WheelFormatError(say`its RECORD does not list "${unrecorded.name}"`);
  const bytecode = compiled === undefined ? [] : bytecodeFiles(compiled, files, cacheTagOf(input.python));
  const wheel: Wheel = { input, archive, metadata, rows, points, compiled, bytecode };
  const made = madeFiles(wheel);
  const madePaths = new Set(made.map(({ path }) => path));
  // Where a launcher has the name of a script that the wheel brings along, pip writes the launcher last.
  const kept = files.filter(({ path }) => !madePaths.has(path));
  const recordFile = `${libraryDirectory(place)}/${metadata.distInfo}/RECORD`;
  return {
    paths: [...kept, ...bytecode, ...made, { path: recordFile }].map(({ path }) => ({ path, isDirectory: false })),
    entries: () => entriesOf(wheel, kept, made, recordFile),
  };
}

async function* entriesOf(
  wheel: Wheel,
  files: readonly WheelFile[],
  made: readonly MadeFile[],
  recordFile: string,
): AsyncGenerator<LayerEntry> {
  const changed = new Map<string, Buffer>();
  for (const file of files) {
    const entry = inWheel(wheel.input, () => memberEntry(wheel, file, changed));
    yield entry;
  }
  for (const { member, path } of wheel.bytecode) {
    yield { path, mode: 0o644, content: { type: 'bytes', bytes: wheel.compiled!.read(member, maxTextBytes) } };
  }
  for (const { path, content, mode } of made) yield { path, mode, content: { type: 'bytes', bytes: content } };
  const record = formatRecord(installedRows(wheel, files, made, changed, recordFile));
  yield { path: recordFile, mode: 0o644, content: { type: 'bytes', bytes: Buffer.from(record) } };
}

/** A member as it is installed. Scripts that change are noted. */
function memberEntry(wheel: Wheel, { member, path, isScript }: WheelFile, changed: Map<string, Buffer>): LayerEntry {
  const { archive, input } = wheel;
  const mode = member.isExecutable ? 0o755 : 0o644;
  if (isScript && hasPlaceholder(archive.readStart(member, 8))) {
    const bytes = withInterpreter(checkedContent(wheel, member), input.python.executable);
    changed.set(member.name, bytes);
    return { path, mode, content: { type: 'bytes', bytes } };
  }
  const deflated = archive.deflated(member);
  if (member.sizeBytes <= wholeMemberBytes) {
    return { path, mode, content: { type: 'bytes', bytes: checkedContent(wheel, member), deflated } };
  }
  const { sizeBytes } = member;
  return { path, mode, content: { type: 'stream', sizeBytes, open: () => checkedStream(wheel, member), deflated } };
}

function checkedContent(wheel: Wheel, member: ZipMember): Buffer {
  const content = wheel.archive.read(member, maxTextBytes);
  const check = recordCheckOf(wheel, member);
  check?.update(content);
  refuseProblem(check?.problem(), member);
  return content;
}

async function* checkedStream(wheel: Wheel, member: ZipMember): AsyncGenerator<Uint8Array> {
  const check = recordCheckOf(wheel, member);
  for await (const piece of wheel.archive.stream(member)) {
    check?.update(piece);
    yield piece;
  }
  inWheel(wheel.input, () => refuseProblem(check?.problem(), member));
}

function recordCheckOf({ rows, metadata }: Wheel, { name }: ZipMember) {
  return isUnrecorded(name, metadata.distInfo) ? undefined : createRecordCheck(rows.get(name)!);
}

function refuseProblem(problem: string | undefined, member: ZipMember): void {
  if (problem !== undefined) throw new WheelFormatError(say`"${member.name}" is corrupt: ${problem}`);
}

/** Launchers and the files of `.dist-info` that say how it was installed. */
function madeFiles({ input, metadata, points }: Wheel): MadeFile[] {
  const { python, isRequested, directUrl, sha256, archiveSha256 = sha256 } = input;
  const distInfo = `${libraryDirectory({ metadata, scheme: python.scheme })}/${metadata.distInfo}`;
  const text = (name: string, content: string): MadeFile => ({
    path: `${distInfo}/${name}`,
    content: Buffer.from(content),
    mode: 0o644,
  });
  return [
    ...launchersOf(points, python).map(({ name, content }) => ({
      path: launcherPath(name, python),
      content,
      mode: 0o755,
    })),
    text('INSTALLER', 'imagewright\n'),
    ...(directUrl === undefined ? [] : [text('direct_url.json', formatDirectUrl(directUrl, archiveSha256))]),
    ...(isRequested ? [text('REQUESTED', '')] : []),
  ];
}

/** The rows of the RECORD that is installed: of the wheel's own, moved, and of what was changed or made. */
function installedRows(
  { input, metadata, rows, bytecode }: Wheel,
  files: readonly WheelFile[],
  made: readonly MadeFile[],
  changed: ReadonlyMap<string, Buffer>,
  recordFile: string,
): RecordRow[] {
  const place = { metadata, scheme: input.python.scheme };
  const handled = new Set(files.map(({ member }) => member.name));
  for (const name of installerFiles) handled.add(`${metadata.distInfo}/${name}`);
  const installed = files.map(({ member, recordPath }): RecordRow => {
    const content = changed.get(member.name);
    if (content !== undefined) return recordRow(recordPath, content);
    return { ...(rows.get(member.name) ?? { hash: '', size: '' }), path: recordPath };
  });
  // As with pip, lines stay as they are for what is not laid down (wrappers) or not in the wheel at all.
  const dangling = [...rows.values()].filter(({ path }) => !handled.has(path));
  return [
    ...installed,
    ...dangling,
    // pip records neither hash nor size of these.
    ...bytecode.map(({ recordPath }) => ({ path: recordPath, hash: '', size: '' })),
    ...made.map(({ path, content }) => recordRow(recordPathOf(path, place), content)),
    { path: recordPathOf(recordFile, place), hash: '', size: '' },
  ];
}

function recordedRows(text: string): Map<string, RecordRow> {
  const rows = new Map<string, RecordRow>();
  for (const row of parseRecord(text)) {
    if (rows.has(row.path)) throw new WheelFormatError(say`its RECORD lists "${row.path}" twice`);
    if (row.path.startsWith('/') || row.path.split('/').includes('..')) {
      throw new WheelFormatError(say`its RECORD lists "${row.path}", which is outside of it`);
    }
    rows.set(row.path, row);
  }
  return rows;
}

function textOf(archive: ZipArchive, member: ZipMember | undefined, name: string): string {
  if (member === undefined) throw new WheelFormatError(say`it has no "${name}"`);
  const bytes = archive.read(member, maxTextBytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new WheelFormatError(say`"${name}" is not UTF-8`, { cause: error });
  }
}

function inWheel<T>(input: WheelInput, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof WheelFormatError)) throw error;
    throw new BuilderError('package-corrupt', say`${titleOf(input)} cannot be installed: ${error.message}`, {
      cause: error,
      hint: say`Take another version of the package, or tell its makers.`,
    });
  }
}

function titleOf({ filename }: WheelInput): string {
  return say`The wheel ${filename}`;
}
