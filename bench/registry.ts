import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm, statfs } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Digest } from '../src/oci/digest.ts';
import { mediaTypes } from '../src/oci/media-types.ts';
import { parseReference } from '../src/oci/reference.ts';
import { openRegistry } from '../src/server/open-registry.ts';
import { openDatabase } from '../src/store/open-database.ts';
import { createDatabaseRegistryIndex } from '../src/store/registry/database-registry-index.ts';
import { startDockerRegistry } from '../test/docker-registry.ts';
import { serveImagewright } from '../test/serve-imagewright.ts';
import { formatTable, keepTables } from './kept-table.ts';
import { readRounds } from './read-options.ts';

/*
 * The embedded registry against Debian's docker-registry, in one run, taking turns: one blob of a gigabyte, and five hundred of 100 kB, eight
 * at a time, pushed (POST, PUT) and pulled; and pushed to the embedded one as a build of the same process does. The blobs of a round are new to all.
 */

const rounds = readRounds();
const sets = [
  { name: '1 × 1 GB', count: 1, sizeBytes: 1_000_000_000 },
  { name: '500 × 100 kB', count: 500, sizeBytes: 100_000 },
] as const;
const agent = new Agent({ keepAlive: true, maxSockets: 8 });
const seconds = new Map<string, number[]>();

const directory = await mkdtemp(join(tmpdir(), 'imagewright-bench-registry-'));
try {
  const { bavail, bsize } = await statfs(directory);
  const needed = rounds * 4 * 1_100_000_000;
  if (bavail * bsize < needed) throw new Error(`${directory} has no room for ${needed} bytes`);
  await using ours = await serveImagewright(join(directory, 'data'));
  await using theirs = await startDockerRegistry();
  await using local = await openLocal(join(directory, 'local'));
  const hosts = { embedded: new URL(ours.url).host, docker: theirs.host };
  for (let round = 0; round < rounds; round++) {
    for (const { name, count, sizeBytes } of sets) {
      const blobs = await makeBlobs(join(directory, `blobs-${round}`), { count, sizeBytes });
      // Who comes first meets what is still on its way to the disk.
      const inTurn = round % 2 === 0 ? Object.entries(hosts) : Object.entries(hosts).reverse();
      for (const [registry, host] of inTurn) {
        await timed(`${name}, push`, registry, () => eachOf(blobs, (blob) => push(host, blob)));
        await timed(`${name}, pull`, registry, () => eachOf(blobs, (blob) => pull(host, blob)));
      }
      await timed(`${name}, push`, 'local', () => eachOf(blobs, (blob) => local.push(blob)));
    }
  }
  const rows = [...new Set([...seconds.keys()].map((key) => key.split('|')[0]!))].map((what) => {
    const of = (registry: string) => median(seconds.get(`${what}|${registry}`) ?? [Number.NaN]);
    const [own, other, inProcess] = [of('embedded'), of('docker'), of('local')];
    const shown = Number.isNaN(inProcess) ? '' : `${inProcess.toFixed(2)} s`;
    return [what, `${own.toFixed(2)} s`, `${other.toFixed(2)} s`, (other / own).toFixed(2), shown];
  });
  const head = ['blobs', 'embedded registry', 'docker-registry', '× ours', 'in the process of the embedded one'];
  await keepTables('registry', [formatTable(head, rows)], { note: `medians of ${rounds} rounds` });
} finally {
  agent.destroy();
  await rm(directory, { recursive: true, force: true });
}

interface LocalRegistry extends AsyncDisposable {
  push(blob: BenchBlob): Promise<void>;
}

/** The embedded registry in this process, with a database of its own. */
async function openLocal(dataDir: string): Promise<LocalRegistry> {
  const database = await openDatabase({ dataDir, databaseUrl: undefined });
  const index = createDatabaseRegistryIndex(database);
  const client = (await openRegistry({ dataDir, log: () => {}, index })).clientFor(undefined);
  const repository = parseReference('local/bench').repository;
  return {
    async push({ path, start, sizeBytes, digest }) {
      const descriptor = { mediaType: mediaTypes.ociLayerZstd, digest: digest as Digest, size: sizeBytes };
      const open = () => createReadStream(path, { start, end: start + sizeBytes - 1, highWaterMark: 1024 * 1024 });
      await client.uploadBlob(repository, { descriptor, open });
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

interface BenchBlob {
  readonly path: string;
  readonly start: number;
  readonly sizeBytes: number;
  readonly digest: string;
}

/** Blobs of random bytes, one after the other in a file. */
async function makeBlobs(
  path: string,
  { count, sizeBytes }: { readonly count: number; readonly sizeBytes: number },
): Promise<BenchBlob[]> {
  await using file = await open(path, 'w');
  const piece = Buffer.allocUnsafe(100_000);
  const blobs: BenchBlob[] = [];
  for (let number = 0; number < count; number++) {
    const hash = createHash('sha256');
    for (let at = 0; at < sizeBytes; at += piece.length) {
      crypto.getRandomValues(piece.subarray(0, 65_536));
      hash.update(piece);
      await file.write(piece);
    }
    blobs.push({ path, start: number * sizeBytes, sizeBytes, digest: `sha256:${hash.digest('hex')}` });
  }
  return blobs;
}

async function push(host: string, { path, start, sizeBytes, digest }: BenchBlob): Promise<void> {
  const begun = await ask(host, 'POST', '/v2/bench/blobs/uploads/', 202);
  const location = new URL(begun.location!, `http://${host}`);
  location.searchParams.set('digest', digest);
  const body = createReadStream(path, { start, end: start + sizeBytes - 1, highWaterMark: 1024 * 1024 });
  const headers = { 'Content-Length': sizeBytes, 'Content-Type': 'application/octet-stream' };
  await ask(host, 'PUT', location.pathname + location.search, 201, { body, headers });
}

async function pull(host: string, { digest, sizeBytes }: BenchBlob): Promise<void> {
  const { bytes } = await ask(host, 'GET', `/v2/bench/blobs/${digest}`, 200);
  if (bytes !== sizeBytes) throw new Error(`${digest} came with ${bytes} bytes`);
}

interface Answer {
  readonly location: string | undefined;
  readonly bytes: number;
}

async function ask(
  host: string,
  method: string,
  path: string,
  expected: number,
  { body = Readable.from([]), headers = {} }: { body?: Readable; headers?: Record<string, string | number> } = {},
): Promise<Answer> {
  const sent = request(`http://${host}${path}`, { method, agent, headers: { 'Content-Length': 0, ...headers } });
  const answered = new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    sent.once('response', resolve).once('error', reject);
  });
  await Promise.all([pipeline(body, sent), answered]);
  const response = await answered;
  let bytes = 0;
  const counter = new Writable({
    write(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done();
    },
  });
  await pipeline(response, counter);
  if (response.statusCode !== expected) throw new Error(`${method} ${path} was answered with ${response.statusCode}`);
  return { location: response.headers.location, bytes };
}

/** Eight at a time, as clients do. */
async function eachOf(blobs: readonly BenchBlob[], work: (blob: BenchBlob) => Promise<void>): Promise<void> {
  const queue = [...blobs];
  const worker = async () => {
    for (let blob = queue.shift(); blob !== undefined; blob = queue.shift()) await work(blob);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

async function timed(what: string, registry: string, work: () => Promise<void>): Promise<void> {
  const started = performance.now();
  await work();
  const key = `${what}|${registry}`;
  seconds.set(key, [...(seconds.get(key) ?? []), (performance.now() - started) / 1000]);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
