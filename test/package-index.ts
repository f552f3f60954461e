import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deflateRawSync } from 'node:zlib';
import { writeZip } from '../src/ecosystems/archives/stored-zip.ts';

/** What a wheel is to hold; everything but the name has a default. */
export interface WheelRecipe {
  /** As the project writes it: `Scikit_Learn`. */
  readonly name: string;
  /** `1.0` unless told. */
  readonly version?: string;
  /** Compatibility tag, `py3-none-any` unless told; compressed sets (`py2.py3-none-any`) are allowed. */
  readonly tag?: string;
  /** Build tag of the file name, e.g. `1`. */
  readonly build?: string;
  /** `Requires-Dist` lines. */
  readonly requires?: readonly string[];
  /** `Provides-Extra` names. */
  readonly extras?: readonly string[];
  /** `Requires-Python`, e.g. `>=3.9`. */
  readonly requiresPython?: string;
  /** Content by path in the archive; `<module>/__init__.py` unless told. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** `console_scripts`: `{ black: 'black:main' }`. */
  readonly scripts?: Readonly<Record<string, string>>;
  /** `Root-Is-Purelib`, true for `-any` tags unless told. */
  readonly purelib?: boolean;
  /** Members of the archive whose Unix mode is not 0o644, by path. */
  readonly modes?: Readonly<Record<string, number>>;
}

/** One file that an index offers. */
export interface IndexedFile {
  readonly filename: string;
  readonly bytes: Uint8Array;
  readonly requiresPython?: string;
  readonly yanked?: string;
  /** False makes the index tell no PEP 658 metadata, so that a client must read the archive. */
  readonly tellsMetadata?: boolean;
}

/** A package index on 127.0.0.1, PEP 503 and PEP 691. */
export interface PackageIndex extends AsyncDisposable {
  /** The index's URL: `http://127.0.0.1:40001/simple/`. */
  readonly url: string;
  /** Where a file is served: `http://127.0.0.1:40001/files/<name>`. */
  fileUrl(filename: string): string;
  /** Paths asked for so far, e.g. `/simple/numpy/`. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

export interface PackageIndexOptions {
  /** Answers 401 without this `user:password` (Basic). */
  readonly credentials?: string;
  /** Answers everything with this status. */
  readonly failWith?: number;
  /** False for an index that does not tell which projects it has. */
  readonly listsProjects?: boolean;
}

/** The metadata that wheels of `makeWheel` hold, so that an index can tell it without reading archives. */
const metadataByWheel = new WeakMap<Uint8Array, Uint8Array>();

/** `numpy-1.0-1-py3-none-any.whl` */
export function wheelFilename({ name, version = '1.0', build, tag = 'py3-none-any' }: WheelRecipe): string {
  return [distributionName(name), version, ...(build === undefined ? [] : [build]), `${tag}.whl`].join('-');
}

/** Makes a valid wheel (binary distribution format 1.0) with a RECORD; the same recipe gives the same bytes. */
export function makeWheel(recipe: WheelRecipe): Buffer {
  const distInfo = `${distributionName(recipe.name)}-${recipe.version ?? '1.0'}.dist-info`;
  const members: Record<string, string | Uint8Array> = {
    ...(recipe.files ?? { [`${distributionName(recipe.name).toLowerCase()}/__init__.py`]: '' }),
    [`${distInfo}/METADATA`]: metadataOf(recipe),
    [`${distInfo}/WHEEL`]: wheelFileOf(recipe),
    ...(recipe.scripts !== undefined && { [`${distInfo}/entry_points.txt`]: entryPointsOf(recipe.scripts) }),
  };
  const record = Object.entries(members).map(([path, content]) => {
    const hash = createHash('sha256').update(content).digest('base64url');
    return `${path.includes(',') ? `"${path}"` : path},sha256=${hash},${Buffer.byteLength(content)}`;
  });
  members[`${distInfo}/RECORD`] = `${[...record, `${distInfo}/RECORD,,`].join('\n')}\n`;
  const wheel = makeZip(members, recipe.modes);
  metadataByWheel.set(wheel, Buffer.from(metadataOf(recipe)));
  return wheel;
}

/** Makes a zip archive of deflated regular files, in the order given, dated 1980-01-01. */
export function makeZip(
  members: Readonly<Record<string, string | Uint8Array>>,
  modes: Readonly<Record<string, number>> = {},
): Buffer {
  return writeZip(
    Object.entries(members).map(([path, text]) => {
      const content = Buffer.from(text as Uint8Array);
      const mode = modes[path];
      return { path, content, deflated: deflateRawSync(content), ...(mode !== undefined && { mode }) };
    }),
  );
}

/** Serves wheels (recipes or ready files) as an index until it is closed. */
export async function startPackageIndex(
  wheels: readonly (WheelRecipe | IndexedFile)[],
  options: PackageIndexOptions = {},
): Promise<PackageIndex> {
  const files = wheels.map(toIndexedFile);
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url!);
    answer(request, response, files, options);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () =>
    new Promise<void>((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
  return {
    url: `${origin}/simple/`,
    fileUrl: (filename) => `${origin}/files/${filename}`,
    requests,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function toIndexedFile(wheel: WheelRecipe | IndexedFile): IndexedFile {
  if ('bytes' in wheel) return wheel;
  return {
    filename: wheelFilename(wheel),
    bytes: makeWheel(wheel),
    ...(wheel.requiresPython !== undefined && { requiresPython: wheel.requiresPython }),
  };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  files: readonly IndexedFile[],
  { credentials, failWith, listsProjects = true }: PackageIndexOptions,
): ServerResponse {
  const path = new URL(request.url!, 'http://127.0.0.1').pathname;
  const expected = credentials === undefined ? undefined : `Basic ${Buffer.from(credentials).toString('base64')}`;
  if (failWith !== undefined) return send(response, failWith, 'text/plain', 'no');
  if (expected !== undefined && request.headers.authorization !== expected) {
    response.setHeader('www-authenticate', 'Basic realm="index"');
    return send(response, 401, 'text/plain', 'who are you?');
  }
  if (path === '/simple/' && listsProjects) return sendRoot(request, response, files);
  const project = /^\/simple\/([^/]+)\/$/.exec(path)?.[1];
  if (project !== undefined) return sendProject(request, response, filesOf(files, project), project);
  const filename = /^\/files\/(.+)$/.exec(path)?.[1];
  const file = files.find(({ filename: name }) => filename === name || filename === `${name}.metadata`);
  if (file === undefined) return send(response, 404, 'text/plain', 'not here');
  if (filename !== file.filename) return send(response, 200, 'text/plain', metadataIn(file)!);
  return sendFile(request, response, file.bytes);
}

function filesOf(files: readonly IndexedFile[], project: string): readonly IndexedFile[] {
  return files.filter(({ filename }) => normalised(filename.slice(0, nameEnd(filename))) === project);
}

function sendRoot(request: IncomingMessage, response: ServerResponse, files: readonly IndexedFile[]): ServerResponse {
  const names = [...new Set(files.map(({ filename }) => filename.slice(0, nameEnd(filename))))];
  const etag = `"${sha256(Buffer.from(names.join()))}"`;
  response.setHeader('etag', etag);
  if (request.headers['if-none-match'] === etag) return response.writeHead(304).end();
  if (request.headers.accept?.includes('application/vnd.pypi.simple.v1+json')) {
    const json = { meta: { 'api-version': '1.0' }, projects: names.map((name) => ({ name })) };
    return send(response, 200, 'application/vnd.pypi.simple.v1+json', JSON.stringify(json));
  }
  const links = names.map((name) => `<a href="/simple/${normalised(name)}/">${name}</a><br>`);
  return send(response, 200, 'text/html', `<!DOCTYPE html><html><body>${links.join('\n')}</body></html>`);
}

function sendProject(
  request: IncomingMessage,
  response: ServerResponse,
  files: readonly IndexedFile[],
  project: string,
): ServerResponse {
  if (files.length === 0) return send(response, 404, 'text/plain', 'no such project');
  if (request.headers.accept?.includes('application/vnd.pypi.simple.v1+json')) {
    const json = { meta: { 'api-version': '1.0' }, name: project, files: files.map(jsonOf) };
    return send(response, 200, 'application/vnd.pypi.simple.v1+json', JSON.stringify(json));
  }
  const links = files.map(
    ({ filename, bytes }) => `<a href="/files/${filename}#sha256=${sha256(bytes)}">${filename}</a><br>`,
  );
  return send(response, 200, 'text/html', `<!DOCTYPE html><html><body>${links.join('\n')}</body></html>`);
}

function jsonOf(file: IndexedFile) {
  const metadata = metadataIn(file);
  return {
    filename: file.filename,
    url: `/files/${file.filename}`,
    hashes: { sha256: sha256(file.bytes) },
    size: file.bytes.byteLength,
    ...(file.requiresPython !== undefined && { 'requires-python': file.requiresPython }),
    ...(file.yanked !== undefined && { yanked: file.yanked }),
    ...(metadata !== undefined && { 'core-metadata': { sha256: sha256(metadata) } }),
  };
}

function metadataIn(file: IndexedFile): Uint8Array | undefined {
  return file.tellsMetadata === false ? undefined : metadataByWheel.get(file.bytes);
}

function sendFile(request: IncomingMessage, response: ServerResponse, bytes: Uint8Array): ServerResponse {
  response.setHeader('accept-ranges', 'bytes');
  const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '');
  if (!range) return send(response, 200, 'application/octet-stream', bytes, request.method);
  const [, first = '', last = ''] = range;
  const start = first === '' ? Math.max(0, bytes.byteLength - Number(last)) : Number(first);
  const end = first === '' || last === '' ? bytes.byteLength - 1 : Math.min(Number(last), bytes.byteLength - 1);
  response.setHeader('content-range', `bytes ${start}-${end}/${bytes.byteLength}`);
  return send(response, 206, 'application/octet-stream', bytes.subarray(start, end + 1), request.method);
}

function send(
  response: ServerResponse,
  status: number,
  type: string,
  body: string | Uint8Array,
  method: string | undefined = 'GET',
): ServerResponse {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  return response.end(method === 'HEAD' ? undefined : body);
}

function metadataOf({ name, version = '1.0', requires = [], extras = [], requiresPython }: WheelRecipe): string {
  const lines = [
    'Metadata-Version: 2.1',
    `Name: ${name}`,
    `Version: ${version}`,
    ...(requiresPython === undefined ? [] : [`Requires-Python: ${requiresPython}`]),
    ...extras.map((extra) => `Provides-Extra: ${extra}`),
    ...requires.map((requirement) => `Requires-Dist: ${requirement}`),
  ];
  return `${lines.join('\n')}\n`;
}

function wheelFileOf({ tag = 'py3-none-any', build, purelib = tag.endsWith('-any') }: WheelRecipe): string {
  const [python, abi, platform] = tag.split('-').map((set) => set.split('.'));
  const tags = python!.flatMap((p) => abi!.flatMap((a) => platform!.map((q) => `Tag: ${p}-${a}-${q}`)));
  const lines = [
    'Wheel-Version: 1.0',
    'Generator: test',
    `Root-Is-Purelib: ${purelib}`,
    ...tags,
    ...(build === undefined ? [] : [`Build: ${build}`]),
  ];
  return `${lines.join('\n')}\n`;
}

function entryPointsOf(scripts: Readonly<Record<string, string>>): string {
  const lines = Object.entries(scripts).map(([name, target]) => `${name} = ${target}`);
  return `[console_scripts]\n${lines.join('\n')}\n`;
}

function distributionName(name: string): string {
  return name.replace(/[-_.]+/g, '_');
}

function nameEnd(filename: string): number {
  return filename.endsWith('.whl') ? filename.indexOf('-') : filename.lastIndexOf('-');
}

function normalised(name: string): string {
  return name.replace(/[-_.]+/g, '-').toLowerCase();
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
