import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BuildBed, startBuildBed } from '../../test/build-bed.ts';
import { makeWheel, wheelFilename } from '../../test/package-index.ts';
import type { InstalledEcosystem } from '../ecosystems/ecosystem.ts';
import { createPipSupport } from '../ecosystems/pip/pip-support.ts';
import { createHttpClient } from '../http/create-http-client.ts';
import { createLayerAssembler } from '../layers/create-layer-assembler.ts';
import type { LockedDeb } from '../lock/lock.ts';
import { createLockCache } from '../lock/lock-cache.ts';
import { defaultPlatform } from '../oci/platform.ts';
import { planLayers } from '../plan/plan-layers.ts';
import type { RootfsEntry } from '../rootfs/entry.ts';
import { createThreadPool } from '../threads/thread-pool.ts';
import { openBlobLocations } from './blob-locations.ts';
import type { BuildEvent } from './build-event.ts';
import { layDownLayers } from './lay-down-layers.ts';
import { openBase } from './open-base.ts';
import { createTally } from './tally.ts';

const recipe = { name: 'lib' };
const site = '/usr/local/lib/python3.11/dist-packages';
const deb: LockedDeb = {
  ecosystem: 'apt',
  name: 'tool',
  version: '1.0',
  architecture: 'all',
  url: 'https://deb.example.com/tool.deb',
  sha256: '0'.repeat(64),
  sizeBytes: 1,
  requestedBy: ['tool'],
  requiredBy: [],
};

let bed: BuildBed;
beforeAll(async () => {
  bed = await startBuildBed([{ filename: wheelFilename(recipe), bytes: makeWheel(recipe) }]);
}, 60_000);
afterAll(() => bed[Symbol.asyncDispose]());

/** Lays a wheel down on what an installer leaves, which ends only when the wheel's layer has been made. */
async function layDown(cache: string, left: ReadonlyMap<string, RootfsEntry>) {
  const { lock: pipLock } = await bed.build({ pip: 'lib', cache: `${cache}-lock` });
  const lock = { ...pipLock, packages: [deb, ...pipLock.packages] };
  const cacheDir = join(bed.directory, cache);
  const { client } = bed;
  const { signal } = new AbortController();
  const http = createHttpClient();
  await using threads = createThreadPool(1);
  const assembler = createLayerAssembler({ cacheDir, threads });
  const isMade = Promise.withResolvers<void>();
  const installer: InstalledEcosystem = {
    resolver: { ecosystem: 'apt' } as InstalledEcosystem['resolver'],
    async install({ rootfs, compression }) {
      await isMade.promise;
      const layer = await assembler.assembleRemovals({ paths: ['/etc/motd'], rootfs, compression });
      const index = { entries: new Map(left), contents: new Map(), whiteouts: ['/etc/motd'], opaques: [] };
      return { layer, index: async () => index };
    },
  };
  using pip = createPipSupport({ cacheDir, env: { UV_INDEX_URL: bed.index.url }, http });
  const tools = {
    client,
    assembler,
    threads,
    cacheDir,
    ecosystems: [installer, pip],
    lockCache: createLockCache(cacheDir),
    locations: await openBlobLocations(cacheDir),
  };
  const events: BuildEvent[] = [];
  const onEvent = (event: BuildEvent) => {
    events.push(event);
    if (event.type === 'layer' && event.layer === 1 && event.state === 'assembled') isMade.resolve();
  };
  const spec = { base: `${bed.registry}/base:1` };
  const base = await openBase({ spec, platform: defaultPlatform, signal, onEvent() {} }, tools);
  const plans = planLayers({ packages: lock.packages, removals: [], baseLayers: 1 });
  const layers = await layDownLayers(plans, {
    lock,
    base: base.image,
    rootfs: await base.rootfs(),
    repository: base.image.reference.repository,
    compression: 'none',
    noCache: false,
    tools,
    tally: createTally(onEvent),
    signal,
    onEvent,
  });
  const chunks: Uint8Array[] = [];
  for await (const chunk of layers[1]!.layer.open()) chunks.push(chunk);
  const states = events.flatMap((event) => (event.type === 'layer' && event.layer === 1 ? [event.state] : []));
  return { states, tar: Buffer.concat(chunks).toString('latin1') };
}

describe('layDownLayers', () => {
  it('lays wheels down while packages are installed below them', async () => {
    const { states, tar } = await layDown('early', new Map());
    expect(states).toEqual(['assembling', 'assembled', 'pushed']);
    expect(tar).toContain(`${site.slice(1)}/lib/__init__.py`);
  });

  it('lays them down again where what is installed changes the directories on their way', async () => {
    const changed: RootfsEntry = { type: 'directory', mode: 0o2775, uid: 0, gid: 50 };
    const { states, tar } = await layDown('again', new Map([['/usr/local/lib', changed]]));
    expect(states).toEqual(['assembling', 'assembled', 'assembling', 'assembled', 'pushed']);
    expect(tar.slice(tar.indexOf('usr/local/lib/\0')).slice(100, 124)).toBe('0002775\x000000000\x000000062\x00');
  });
});
