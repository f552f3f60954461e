import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize, resolve } from 'node:path';
import type { LockedConda } from '../src/lock/lock.ts';
import { makeCPython } from './bases/make-base.ts';
import { kept } from './kept.ts';
import { runCommand } from './run-command.ts';

/** A conda channel on 127.0.0.1 of real packages (CPython, numpy, rich, …), and of small ones for what is rarely met. */
export interface CondaChannel extends AsyncDisposable {
  /** `http://127.0.0.1:40001/made/` */
  readonly url: string;
  /** Paths asked for so far: `/made/noarch/repodata.json.zst`. */
  readonly requests: readonly string[];
}

export interface OracleRequest {
  readonly channels: readonly string[];
  readonly specs: readonly string[];
  /** `['__glibc', '2.36']` */
  readonly virtual?: readonly (readonly [name: string, version: string])[];
  /** Where rattler is to install what it found. */
  readonly installTo?: string;
  /** What the files are to name, where that is not the directory itself. */
  readonly prefix?: string;
  /** Where it keeps downloads. */
  readonly cacheDir: string;
}

const tools = resolve(import.meta.dirname, '../.tools');
const python = join(tools, 'conda-tools-0.28.0/bin/python');
const script = join(import.meta.dirname, 'conda/make-channel.py');
const oracle = join(import.meta.dirname, 'conda/conda-oracle.py');

/** Serves the channel under a name; makes it on the first call. */
export async function startCondaChannel(name = 'made'): Promise<CondaChannel> {
  const directory = await makeChannel();
  const root = `/${name}/`;
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url!, 'http://127.0.0.1').pathname));
    requests.push(path);
    const file = join(directory, path.slice(root.length));
    const found = await stat(file).catch(() => undefined);
    if (!path.startsWith(root) || !found?.isFile()) return response.writeHead(404).end('not here');
    const etag = `"${found.size}-${found.mtimeMs}"`;
    if (request.headers['if-none-match'] === etag) return response.writeHead(304).end();
    response.writeHead(200, { 'content-length': found.size, etag });
    if (request.method === 'HEAD') return response.end();
    return createReadStream(file).pipe(response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${root}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

/** Gives the directory of the channel. */
export async function makeChannel(): Promise<string> {
  const cpython = await makeCPython('/opt/conda');
  const key = createHash('sha256').update(readFileSync(script)).update(cpython).digest('hex').slice(0, 16);
  return kept(`conda-channel-${key}`, async (target) => {
    await runCommand(python, [script, target, cpython, join(tools, 'uv/bin/uv')]);
  });
}

/** What rattler makes of specs, in the order in which it installs; as a lock holds it. */
export async function askOracle(request: OracleRequest): Promise<readonly LockedConda[]> {
  const told = JSON.parse(await runCommand(python, [oracle], { input: JSON.stringify(request) })) as RattlerRecord[];
  return told.map((record) => lockedOf(record, told, request));
}

/** What rattler's own reader sees in an environment's `conda-meta`, by the name of the package. */
export async function readPrefixRecords(prefix: string): Promise<Readonly<Record<string, SeenRecord>>> {
  return JSON.parse(await runCommand(python, [oracle, prefix])) as Record<string, SeenRecord>;
}

export interface SeenRecord {
  readonly version: string;
  readonly build: string;
  readonly depends: readonly string[];
  readonly constrains: readonly string[];
  readonly url: string;
  readonly files: readonly string[];
  readonly paths: readonly (readonly [
    path: string,
    type: string,
    noLink: boolean,
    sha256: string,
    inPrefix: string,
    sizeBytes: number,
  ])[];
  readonly requested: readonly string[];
}

interface RattlerRecord {
  readonly name: string;
  readonly version: string;
  readonly build: string;
  readonly build_number: number;
  readonly subdir: string;
  readonly channel: string;
  readonly fn: string;
  readonly url: string;
  readonly sha256: string;
  readonly md5: string;
  readonly size: number;
  readonly depends: readonly string[];
  readonly constrains?: readonly string[];
  readonly noarch?: 'python' | 'generic';
  readonly license?: string;
  readonly timestamp?: number;
}

/** The name in a match spec: `numpy >=2`. */
const nameOf = (spec: string) => spec.split(/[ =<>!~[]/)[0]!;

function lockedOf(record: RattlerRecord, all: readonly RattlerRecord[], { specs }: OracleRequest): LockedConda {
  const { build_number, fn, size, noarch, license, timestamp } = record;
  const { name, version, build, subdir, channel, url, sha256, md5, depends } = record;
  return {
    ecosystem: 'conda',
    ...{ name, version, build, subdir, channel, url, sha256, md5, depends },
    buildNumber: build_number,
    filename: fn,
    sizeBytes: size,
    constrains: record.constrains ?? [],
    ...(noarch && { noarch }),
    ...(license && { license }),
    ...(timestamp && { timestamp }),
    requestedBy: specs.filter((spec) => nameOf(spec) === name),
    requiredBy: all.filter((each) => each.depends.some((spec) => nameOf(spec) === name)).map((each) => each.name),
  };
}
