import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiClient } from '../src/api/create-client.ts';
import { openDatabase } from '../src/store/open-database.ts';
import { addManyImages } from '../test/many-images.ts';
import { startPostgres } from '../test/postgres.ts';
import { serveImagewright } from '../test/serve-imagewright.ts';
import { formatTable, keepTables } from './kept-table.ts';

/*
 * What people wait for when they look at lists: 10 000 images with 100 000 jobs, asked by 20 clients at once, each as soon as it has its
 * answer, over HTTP and one process, on the embedded PostgreSQL and on a server.
 */

const clients = 20;
const seconds = 3;

const questions: Readonly<Record<string, () => string>> = {
  'first page': () => '/images',
  'page of names': () => `/images?sort=name&order=asc&page=${1 + Math.floor(Math.random() * 400)}&pageSize=25`,
  search: () => `/images?q=note${Math.floor(Math.random() * 1000)}`,
  'one state': () => '/images?status=Failed&pageSize=25',
  'jobs of an image': () => `/images/notebook-${1 + Math.floor(Math.random() * 10_000)}/jobs`,
  'all jobs': () => `/jobs?page=${1 + Math.floor(Math.random() * 50)}`,
};

async function ask(client: ApiClient, question: () => string, seconds: number): Promise<number[]> {
  const times: number[] = [];
  const until = performance.now() + seconds * 1000;
  const askOnAndOn = async () => {
    while (performance.now() < until) {
      const started = performance.now();
      await (await client.open(`/api/v1${question()}`)).arrayBuffer();
      times.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: clients }, askOnAndOn));
  return times.sort((a, b) => a - b);
}

async function measure(kind: string, dataDir: string, databaseUrl: string | undefined): Promise<string[][]> {
  {
    await using database = await openDatabase({ dataDir, databaseUrl });
    await addManyImages(database);
  }
  await using server = await serveImagewright(dataDir, databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl });
  const rows: string[][] = [];
  for (const [name, question] of Object.entries(questions)) {
    // A service that has just started compiles what it runs.
    await ask(server.client, question, 1);
    const times = await ask(server.client, question, seconds);
    const at = (share: number) => `${times[Math.floor(times.length * share)]!.toFixed(1)} ms`;
    rows.push([kind, name, String(Math.round(times.length / seconds)), at(0.5), at(0.95), at(0.999)]);
  }
  return rows;
}

const directory = await mkdtemp(join(tmpdir(), 'imagewright-lists-'));
try {
  const rows = await measure('PGlite', join(directory, 'a'), undefined);
  await using postgres = await startPostgres();
  rows.push(...(await measure('PostgreSQL', join(directory, 'b'), await postgres.createDatabase('lists'))));
  const head = ['database', 'question', `answers/s, ${clients} clients`, 'p50', 'p95', 'p99.9'];
  await keepTables('lists', [formatTable(head, rows)]);
} finally {
  await rm(directory, { recursive: true, force: true });
}
