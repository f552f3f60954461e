import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { SolveMeasured } from './conda-solve-once.ts';
import { formatTable, keepTables } from './kept-table.ts';
import { writeSyntheticRepodata } from './synthetic-repodata.ts';

/*
 * What a solve costs on a channel of conda-forge's size, from nothing cached to the answer: fetching and indexing its repodata, choosing,
 * solving. Each row is a process of its own, and so is its peak of memory; the server is another.
 */

const recordCount = 600_000;

const lists: readonly (readonly [string, readonly string[]])[] = [
  ['one package', ['app7']],
  ['eight packages, Python 3.12', ['python=3.12', ...[11, 500, 1900, 4000, 7000, 9000, 12_000].map((n) => `app${n}`)]],
  ['no answer', ['python=3.12', 'app11', 'app500>=99']],
];

const directory = await mkdtemp(join(tmpdir(), 'imagewright-conda-solve-'));
try {
  const file = join(directory, 'repodata.json.zst');
  await writeSyntheticRepodata(file, recordCount);
  const server = createServer((request, response) => {
    if (request.url !== '/bench/linux-64/repodata.json.zst') return response.writeHead(404).end();
    return createReadStream(file).pipe(response.writeHead(200, { etag: '"1"' }));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const channel = `http://127.0.0.1:${(server.address() as AddressInfo).port}/bench`;
  const rows: string[][] = [];
  for (const [title, lines] of lists) {
    const { cold, warm } = await solveApart(channel, lines);
    const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
    const peak = `${Math.round(warm.peakBytes / 1e6)} MB`;
    rows.push([title, String(cold.packages), ...[cold.ms, cold.cpuMs, warm.ms, warm.cpuMs].map(seconds), peak]);
  }
  server.close();
  const megabytes = Math.round((await stat(file)).size / 1e6);
  const head = [`${recordCount} records, ${megabytes} MB`, 'packages', 'nothing cached', 'CPU', 'warm', 'CPU', 'peak'];
  await keepTables('conda-solve', [formatTable(head, rows)]);
} finally {
  await rm(directory, { recursive: true, force: true });
}

async function solveApart(channel: string, lines: readonly string[]) {
  const cacheDir = await mkdtemp(join(directory, 'cache-'));
  const script = join(import.meta.dirname, 'conda-solve-once.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script, cacheDir, channel, ...lines]);
  return JSON.parse(stdout) as { readonly cold: SolveMeasured; readonly warm: SolveMeasured };
}
