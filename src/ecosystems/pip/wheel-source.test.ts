import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildLockedWheel } from '../../../test/makers.ts';
import { makeWheel, startPackageIndex } from '../../../test/package-index.ts';
import { createHttpClient } from '../../http/create-http-client.ts';
import { createLayerAssembler } from '../../layers/create-layer-assembler.ts';
import type { LockedPython, LockedWheel } from '../../lock/lock.ts';
import { createRootfs } from '../../rootfs/create-rootfs.ts';
import { scanLayer } from '../../rootfs/scan-layer.ts';
import { createThreadPool } from '../../threads/thread-pool.ts';
import { createWheelSource } from './wheel-source.ts';
import { openWheelStore } from './wheel-store.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'source-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const library = '/usr/local/lib/python3.11/site-packages';
const python: LockedPython = {
  executable: '/usr/local/bin/python3',
  version: '3.11.2',
  scheme: {
    purelib: library,
    platlib: library,
    scripts: '/usr/local/bin',
    headers: '/usr/local/include/python3.11',
    data: '/usr/local',
  },
};

const http = createHttpClient({ env: {} });
const sourceOf = (wheel: Partial<LockedWheel> = {}, target: LockedPython = python) =>
  createWheelSource(buildLockedWheel(wheel), target, openWheelStore({ wheelDir: join(directory, 'wheels'), http }));

describe('createWheelSource', () => {
  it('gives a layer that holds what the wheel installs', async () => {
    const bytes = makeWheel({ name: 'demo', files: { 'demo.py': 'x' }, scripts: { demo: 'demo:main' } });
    const filename = 'demo-1.0-py3-none-any.whl';
    await using index = await startPackageIndex([{ filename, bytes }]);
    await using threads = createThreadPool(1);
    const assembler = createLayerAssembler({ cacheDir: directory, threads });
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const source = sourceOf({ url: index.fileUrl(filename), sha256, sizeBytes: bytes.length, requestedBy: ['demo'] });
    const request = { sources: [source], rootfs: createRootfs([]), signal: new AbortController().signal };
    const layer = await assembler.assemble({ ...request, compression: 'zstd' });
    const { entries } = await scanLayer(layer.open(), 'zstd', { diffId: layer.diffId });
    const files = [...entries]
      .filter(([, { type }]) => type === 'file')
      .map(([path, { mode }]) => `${mode.toString(8)} ${path}`);
    const distInfo = `${library}/demo-1.0.dist-info`;
    expect(files.sort()).toEqual([
      ...['INSTALLER', 'METADATA', 'RECORD', 'REQUESTED', 'WHEEL', 'entry_points.txt'].map(
        (name) => `644 ${distInfo}/${name}`,
      ),
      `644 ${library}/demo.py`,
      '755 /usr/local/bin/demo',
    ]);
    await assembler.assemble({ ...request, compression: 'gzip' });
    expect(index.requests).toHaveLength(1);
  });

  it('has a key that tells apart all that changes the layer, and nothing else', () => {
    const { key } = sourceOf();
    const others = [
      sourceOf({ sha256: '1'.repeat(64) }),
      sourceOf({ requestedBy: ['demo'] }),
      sourceOf({ directUrl: 'https://example.com/demo.whl' }),
      sourceOf({}, { ...python, executable: '/usr/bin/python3' }),
      sourceOf({}, { ...python, version: '3.12.0' }),
      sourceOf({}, { ...python, scheme: { ...python.scheme, data: '/opt' } }),
    ];
    expect(new Set([key, ...others.map((each) => each.key)]).size).toBe(others.length + 1);
    const same = [
      sourceOf({ url: 'https://mirror.example.com/demo.whl' }),
      sourceOf({ requiredBy: ['other'] }),
      sourceOf({}, { ...python, version: '3.11.9' }),
    ];
    expect(same.map((each) => each.key)).toEqual([key, key, key]);
  });
});
