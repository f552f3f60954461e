import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createImage, editImage, getImage } from '../src/api/images.ts';
import { getJobLog } from '../src/api/job-log.ts';
import { followJobLog } from '../src/cli/follow-job-log.ts';
import { makeBase } from '../test/bases/make-base.ts';
import { pushLayout } from '../test/bases/push-layout.ts';
import { startPostgres } from '../test/postgres.ts';
import { type ServedImagewright, serveImagewright } from '../test/serve-imagewright.ts';
import { formatTable, keepTables } from './kept-table.ts';

/*
 * How a running service answers: how soon it is there again, what it takes while nobody asks, the same spec again from request to digest,
 * and 50 requests for the same at once. On the embedded PostgreSQL and on a server.
 */

const again = 20;
const atOnce = 50;

const specOf = (base: string, pip: string) => ({ base, packages: { apt: '', conda: '', pip } });

/** Makes an image and waits until it is built; gives its job. */
async function build(service: ServedImagewright, name: string, base: string, pip: string): Promise<string> {
  const { job } = await service.client.call(createImage, { body: { name, spec: specOf(base, pip) } });
  await untilEnd(service, job!.id);
  return job!.id;
}

/** Edits only a comment of it: a job that finds all there. */
async function buildAgain(service: ServedImagewright, name: string, base: string, pip: string): Promise<void> {
  const { version } = await service.client.call(getImage, { params: { name } });
  const body = { version, spec: specOf(base, pip) };
  const { job } = await service.client.call(editImage, { params: { name }, body });
  await untilEnd(service, job!.id);
}

async function untilEnd({ client }: ServedImagewright, id: string): Promise<void> {
  const whole = { from: 0, signal: new AbortController().signal, onDrop() {} };
  for await (const _ of followJobLog(client, id, whole));
}

async function layersMade({ client }: ServedImagewright, ids: readonly string[]): Promise<number> {
  let made = 0;
  for (const id of ids) {
    const { lines } = await client.call(getJobLog, { params: { id }, query: {} });
    made += lines.filter((line) => line.endsWith('layer made')).length;
  }
  return made;
}

async function residentMegabytes({ process: { pid } }: ServedImagewright): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1000);
}

async function measure(kind: string, dataDir: string, databaseUrl: string | undefined): Promise<string[]> {
  const env: Record<string, string> = databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl };
  await (await serveImagewright(dataDir, env))[Symbol.asyncDispose]();
  const started = performance.now();
  await using service = await serveImagewright(dataDir, env);
  const startSeconds = (performance.now() - started) / 1000;
  await sleep(3000);
  const idle = await residentMegabytes(service);

  const base = `${new URL(service.url).host}/python:3.11`;
  await pushLayout(await makeBase('debian12'), base);
  const spec = 'requests\nsix\nrich';
  await build(service, 'first', base, spec);
  const times: number[] = [];
  for (let i = 0; i < again; i++) {
    const asked = performance.now();
    await buildAgain(service, 'first', base, `# ${i}\n${spec}`);
    times.push(performance.now() - asked);
  }
  times.sort((a, b) => a - b);

  const begun = performance.now();
  const ids = await Promise.all(
    Array.from({ length: atOnce }, (_, i) => build(service, `same-${i}`, base, `${spec}\nhttpx`)),
  );
  const allSeconds = (performance.now() - begun) / 1000;
  const made = await layersMade(service, ids);
  const at = (share: number) => `${Math.round(times[Math.floor(times.length * share)]!)} ms`;
  return [
    ...[kind, `${startSeconds.toFixed(1)} s`, `${idle} MB`],
    ...[at(0.5), at(0.95), `${allSeconds.toFixed(1)} s`, String(made)],
  ];
}

const directory = await mkdtemp(join(tmpdir(), 'imagewright-requests-'));
try {
  const embedded = await measure('PGlite', join(directory, 'a'), undefined);
  await using postgres = await startPostgres();
  const server = await measure('PostgreSQL', join(directory, 'b'), await postgres.createDatabase('requests'));
  const asked = ['same again p50', 'p95', `${atOnce} at once, all done`, 'layers made by them'];
  await keepTables('requests', [formatTable(['database', 'second start', 'idle', ...asked], [embedded, server])]);
} finally {
  await rm(directory, { recursive: true, force: true });
}
