import { quoted, say } from '../../../sentence.ts';
import { checkMemberName } from '../../archives/member-name.ts';
import { type CondaArchive, describing, type PackageMember } from './conda-archive.ts';
import { PackageFormatError } from './package-format-error.ts';
import type { Placeholder } from './prefix-replacement.ts';

/** One file, as the package tells of it. */
export interface PackagePath {
  /** In the archive: `site-packages/black/__init__.py`. */
  readonly path: string;
  readonly sha256?: string;
  readonly sizeBytes?: number;
  readonly placeholder?: Placeholder;
  /** True for what must not share its content with other environments. */
  readonly noLink: boolean;
}

/** What a package says of itself in `info/`. */
export interface PackageInfo {
  readonly name: string;
  readonly version: string;
  readonly build: string;
  /** True for pure Python that goes to wherever the environment's Python looks. */
  readonly isNoarchPython: boolean;
  /** In the order of the package; directories that are empty apart. */
  readonly paths: readonly PackagePath[];
  readonly emptyDirectories: readonly string[];
  /** Of noarch Python: `black = black:patched_main`. */
  readonly entryPoints: readonly string[];
}

/** Metadata is held in memory; a paths.json of 200 000 files has some 50 MB. */
const maxInfoBytes = 128 * 1024 * 1024;

/** Reads what a package says of itself. Throws `PackageFormatError`, and what an archive throws. */
export async function readPackageInfo(archive: CondaArchive): Promise<PackageInfo> {
  const texts = await readTexts(archive.info());
  const index = parseJson(texts, 'index.json');
  const isNoarchPython = index.noarch === 'python';
  const all = texts.has('paths.json') ? pathsOf(parseJson(texts, 'paths.json')) : olderPaths(texts);
  checkPaths([...all.paths.map(({ path }) => path), ...all.emptyDirectories]);
  return {
    name: textField(index, 'name', 'index.json'),
    version: textField(index, 'version', 'index.json'),
    build: textField(index, 'build', 'index.json'),
    isNoarchPython,
    ...all,
    entryPoints: isNoarchPython && texts.has('link.json') ? entryPointsOf(parseJson(texts, 'link.json')) : [],
  };
}

async function readTexts(members: AsyncIterable<PackageMember>): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for await (const { path, header, read: readContent } of members) {
    if (!describing.has(path) || header.type !== 'file') continue;
    const name = path.slice('info/'.length);
    if (texts.has(name)) throw new PackageFormatError(say`it has "${path}" twice`);
    if (header.sizeBytes > maxInfoBytes) throw new PackageFormatError(say`its ${name} has ${header.sizeBytes} bytes`);
    texts.set(name, (await readContent(header.sizeBytes)).toString('utf8'));
  }
  return texts;
}

/** A JSON object of `info/`. Its fields are looked at where they are used: they come from whoever made the package. */
type Fields = Readonly<Record<string, unknown>>;

function parseJson(texts: ReadonlyMap<string, string>, name: string): Fields {
  const text = texts.get(name);
  if (text === undefined) throw new PackageFormatError(say`it has no info/${name}`);
  try {
    const parsed: unknown = JSON.parse(text);
    if (isFields(parsed)) return parsed;
  } catch (error) {
    throw new PackageFormatError(say`its info/${name} is no JSON`, { cause: error });
  }
  throw malformed(name);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(name: string): PackageFormatError {
  return new PackageFormatError(say`its info/${name} is malformed`);
}

function textField(fields: Fields, key: string, name: string): string {
  const value = fields[key];
  if (typeof value !== 'string') throw malformed(name);
  return value;
}

/** CEP "info/link.json": `{"noarch": {"type": "python", "entry_points": ["black = black:patched_main"]}}`. */
function entryPointsOf({ noarch }: Fields): readonly string[] {
  const points = isFields(noarch) ? (noarch.entry_points ?? []) : [];
  if (Array.isArray(points) && points.every((each) => typeof each === 'string')) return points;
  throw malformed('link.json');
}

type Paths = Pick<PackageInfo, 'paths' | 'emptyDirectories'>;

function pathsOf({ paths }: Fields): Paths {
  if (!Array.isArray(paths) || !paths.every(isFields)) throw malformed('paths.json');
  const isDirectory = ({ path_type }: Fields) => path_type === 'directory';
  return {
    paths: paths.filter((each) => !isDirectory(each)).map(parsePath),
    emptyDirectories: paths.filter(isDirectory).map((each) => textField(each, '_path', 'paths.json')),
  };
}

function parsePath(fields: Fields): PackagePath {
  const { sha256, size_in_bytes, no_link, prefix_placeholder, file_mode } = fields;
  const mode = file_mode ?? 'text';
  if (mode !== 'text' && mode !== 'binary') throw malformed('paths.json');
  return {
    path: textField(fields, '_path', 'paths.json'),
    noLink: no_link === true,
    ...(typeof sha256 === 'string' && { sha256 }),
    ...(typeof size_in_bytes === 'number' && { sizeBytes: size_in_bytes }),
    ...(typeof prefix_placeholder === 'string' &&
      prefix_placeholder !== '' && { placeholder: { text: prefix_placeholder, mode } }),
  };
}

/** What packages said before there was paths.json. */
function olderPaths(texts: ReadonlyMap<string, string>): Paths {
  if (!texts.has('files')) throw new PackageFormatError(say`it has neither info/paths.json nor info/files`);
  const placeholders = new Map(linesOf(texts, 'has_prefix').map(parseHasPrefix));
  const noLink = new Set([...linesOf(texts, 'no_link'), ...linesOf(texts, 'no_softlink')]);
  const paths = linesOf(texts, 'files').map((path): PackagePath => {
    const placeholder = placeholders.get(path);
    return { path, noLink: noLink.has(path), ...(placeholder && { placeholder }) };
  });
  return { paths, emptyDirectories: [] };
}

function linesOf(texts: ReadonlyMap<string, string>, name: string): string[] {
  return (texts.get(name) ?? '').split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'));
}

/** The placeholder of packages that name none. Written in two parts, lest it be replaced where this itself is packaged. */
const oldPlaceholder = ['/opt/anaconda1anaconda2', 'anaconda3'].join('');

/** A line of `has_prefix`: `<placeholder> <mode> <path>`, each quoted where it has spaces; or a path alone. */
function parseHasPrefix(line: string): [string, Placeholder] {
  const match = /^("[^"]*"|\S+) (text|binary) ("[^"]*"|.+)$/.exec(line.trim());
  if (match === null) return [unquoted(line.trim()), { text: oldPlaceholder, mode: 'text' }];
  return [unquoted(match[3]!), { text: unquoted(match[1]!), mode: match[2] as Placeholder['mode'] }];
}

function unquoted(text: string): string {
  return /^".*"$/.test(text) ? text.slice(1, -1) : text;
}

/** Records of what is installed are the installer's to write. */
function checkPaths(paths: readonly string[]): void {
  const seen = new Set<string>();
  for (const path of paths) {
    const problem = checkMemberName(path);
    if (problem !== undefined) throw new PackageFormatError(quoted(problem));
    if (seen.has(path)) throw new PackageFormatError(say`it lists "${path}" twice`);
    seen.add(path);
    if (path === 'conda-meta' || path.startsWith('conda-meta/')) {
      throw new PackageFormatError(say`"${path}" would be taken for a record of what is installed`);
    }
  }
}
