import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApiClient } from '../../src/api/create-client.ts';
import * as images from '../../src/api/images.ts';
import * as jobs from '../../src/api/jobs.ts';
import { createHttpClient } from '../../src/http/create-http-client.ts';
import { validateImage } from '../../src/image/validate-image.ts';
import { parseReference } from '../../src/oci/reference.ts';
import { noCredentials } from '../../src/registry/client/credentials.ts';
import { createRegistryClient } from '../../src/registry/client/registry-client.ts';
import { freePort } from '../free-port.ts';
import { importBase } from '../import-base.ts';
import { type PackageIndex, startPackageIndex } from '../package-index.ts';
import { type Postgres, startPostgres } from '../postgres.ts';

/*
 * The server is killed (SIGKILL) over and over, at random moments, while jobs are asked for. In the end every job that was accepted has
 * ended, each image's numbers have no gap and no double, every log is whole, and every image that is said to be there can be pulled.
 * On PostgreSQL, where many kills fit into a minute: the embedded one needs two seconds for each start.
 */

/** Two servers are killed side by side, as a start is mostly waiting. */
const lanes = 2;
const kills = 50;
const token = 'iw_chaos-administrator-token';
const program = resolve(import.meta.dirname, '../../bin/imagewright');

let directory: string;
let postgres: Postgres;
let index: PackageIndex;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'chaos-'));
  postgres = await startPostgres();
  index = await startPackageIndex(Array.from({ length: 8 }, (_, i) => ({ name: `part${i}` })));
});
afterAll(async () => {
  await index.close();
  await postgres[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

interface Place {
  readonly port: number;
  readonly directory: string;
  readonly databaseUrl: string;
}

function startServer({ port, directory, databaseUrl }: Place): ChildProcess {
  const env = {
    ...{ PATH: process.env.PATH, HOME: directory, UV_INDEX_URL: index.url },
    ...{ DATABASE_URL: databaseUrl, IMAGEWRIGHT_ADMIN_TOKEN: token },
  };
  const words = ['up', '--data', join(directory, 'data'), '--listen', `127.0.0.1:${port}`];
  const child = spawn(program, words, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    told = (told + text).slice(-20_000);
  });
  return child;
}

/** What the servers wrote last about bugs of ours. */
let told = '';
const serverLog = () =>
  told
    .split('\n')
    .filter((line) => /worker:|Error|^ +at /.test(line))
    .join('\n');

const isReady = (url: string) =>
  fetch(`${url}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );
async function untilReady(url: string): Promise<void> {
  for (let i = 0; i < 600 && !(await isReady(url)); i++) await sleep(20);
}

it(`loses, doubles and leaves hanging nothing while the server is killed ${lanes * kills} times`, async () => {
  const places = Array.from({ length: lanes }, async (_, lane) => {
    const own = join(directory, `lane-${lane}`);
    await mkdir(own);
    return { port: await freePort(), directory: own, databaseUrl: await postgres.createDatabase(`chaos${lane}`) };
  });
  await Promise.all((await Promise.all(places)).map(killOften));
});

async function killOften(place: Place): Promise<void> {
  let server = startServer(place);
  const url = `http://127.0.0.1:${place.port}`;
  await untilReady(url);
  const client = createApiClient({ url, token });
  const base = `127.0.0.1:${place.port}/base:1`;
  const registry = createRegistryClient({ http: createHttpClient(), credentials: noCredentials });
  await importBase(base, { client: registry, directory: place.directory });

  /** Job ids that the server has promised. */
  const accepted: string[] = [];
  let count = 0;
  const ask = async () => {
    const number = count++;
    const name = `image-${number % 40}`;
    // Another list each time that it is an image's turn.
    const pip = `part${number % 8}\npart${Math.floor(number / 40) % 8}`;
    const spec = { base, packages: { apt: '', conda: '', pip } };
    // Whoever is cut off asks again later, as people do; what was not promised may or may not be there.
    try {
      const image = await client.call(images.getImage, { params: { name } }).catch((error) => {
        if (error.code === 'not-found') return undefined;
        throw error;
      });
      const { job } =
        image === undefined
          ? await client.call(images.createImage, { body: { name, spec } })
          : await client.call(images.editImage, { params: { name }, body: { version: image.version, spec } });
      if (job !== null) accepted.push(job.id);
    } catch (error) {
      const { code } = error as { code?: string };
      if (!['server-unavailable', 'conflict'].includes(code ?? '') && !(error instanceof TypeError)) throw error;
    }
  };

  for (let kill = 0; kill < kills; kill++) {
    const until = Date.now() + Math.random() * 500;
    while (Date.now() < until) await Promise.all([ask(), sleep(40)]);
    server.kill('SIGKILL');
    await new Promise((end) =>
      server.exitCode === null && server.signalCode === null ? server.once('close', end) : end(undefined),
    );
    server = startServer(place);
    await untilReady(url);
  }

  const open = async () => {
    const found = await Promise.all(
      (['Pending', 'Preparing', 'Running'] as const).map((state) => client.call(jobs.listJobs, { query: { state } })),
    );
    return found.reduce((sum, { total }) => sum + total, 0);
  };
  // A lease of the last server runs out within 15 s; then all goes on.
  await expect.poll(open, { timeout: 60_000, interval: 200 }).toBe(0);

  expect(accepted.length).toBeGreaterThan(kills);
  const states = new Map<string, number>();
  for (const id of accepted) {
    const job = await client.call(jobs.getJob, { params: { id } });
    const outcome = job.failure === null ? job.state : `${job.state} ${job.failure.class}`;
    states.set(outcome, (states.get(outcome) ?? 0) + 1);
    if (job.failure?.class === 'bug') console.log(job, serverLog());
    if (job.state !== 'Succeeded') continue;
    const log = await (await client.open(`/api/v1/jobs/${id}/log/download`)).text();
    expect(log.endsWith('\n')).toBe(true);
    for (const line of log.trimEnd().split('\n')) expect(line).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z ./);
    // A server that was killed between the end of the log and that of the job leaves an attempt that says so, too.
    const lastAttempt = log.split(/ Attempt \d+\n/).at(-1);
    expect(lastAttempt!.match(/\[Completed\]/g)).toHaveLength(1);
    const { repository } = parseReference(job.imageUrl!);
    const served = await registry.getManifest(repository, job.digest as never);
    await validateImage({
      manifestBytes: served!.bytes,
      mediaType: served!.mediaType,
      open: registry.getBlob.bind(registry, repository),
      baseLayers: 1,
    });
  }
  console.log(`${accepted.length} jobs accepted over ${kills} kills:`, Object.fromEntries(states));
  expect(new Set(accepted).size).toBe(accepted.length);
  expect(
    [...states.keys()].filter((state) => !/^(Succeeded|Cancelled superseded|Failed worker-lost)$/.test(state)),
  ).toEqual([]);
  expect(states.get('Succeeded') ?? 0).toBeGreaterThan(5);

  for (const { name } of (await client.call(images.listImages, { query: { pageSize: 100 } })).items) {
    const { items } = await client.call(images.listImageJobs, { params: { name }, query: { pageSize: 200 } });
    expect(items.map(({ number }) => number)).toEqual(items.map((_, i) => items.length - i));
  }
  server.kill('SIGTERM');
  await new Promise((end) => server.once('close', end));
}
