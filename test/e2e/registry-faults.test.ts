import { type ChildProcess, type ForkOptions, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { algorithmOf, type Digest, digestOf } from '../../src/oci/digest.ts';
import { type Manifest, parseManifestOrIndex } from '../../src/oci/manifest.ts';
import { mediaTypes } from '../../src/oci/media-types.ts';
import { blobPath, openDiskBlobStore } from '../../src/registry/blobs/disk-blob-store.ts';
import { oldRegistry } from '../../src/registry/server/old-registry.fixture.ts';
import type { Database } from '../../src/store/database.ts';
import { openDatabase } from '../../src/store/open-database.ts';
import { freePort } from '../free-port.ts';
import { type Postgres, startPostgres } from '../postgres.ts';

/*
 * The registry is killed (SIGKILL) over and over, at random moments, while images are pushed, mounted and deleted and garbage is collected.
 * After each kill, what is on disk and in the database is looked at as it was left: no manifest may be there without its own bytes or
 * without a blob that it names, all by their digests; and what was promised is there. Leases are shorter than a push takes, so a push can
 * fail because its blobs were collected. It may fail; it may not break an image.
 */

/** Two registries are killed side by side, as a start is mostly waiting. */
const lanes = 2;
const kills = { postgres: 100, embedded: 4 };
const program = resolve(import.meta.dirname, '../registry-process.ts');
const repositories = ['a', 'b', 'c/d'];
const contents = Array.from({ length: 24 }, (_, i) => Buffer.from(`${i} `.repeat(1000 + 700 * i)));
const random = (below: number) => Math.floor(Math.random() * below);
const one = <T>(items: readonly T[]): T => items[random(items.length)]!;

let directory: string;
let postgres: Postgres;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'registry-faults-'));
  postgres = await startPostgres();
  // Only a process that ends by itself keeps what it compiled, which the others then start with.
  const databaseUrl = await postgres.createDatabase('first');
  const first = await start([join(directory, 'first'), String(await freePort()), databaseUrl]);
  first.disconnect();
  await once(first, 'exit');
});
afterAll(async () => {
  await postgres[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

describe('a registry that is killed', () => {
  it(`breaks no image in ${lanes * kills.postgres} kills`, async () => {
    const lane = async (number: number) => {
      const databaseUrl = await postgres.createDatabase(`faults${number}`);
      await using database = await openDatabase({ databaseUrl, dataDir: directory });
      const dataDir = join(directory, `on-postgres-${number}`);
      const look: Faults['look'] = (seeIn) => seeIn(database);
      await killOften({ kills: kills.postgres, withinMs: 400, dataDir, databaseUrl, look });
    };
    await Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)));
  });

  it(`breaks no image in ${kills.embedded} kills with the embedded database`, async () => {
    const dataDir = join(directory, 'embedded');
    const look: Faults['look'] = async (seeIn) => {
      await using database = await openDatabase({ dataDir });
      await seeIn(database);
    };
    await killOften({ kills: kills.embedded, withinMs: 1000, dataDir, look });
  });
});

describe('what an older version kept in files', () => {
  it('is taken over whole, however often that is interrupted', async () => {
    const dataDir = join(directory, 'taken-over');
    const root = join(dataDir, 'registry');
    const old = oldRegistry(root, await openDiskBlobStore(root));
    const images = 150;
    for (let i = 0; i < images; i++) await old.image(one(repositories), `${i}`, { tags: [`r${i}`, `also-${i}`] });
    const databaseUrl = await postgres.createDatabase('taken_over');
    const words = [dataDir, String(await freePort()), databaseUrl];

    let interrupted = 0;
    for (let isDone = false; !isDone; ) {
      await rm(join(root, 'repositories.taken-over'), { recursive: true, force: true });
      isDone = await killAmidTakeOver(words, root);
      if ((await readdir(root)).includes('repositories')) interrupted++;
    }
    console.log(`taken over after ${interrupted} interruptions in the middle`);
    expect(interrupted).toBeGreaterThan(0);
    await using database = await openDatabase({ databaseUrl, dataDir: directory });
    await createChecker(root)(database, { tags: new Map() });
    const [counted] = await database.query(
      `select (select count(*)::int from registry_manifests) as manifests, (select count(*)::int from registry_tags) as tags`,
    );
    expect(counted).toEqual({ manifests: images, tags: 2 * images });
  });
});

/** Kills a process at a random moment after it has begun to set files aside. True when it was ready before. */
async function killAmidTakeOver(words: readonly string[], root: string): Promise<boolean> {
  const child = fork(program, words, forkOptions());
  let isReady = false;
  child.once('message', () => (isReady = true));
  const ended = once(child, 'exit');
  while (!isReady && !(await readdir(root)).includes('repositories.taken-over')) await sleep(5);
  await sleep(Math.random() * 150);
  child.kill('SIGKILL');
  await ended;
  return isReady;
}

interface Faults {
  readonly kills: number;
  /** The longest that a registry lives, most often from its first push on. */
  readonly withinMs: number;
  readonly dataDir: string;
  readonly databaseUrl?: string;
  /** Shows the database while no registry runs. */
  readonly look: (seeIn: (database: Database) => Promise<void>) => Promise<void>;
}

async function killOften({ kills, withinMs, dataDir, databaseUrl, look }: Faults): Promise<void> {
  const port = await freePort();
  const promises: Promises = {
    tags: new Map(),
    counts: { pushed: 0, collected: 0, deleted: 0, mounted: 0, resumed: 0 },
  };
  const client = createClient(`http://127.0.0.1:${port}/v2`, promises);
  const isWhole = createChecker(join(dataDir, 'registry'));
  let resumable: Awaited<ReturnType<typeof client.beginUpload>> | undefined;
  for (let kill = 0; kill < kills; kill++) {
    const server = await start([dataDir, String(port), ...(databaseUrl === undefined ? [] : [databaseUrl])]);
    if (resumable !== undefined) await client.resumeUpload(resumable);
    resumable = kill % 5 === 0 ? await client.beginUpload() : undefined;
    let isOver = false;
    const workers = Array.from({ length: 4 }, async (_, worker) => {
      while (!isOver) await client.act(`w${worker}`).catch(ignoreBroken);
    });
    // A slow machine would otherwise be killed before it has pushed anything, and show nothing.
    const { pushed } = promises.counts;
    const tooLong = Date.now() + 10_000;
    while (kill % 4 !== 0 && promises.counts.pushed === pushed && Date.now() < tooLong) await sleep(5);
    await sleep(Math.random() * withinMs);
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    isOver = true;
    await Promise.all([ended, ...workers]);
    await look((database) => isWhole(database, promises));
  }
  console.log(`${kills} kills:`, promises.counts);
  expect(promises.counts.pushed).toBeGreaterThan(kills / 2);
  expect(promises.counts.resumed).toBeGreaterThan(0);
}

async function start(words: readonly string[]): Promise<ChildProcess> {
  const child = fork(program, words, forkOptions());
  const [outcome] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
  expect(outcome).toBe('ready');
  return child;
}

function forkOptions(): ForkOptions {
  const env = { ...process.env, NODE_COMPILE_CACHE: join(directory, 'compiled') };
  return { env, execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] };
}

/** The server went away in the middle, as it should. */
function ignoreBroken(error: unknown): void {
  if (!(error instanceof TypeError)) throw error;
}

interface Promises {
  /** By repository and tag, what the last answered push named so; a name that anybody tried to delete since is not there. */
  readonly tags: Map<string, Digest>;
  readonly counts: Record<'pushed' | 'collected' | 'deleted' | 'mounted' | 'resumed', number>;
}

function createClient(base: string, { tags, counts }: Promises) {
  const ask = async (method: string, path: string, init: RequestInit = {}) => {
    const response = await fetch(path.startsWith('/v2') ? new URL(path, base) : `${base}/${path}`, { ...init, method });
    const body = Buffer.from(await response.arrayBuffer());
    if (response.status >= 500) throw new Error(`${method} ${path}: ${response.status} ${String(body)}`);
    return { status: response.status, headers: response.headers, body };
  };

  /** One of the ways in which clients bring a blob. */
  async function bring(repository: string, bytes: Buffer): Promise<void> {
    const digest = digestOf(bytes);
    const way = random(5);
    if (way === 0 && (await ask('HEAD', `${repository}/blobs/${digest}`)).status === 200) return;
    if (way === 1) {
      const from = random(2) === 0 ? '' : `&from=${one(repositories)}`;
      const mount = await ask('POST', `${repository}/blobs/uploads/?mount=${digest}${from}`);
      if (mount.status === 201) counts.mounted++;
      if (mount.status === 201) return;
    }
    if (way === 2) {
      expect((await ask('POST', `${repository}/blobs/uploads/?digest=${digest}`, { body: bytes })).status).toBe(201);
      return;
    }
    const location = (await ask('POST', `${repository}/blobs/uploads/`)).headers.get('location')!;
    const half = random(bytes.length);
    await ask('PATCH', location, { body: bytes.subarray(0, half) });
    const put = await ask('PUT', `${location}?digest=${digest}`, { body: bytes.subarray(half) });
    expect(put.status, String(put.body)).toBe(201);
  }

  async function push(worker: string): Promise<void> {
    const repository = one(repositories);
    const parts = [one(contents), one(contents), one(contents)];
    await Promise.all(parts.map((part) => bring(repository, part)));
    const [config, ...layers] = parts.map((part) => ({ digest: digestOf(part), size: part.length }));
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: { mediaType: mediaTypes.ociConfig, ...config },
      layers: layers.map((layer) => ({ mediaType: mediaTypes.ociLayer, ...layer })),
    });
    const name = `${worker}-${random(3)}`;
    // While the push is under way the tag may be the old one or the new one.
    tags.delete(`${repository}:${name}`);
    const headers = { 'Content-Type': mediaTypes.ociManifest };
    const put = await ask('PUT', `${repository}/manifests/${name}`, { body: manifest, headers });
    if (put.status === 400) {
      expect(String(put.body)).toContain('MANIFEST_BLOB_UNKNOWN');
      counts.collected++;
      return;
    }
    expect(put.status, String(put.body)).toBe(201);
    counts.pushed++;
    tags.set(`${repository}:${name}`, digestOf(manifest));
  }

  async function remove(): Promise<void> {
    const [name, digest] = one([...tags]) ?? [];
    if (name === undefined) return;
    const [repository, tag] = name.split(':') as [string, string];
    const isOfTag = random(2) === 0;
    // A manifest takes all its tags along.
    for (const [other, target] of tags) {
      const isGone = isOfTag ? other === name : other.startsWith(`${repository}:`) && target === digest;
      if (isGone) tags.delete(other);
    }
    const { status } = await ask('DELETE', `${repository}/manifests/${isOfTag ? tag : digest}`);
    if (status === 202) counts.deleted++;
    await ask('DELETE', `${repository}/blobs/${digestOf(one(contents))}`);
  }

  return {
    act: (worker: string) => (random(4) === 0 ? remove() : push(worker)),
    /** The first half of a blob, that the other half follows after the kill. */
    async beginUpload() {
      const location = (await ask('POST', 'a/blobs/uploads/')).headers.get('location')!;
      const bytes = Buffer.from(`resumed ${Math.random()} `.repeat(1000));
      await ask('PATCH', location, { body: bytes.subarray(0, 5000) });
      return { location, bytes };
    },
    async resumeUpload({ location, bytes }: { readonly location: string; readonly bytes: Buffer }) {
      const state = await ask('GET', location);
      expect([state.status, state.headers.get('range')]).toEqual([204, '0-4999']);
      const rest = bytes.subarray(5000);
      const headers = { 'Content-Range': `5000-${bytes.length - 1}` };
      expect((await ask('PATCH', location, { body: rest, headers })).status).toBe(202);
      expect((await ask('PUT', `${location}?digest=${digestOf(bytes)}`)).status).toBe(201);
      counts.resumed++;
    },
  };
}

/** Looks at everything as it lies there. */
function createChecker(root: string) {
  const readBlob = async (digest: Digest, why: string) => {
    const bytes = await readFile(blobPath(root, digest)).catch(() => expect.fail(`${digest} is missing: ${why}`));
    expect(digestOf(bytes, algorithmOf(digest)), why).toBe(digest);
    return bytes;
  };
  return async (database: Database, { tags }: Pick<Promises, 'tags'>) => {
    // Nothing changes meanwhile, and many manifests name the same blobs.
    const seen = new Map<Digest, Buffer>();
    const read = async (digest: Digest, why: string) => {
      const bytes = seen.get(digest) ?? (await readBlob(digest, why));
      seen.set(digest, bytes);
      return bytes;
    };
    const rows = await database.query<{ repository: string; digest: Digest }>(
      'select repository, digest from registry_manifests',
    );
    const links = await database.query<{ repository: string; digest: Digest }>(
      'select repository, digest from registry_blobs',
    );
    const linked = new Set(links.map(({ repository, digest }) => `${repository} ${digest}`));
    for (const { repository, digest } of rows) {
      const manifest = parseManifestOrIndex(await read(digest, 'it is a manifest'), mediaTypes.ociManifest) as Manifest;
      for (const part of [manifest.config, ...manifest.layers]) {
        expect(linked).toContain(`${repository} ${part.digest}`);
        expect(await read(part.digest, `${digest} names it`)).toHaveLength(part.size);
      }
    }
    const named = await database.query<{ name: string; digest: Digest }>(
      "select repository || ':' || tag as name, digest from registry_tags",
    );
    const found = new Map(named.map(({ name, digest }) => [name, digest]));
    for (const [name, digest] of tags) expect(found.get(name), `${name} was promised`).toBe(digest);
  };
}
